package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/05-apigw-lambda/app"
)

type memberItem struct {
	key
	Name       string `dynamodbav:"name"`
	Connection string `dynamodbav:"connection"`
	Secret     string `dynamodbav:"secret,omitempty"`
	Next       uint64 `dynamodbav:"next,omitempty"`
	Last       uint64 `dynamodbav:"last,omitempty"`
	Joining    string `dynamodbav:"joining,omitempty"`
	Asked      int64  `dynamodbav:"asked,omitempty"` // milliseconds
	Expires    int64  `dynamodbav:"expires"`
	Version    uint64 `dynamodbav:"version"`
	Room       string `dynamodbav:"room"` // puts it into the index
}

func (i memberItem) ends() int64 { return i.Expires }

func memberKey(room, name string) key { return key{"R#" + room, "N#" + name} }

func (i memberItem) member() app.Member {
	return app.Member{
		Room: i.Room, Key: i.SK[len("N#"):], Name: i.Name, Connection: i.Connection, Secret: i.Secret,
		Next: i.Next, Last: i.Last, Joining: i.Joining, Asked: moment(i.Asked), Expires: time.Unix(i.Expires, 0), Version: i.Version,
	}
}

// Member reads a member.
func (s *Store) Member(ctx context.Context, room, name string) (app.Member, error) {
	i, found, err := get[memberItem](ctx, s, memberKey(room, name))
	if err != nil || !found {
		return app.Member{Room: room, Key: name}, err
	}
	return i.member(), nil
}

// Members reads all of a room.
func (s *Store) Members(ctx context.Context, room string) ([]app.Member, error) {
	items, err := query[memberItem](ctx, s, "R#"+room, "N#", "N#\U0010FFFF", false, 0)
	if err != nil {
		return nil, err
	}
	members := make([]app.Member, len(items))
	for n, i := range items {
		members[n] = i.member()
	}
	return members, nil
}

// PutMember replaces a member.
func (s *Store) PutMember(ctx context.Context, m app.Member) (app.Member, error) {
	is := version(m.Version)
	m.Version = newVersion()
	return m, s.put(ctx, memberItem{
		memberKey(m.Room, m.Key), m.Name, m.Connection, m.Secret, m.Next, m.Last, m.Joining, milliseconds(m.Asked), seconds(m.Expires), m.Version, m.Room,
	}, is)
}

// DeleteMember deletes a member if it is still this connection.
func (s *Store) DeleteMember(ctx context.Context, m app.Member) (bool, error) {
	err := s.delete(ctx, memberKey(m.Room, m.Key), condition{
		"#connection = :connection AND #expires > :now",
		map[string]types.AttributeValue{":connection": text(m.Connection), ":now": number(seconds(time.Now()))},
	})
	if errors.Is(err, app.ErrConflict) {
		return false, nil
	}
	return err == nil, err
}

type seatItem struct {
	key
	Name    string `dynamodbav:"name"`
	Secret  string `dynamodbav:"secret,omitempty"`
	Asked   int64  `dynamodbav:"asked,omitempty"` // milliseconds
	Lost    string `dynamodbav:"lost,omitempty"`  // a cursor
	Expires int64  `dynamodbav:"expires"`
}

func (i seatItem) ends() int64 { return i.Expires }

func seatKey(connection, room string) key { return key{"S#" + connection, room} }

func (i seatItem) seat() (app.Seat, error) {
	s := app.Seat{Connection: i.PK[len("S#"):], Room: i.SK, Name: i.Name, Secret: i.Secret, Asked: moment(i.Asked), Expires: time.Unix(i.Expires, 0)}
	if i.Lost == "" {
		return s, nil
	}
	var err error
	s.Lost, err = chat.ParseCursor(i.Lost)
	return s, err
}

// Seat reads a seat.
func (s *Store) Seat(ctx context.Context, connection, room string) (app.Seat, error) {
	i, found, err := get[seatItem](ctx, s, seatKey(connection, room))
	if err != nil || !found {
		return app.Seat{Connection: connection, Room: room}, err
	}
	return i.seat()
}

// Seats reads all of a connection.
func (s *Store) Seats(ctx context.Context, connection string) ([]app.Seat, error) {
	items, err := query[seatItem](ctx, s, "S#"+connection, " ", "\U0010FFFF", false, 0)
	if err != nil {
		return nil, err
	}
	seats := make([]app.Seat, len(items))
	for n, i := range items {
		if seats[n], err = i.seat(); err != nil {
			return nil, err
		}
	}
	return seats, nil
}

// PutSeat stores a seat.
func (s *Store) PutSeat(ctx context.Context, seat app.Seat) error {
	i := seatItem{seatKey(seat.Connection, seat.Room), seat.Name, seat.Secret, milliseconds(seat.Asked), "", seconds(seat.Expires)}
	if !seat.Lost.IsZero() {
		i.Lost = seat.Lost.String()
	}
	return s.put(ctx, i, condition{})
}

// DeleteSeat deletes a seat.
func (s *Store) DeleteSeat(ctx context.Context, seat app.Seat) error {
	return s.delete(ctx, seatKey(seat.Connection, seat.Room), condition{})
}

package dynamo

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/05-apigw-lambda/app"
)

type messageItem struct {
	key
	ID      string `dynamodbav:"id"`
	From    string `dynamodbav:"from"`
	Text    string `dynamodbav:"text"`
	At      int64  `dynamodbav:"at"` // milliseconds
	Expires int64  `dynamodbav:"expires"`
}

func (i messageItem) ends() int64 { return i.Expires }

func messageKey(room string, c chat.Cursor) key { return key{"R#" + room, "M#" + c.String()} }

// AddMessage stores a message.
func (s *Store) AddMessage(ctx context.Context, m app.Message) error {
	i := messageItem{messageKey(m.Room, m.Cursor), m.ID, m.From, m.Text, m.At.UnixMilli(), seconds(m.Expires)}
	return s.put(ctx, i, condition{expression: "attribute_not_exists(pk)"})
}

// After reads what comes after a cursor.
func (s *Store) After(ctx context.Context, room string, c chat.Cursor, limit int) ([]app.Message, error) {
	if c.Seq == math.MaxUint64 {
		return nil, nil
	}
	return s.between(ctx, room, chat.Cursor{Epoch: c.Epoch, Seq: c.Seq + 1}, chat.Cursor{Epoch: c.Epoch, Seq: math.MaxUint64}, false, limit)
}

// Before reads what comes before a cursor.
func (s *Store) Before(ctx context.Context, room string, c chat.Cursor, limit int) ([]app.Message, error) {
	if c.Seq == 0 {
		return nil, nil
	}
	m, err := s.between(ctx, room, chat.Cursor{Epoch: c.Epoch}, chat.Cursor{Epoch: c.Epoch, Seq: c.Seq - 1}, true, limit)
	slices.Reverse(m)
	return m, err
}

func (s *Store) between(ctx context.Context, room string, from, to chat.Cursor, backwards bool, limit int) ([]app.Message, error) {
	items, err := query[messageItem](ctx, s, "R#"+room, "M#"+from.String(), "M#"+to.String(), backwards, limit)
	if err != nil {
		return nil, err
	}
	messages := make([]app.Message, len(items))
	for n, i := range items {
		c, err := chat.ParseCursor(i.SK[len("M#"):])
		if err != nil {
			return nil, err
		}
		messages[n] = app.Message{
			Room: room, Cursor: c, ID: i.ID, From: i.From, Text: i.Text,
			At: time.UnixMilli(i.At).UTC(), Expires: time.Unix(i.Expires, 0),
		}
	}
	return messages, nil
}

type claimItem struct {
	key
	Base    string `dynamodbav:"base"`
	Digest  string `dynamodbav:"digest"`
	Epoch   uint64 `dynamodbav:"epoch"`
	Expires int64  `dynamodbav:"expires"`
}

func (i claimItem) ends() int64 { return i.Expires }

// Claim stores a claim, or finds the one there is.
//
// Claims have partitions of their own, so that a busy room's has less to do.
// An id has no space and a room no newline in it, so no two keys are alike.
func (s *Store) Claim(ctx context.Context, c app.Claim) (app.Claim, error) {
	k := key{"C#" + c.ID, c.Room + "\n" + c.From}
	for {
		err := s.put(ctx, claimItem{k, c.Base.String(), c.Digest, c.Base.Epoch, seconds(c.Expires)}, condition{
			"attribute_not_exists(pk) OR #expires <= :now OR #epoch <> :epoch",
			map[string]types.AttributeValue{
				":now":   number(seconds(time.Now())),
				":epoch": &types.AttributeValueMemberN{Value: strconv.FormatUint(c.Base.Epoch, 10)},
			},
		})
		if !errors.Is(err, app.ErrConflict) {
			return c, err
		}
		old, found, err := get[claimItem](ctx, s, k)
		if err != nil {
			return c, err
		}
		if !found || old.Epoch != c.Base.Epoch {
			continue // it has ended since
		}
		c.Digest, c.Expires = old.Digest, time.Unix(old.Expires, 0)
		c.Base, err = chat.ParseCursor(old.Base)
		return c, err
	}
}

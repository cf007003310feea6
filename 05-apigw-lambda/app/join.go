package app

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"math"
	"time"

	"websocket.example/04-chat-hub/chat"
)

// join brings a connection into a room, or back into it.
//
// The order of its steps makes it exact. First the name is taken, and with it
// the member's mark is set: from then on each function that delivers knows
// how far this member has been told. Then the end of the history is read.
// What is stored later is delivered to the member by those who store it; all
// between its cursor and that end is told here, and the mark removed.
func (a *App) join(ctx context.Context, c Client, r chat.Request) error {
	if c.Name != "" {
		r.Name = c.Name
	}
	if err := a.reserved(r.Name); err != nil {
		return err
	}
	return a.enter(ctx, c, r.Room, r.Name, digest(r.Key), r.Since)
}

// enter is a join, or the app's own when a member was lost by mistake.
func (a *App) enter(ctx context.Context, c Client, name, nick, secret string, since chat.Cursor) error {
	seat := Seat{Connection: c.Connection, Room: name, Name: nick, Secret: secret, Asked: c.Asked, Expires: c.expires()}
	var room Room
	var seats []Seat
	err := together(ctx,
		read(&room, func(ctx context.Context) (Room, error) { return a.open(ctx, name) }),
		read(&seats, func(ctx context.Context) ([]Seat, error) { return a.store.Seats(ctx, c.Connection) }))
	if err != nil {
		return err
	}
	if late, err := a.makeWay(ctx, seat, seats); err != nil || late {
		return err
	}
	m := Member{
		Room: name, Key: chat.NameKey(nick), Name: nick, Connection: c.Connection, Secret: secret, Asked: c.Asked, Expires: seat.Expires,
	}
	if !since.IsZero() && since.Epoch == room.Epoch && since.Seq < math.MaxUint64 {
		m.Next, m.Joining = since.Seq+1, rand.Text()
	}
	old, err := a.claim(ctx, &m)
	if err != nil {
		return err
	}
	var members []Member
	var newest []Message
	end := room.at(math.MaxUint64)
	err = together(ctx,
		func(ctx context.Context) error { return a.store.PutSeat(ctx, seat) },
		func(ctx context.Context) error { return a.vacate(ctx, old, c.Connection) },
		read(&room, func(ctx context.Context) (Room, error) { return a.store.Room(ctx, name) }),
		read(&members, func(ctx context.Context) ([]Member, error) { return a.store.Members(ctx, name) }),
		read(&newest, func(ctx context.Context) ([]Message, error) { return a.store.Before(ctx, name, end, 1) }))
	if err != nil {
		return err // what there is stays, and if the client asks again it is its own
	}
	room.known(newest)
	if err = a.welcome(ctx, room, m, members, since); errors.Is(err, ErrGone) {
		if since.Epoch != room.Epoch {
			since = room.at(0)
		}
		return a.bury(ctx, m, since)
	} else if err != nil {
		return err // it may have been told all the same
	}
	if old.none() {
		a.broadcast(ctx, members, c.Connection, chat.Came(name, nick))
	}
	a.refresh(ctx, room)
	if err := a.heal(ctx, room); err != nil { // it is in the room all the same
		a.o.Log.Error("a join could not heal", "room", name, "error", err)
	}
	return nil
}

// makeWay looks at the other seats of the connection. It may have another
// name in the room, or have asked for the room again after this: API Gateway
// may run a later request first.
func (a *App) makeWay(ctx context.Context, seat Seat, all []Seat) (late bool, err error) {
	others := 0
	for _, s := range all {
		switch {
		case s.Room != seat.Room:
			others++
		case s.Asked.After(seat.Asked):
			return true, nil
		case chat.NameKey(s.Name) != chat.NameKey(seat.Name):
			if err := a.depart(ctx, s); err != nil {
				return false, err
			}
		}
	}
	if others >= a.o.Rooms {
		return false, &chat.Error{Code: chat.BadRequest, Message: fmt.Sprintf("a connection is in %d rooms at most: leave one first", a.o.Rooms)}
	}
	return false, nil
}

// expires is when a connection can't be there any more.
func (c Client) expires() time.Time {
	if c.Since.IsZero() {
		return time.Now().Add(Membership)
	}
	return c.Since.Add(Membership)
}

// open is a room, made if there is none. A room that nobody has joined for as
// long as messages are kept begins anew, with cursors of a new epoch.
func (a *App) open(ctx context.Context, name string) (Room, error) {
	for {
		r, err := a.store.Room(ctx, name)
		if err != nil || r.Version > 0 {
			return r, err
		}
		now := time.Now()
		r.Epoch = uint64(now.UnixNano())
		r.Expires = now.Add(Retention)
		if r, err := a.store.PutRoom(ctx, r); !errors.Is(err, ErrConflict) {
			return r, err
		}
	}
}

// claim takes the name in the room, from an older connection too if that is
// the same client's. It returns whose it was.
func (a *App) claim(ctx context.Context, m *Member) (old Member, err error) {
	for probed := false; ; {
		if old, err = a.store.Member(ctx, m.Room, m.Key); err != nil {
			return old, err
		}
		if !old.none() && old.Connection != m.Connection && !m.succeeds(old) {
			if probed {
				return old, &chat.Error{Code: chat.NameTaken, Message: "somebody in the room has this name: choose another one"}
			}
			probed = true
			if err := a.probe(ctx, old); err != nil {
				return old, err
			}
			continue
		}
		m.Version = old.Version
		if put, err := a.store.PutMember(ctx, *m); !errors.Is(err, ErrConflict) {
			*m = put
			return old, err
		}
	}
}

// succeeds says whether a member is the same client as another, by a later
// connection.
func (m Member) succeeds(old Member) bool {
	return old.Secret != "" && subtle.ConstantTimeCompare([]byte(old.Secret), []byte(m.Secret)) == 1 && !m.Asked.Before(old.Asked)
}

// probe finds out whether a member is still there, by telling it who is. One
// whose end nobody told would keep its name for two hours.
func (a *App) probe(ctx context.Context, m Member) error {
	members, err := a.store.Members(ctx, m.Room)
	if err != nil {
		return err
	}
	short, cancel := a.patience(ctx)
	defer cancel()
	if err := a.post(short, m.Connection, chat.MembersOf(m.Room, names(members)).Encode()); errors.Is(err, ErrGone) {
		_, err = a.found(ctx, m)
		return err
	}
	return nil // or nobody knows
}

// vacate takes the seat of the connection that had the name before.
func (a *App) vacate(ctx context.Context, old Member, connection string) error {
	if old.none() || old.Connection == connection {
		return nil
	}
	return a.store.DeleteSeat(ctx, Seat{Connection: old.Connection, Room: old.Room})
}

// welcome tells a member that it has joined, and what it has missed.
func (a *App) welcome(ctx context.Context, r Room, m Member, members []Member, since chat.Cursor) error {
	if m.Next != 0 {
		return a.resume(ctx, r, m, members, true)
	}
	ctx, cancel := a.patience(ctx)
	defer cancel()
	e := chat.Joined(r.Name, m.Name, names(members), r.at(r.Head))
	if !since.IsZero() { // of another history, or of none
		e = chat.Rejoined(r.Name, m.Name, names(members), r.at(r.Head), false)
	}
	return a.post(ctx, m.Connection, e.Encode())
}

// resume tells a marked member all that it lacks, up to the end of the
// history as it was at some moment after the member was stored. That is what
// makes it the end of the join as well.
func (a *App) resume(ctx context.Context, r Room, m Member, members []Member, greet bool) error {
	missed, kept, err := a.missed(ctx, r, m.Next, r.Head)
	if err != nil {
		return err
	}
	short, cancel := a.patience(ctx)
	defer cancel()
	if greet || !kept {
		e := chat.Rejoined(r.Name, m.Name, names(members), r.at(r.Head), kept)
		if err := a.post(short, m.Connection, e.Encode()); err != nil {
			return err
		}
	}
	next, err := a.tellStored(short, m, m.Next, missed)
	if errors.Is(err, ErrGone) {
		return err
	}
	if !kept {
		next = r.Head + 1
	}
	return a.settle(ctx, m, told{m.Next, next, r.Head, m.Joining})
}

// refresh keeps a room that people join, though nobody may say anything.
//
// It expires before the messages that are stored later than this, and knows
// the number of the last one until now: so no number is ever used again.
func (a *App) refresh(ctx context.Context, r Room) {
	now := time.Now()
	if r.Expires.Sub(now) > Retention-time.Hour {
		return
	}
	r.Expires = now.Add(Retention)
	if _, err := a.store.PutRoom(ctx, r); err != nil && !errors.Is(err, ErrConflict) {
		a.o.Log.Warn("a room was not refreshed", "room", r.Name, "error", err)
	}
}

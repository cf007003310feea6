package app

import (
	"context"
	"errors"
	"time"

	"websocket.example/04-chat-hub/chat"
)

// send stores a message, acknowledges it, and has everybody told.
//
// Round trips to the store: seat and room at once; the claim; the message;
// the turn and the members at once; and, after the posts, the end of the turn.
func (a *App) send(ctx context.Context, c Client, r chat.Request) error {
	var seat Seat
	var room Room
	err := together(ctx,
		read(&seat, func(ctx context.Context) (Seat, error) { return a.store.Seat(ctx, c.Connection, r.Room) }),
		read(&room, func(ctx context.Context) (Room, error) { return a.store.Room(ctx, r.Room) }))
	if room.Epoch == 0 {
		seat = Seat{} // of a room that is no more
	}
	if err := seated(seat, err); err != nil {
		return err
	}
	m, err := a.append(ctx, room, seat.Name, r.ID, r.Text)
	if err != nil {
		return err
	}
	ack := chat.Ack(r.Room, m.ID, m.Cursor).Encode()
	return a.deliver(ctx, room, m, func() error { return a.tellFrame(ctx, c.Connection, ack) })
}

// append stores a message at the end of the room, once for all that send it
// again.
//
// The room's numbers are taken by the messages themselves, with a write that
// fails if the number has a message: there is no counter that could be ahead
// of them, so no gap, and whoever reads message 5 finds 4.
//
// Two functions that have the same message to store both try every number
// after the claim's base, and look at the message they find in their way. So
// the later one meets the message of the first, and the room has it once.
func (a *App) append(ctx context.Context, r Room, from, id, text string) (Message, error) {
	now := time.Now()
	mine := Claim{r.Name, chat.NameKey(from), id, r.at(r.Head), digest(text), now.Add(Retention)}
	claim, err := a.store.Claim(ctx, mine)
	if err != nil {
		return Message{}, err
	}
	if claim.Digest != mine.Digest {
		return Message{}, &chat.Error{Code: chat.BadRequest, Message: "another message of yours has this id", ID: id}
	}
	m := Message{r.Name, claim.Base, id, from, text, now.Truncate(time.Millisecond), now.Add(Retention + 24*time.Hour)}
	for try := 0; ; try++ {
		m.Cursor.Seq++
		if err := a.store.AddMessage(ctx, m); !errors.Is(err, ErrConflict) {
			return m, err
		}
		m.Cursor.Seq--
		if found, err := a.find(ctx, &m, claim.From); err != nil || found {
			return m, err
		}
		if err := a.giveWay(ctx, try); err != nil {
			return m, err
		}
	}
}

// find moves a message's cursor to the end of the room, or to where the
// message is stored already.
func (a *App) find(ctx context.Context, m *Message, from string) (bool, error) {
	for {
		there, err := a.store.After(ctx, m.Room, m.Cursor, page)
		if err != nil {
			return false, err
		}
		for _, old := range there {
			if old.ID == m.ID && chat.NameKey(old.From) == from {
				*m = old
				return true, nil
			}
			m.Cursor = old.Cursor
		}
		if len(there) < page {
			return false, nil
		}
	}
}

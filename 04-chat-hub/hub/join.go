package hub

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gorilla/websocket"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
)

// A member is a connection in a room. The room's mutex guards owner, the
// connection's all that is about what it has read.
type member struct {
	conn   *conn
	room   *room
	name   string
	key    string // of the name, see chat.NameKey
	claim  uint64 // its number
	secret string // the client's, perhaps empty

	place   place
	skips   []span // of the feed, not meant for it
	replays bool   // it is told first what it has missed
	typed   int64  // when it was last told, in nanoseconds since 1970
}

// CloseReplaced is the close code for a connection whose place in a room
// another one of the same client has taken.
const CloseReplaced = 4001

// join brings a connection into a room.
//
// The order of its steps is what makes it exact. The name comes first. Then,
// in one moment, the member gets its place in the feed, the list of who is
// there, and the cursor up to which the room has told its messages. What came
// between the client's cursor and this one is read from the history; all that
// comes after is in the feed, behind the member's place.
func (c *conn) join(ctx context.Context, r chat.Request) error {
	if c.name != "" {
		r.Name = c.name
	}
	if old := c.member(r.Room); old != nil { // again, such as with another name
		c.mu.Lock()
		c.drop(old)
		c.mu.Unlock()
		old.room.leave(old)
	}
	c.mu.Lock()
	full := len(c.members) >= c.hub.o.Rooms
	c.mu.Unlock()
	if full {
		return &chat.Error{Code: chat.BadRequest, Message: fmt.Sprintf("a connection is in %d rooms at most: leave one first", c.hub.o.Rooms)}
	}
	rm, err := c.hub.enter(ctx, r.Room)
	if err != nil {
		return err
	}
	m := &member{conn: c, room: rm, name: r.Name, key: chat.NameKey(r.Name), secret: r.Key, replays: true}
	if err := rm.claim(ctx, m); err != nil {
		c.hub.exit(rm)
		return err
	}
	at, there, err := rm.seat(ctx, m, r.Since)
	if err == nil {
		err = m.replay(ctx, r, at, there)
	}
	if err != nil {
		c.mu.Lock()
		c.drop(m)
		c.mu.Unlock()
		rm.leave(m)
	}
	return err
}

// replay tells the member that it is there and what it has missed, and lets
// it hear the feed.
func (m *member) replay(ctx context.Context, r chat.Request, at log.Head, there present) error {
	c := m.conn
	if r.Since.IsZero() {
		c.tell(there.in(chat.Joined(r.Room, m.name, there.names, at.Cursor)))
		m.listen()
		return nil
	}
	told := false
	say := func(recovered bool) {
		c.tell(there.in(chat.Rejoined(r.Room, m.name, there.names, at.Cursor, recovered)))
		told = true
	}
	err := log.Between(ctx, c.hub.o.Store, r.Room, r.Since, at, func(missed *log.Message) {
		if !told {
			say(true)
		}
		c.tell(said(missed))
	})
	switch {
	case r.Since.Epoch == at.Cursor.Epoch && r.Since.Seq > at.Cursor.Seq:
		// Nothing is lost: it has seen more on another hub than this one
		// knows. Which of them it finds next time is its luck.
		c.close(websocket.CloseTryAgainLater, "this hub is behind the others")
	case errors.Is(err, log.ErrTooOld), errors.Is(err, log.ErrOtherEpoch), r.Since.Epoch != at.Cursor.Epoch:
		c.hub.m.resumed("lost")
		say(false)
	case err != nil:
		return err
	default:
		c.hub.m.resumed("recovered")
		if !told {
			say(true)
		}
	}
	// A long replay may have taken so long that the feed is far ahead.
	for from := at.Cursor; m.lags(); from = at.Cursor {
		at, there = m.room.move(m)
		err := log.Between(ctx, c.hub.o.Store, r.Room, from, at, func(missed *log.Message) { c.tell(said(missed)) })
		if errors.Is(err, log.ErrTooOld) || errors.Is(err, log.ErrOtherEpoch) {
			say(false)
		} else if err != nil {
			return err
		}
		c.tell(there.in(chat.MembersOf(r.Room, there.names))) // who came and went meanwhile
	}
	m.listen()
	return nil
}

// lags says whether the member would soon be evicted if it listened now.
func (m *member) lags() bool {
	m.conn.mu.Lock()
	defer m.conn.mu.Unlock()
	return m.room.feed.end.Load()-m.place.offset() > uint64(m.conn.hub.o.Behind)/2
}

// listen has the member told what the room's feed says.
func (m *member) listen() {
	m.conn.mu.Lock()
	m.replays = false
	m.conn.mu.Unlock()
	m.conn.flush(nil)
}

// claim takes the name in the room, or takes it over from an older
// connection of the same client.
func (r *room) claim(ctx context.Context, m *member) error {
	for attempt := range 2 {
		err := r.hub.o.Store.Claim(ctx, r.name, m.name)
		if err == nil || !errors.Is(err, log.ErrTaken) {
			return err
		}
		r.mu.Lock()
		old := r.local[m.key]
		mine := old != nil && old.secret != "" && old.secret == m.secret
		if mine {
			r.local[m.key] = m // the claim stays
			r.unseat(old)
		}
		r.mu.Unlock()
		if mine {
			old.conn.close(CloseReplaced, "another connection of yours is in the room")
			return nil
		}
		if old != nil || attempt > 0 {
			break
		}
		// Somebody on this hub may have left between the two looks: again.
	}
	return &chat.Error{Code: chat.NameTaken, Message: "somebody in the room has this name: choose another one"}
}

// typing tells the others, at most once a second.
func (m *member) typing() error {
	now := time.Now().UnixNano()
	if now-m.typed < int64(time.Second) {
		return nil
	}
	m.typed = now
	err := m.room.hub.o.Store.Typing(m.room.name, m.name)
	if err != nil && !errors.Is(err, log.ErrClosed) {
		m.room.hub.o.Log.Debug("typing was not told", "error", err) // it matters to nobody a second later
	}
	return nil
}

// lostName is what becomes of a member whose name went to another hub.
func (m *member) lostName() {
	m.conn.tell(chat.Failed(&chat.Error{Code: chat.NameTaken, Message: "this hub was out of reach, and somebody took your name: choose another one"}))
	m.conn.close(websocket.CloseTryAgainLater, "your name was taken")
}

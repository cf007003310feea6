package bots

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"websocket.example/04-chat-hub/chat"
)

func (b *bot) hear(l *link, message []byte) error {
	if bytes.HasPrefix(message, presence) { // most of what comes while a room fills
		return nil
	}
	now := time.Now()
	e, err := b.ledger.recent.parse(message)
	if err != nil {
		b.ledger.strange("%s got what is no JSON: %.60q", b.name, message)
		return nil //nolint:nilerr // it is noted
	}
	switch e.Type {
	case chat.TypeMessage:
		if b.member == nil {
			b.ledger.strange("%s got a message before it had joined", b.name)
			return nil
		}
		b.member.See(e.ID, e.From, e.Text, e.Cursor, now)
		b.freshen()
	case chat.TypeAck:
		if b.member == nil {
			b.ledger.strange("%s got an ack before it had joined", b.name)
			return nil
		}
		b.member.Ack(e.ID, e.Cursor, now)
		b.acknowledged(e.ID)
	case chat.TypeJoined:
		b.joined(l, e)
	case chat.TypeError:
		return b.refused(l, e)
	}
	return nil
}

// joined may send: first again what was not acknowledged.
func (b *bot) joined(l *link, e *event) {
	switch {
	case b.member == nil:
		b.member = b.ledger.Join(b.name, e.Cursor)
		b.fleet.joined.Add(1)
	default:
		b.fleet.reconnects.Add(1)
		if e.Recovered == nil || !*e.Recovered {
			b.fleet.unrecovered.Add(1)
			b.member.Skip(e.Cursor)
		}
	}
	b.head = e.Cursor
	b.mu.Lock()
	var again, old []*send
	for _, s := range b.flight {
		if time.Since(s.first) < window {
			again = append(again, s)
		} else {
			old = append(old, s)
		}
	}
	b.queue, b.flight, b.stale = append(again, b.queue...), old, len(old) > 0
	l.joined = true
	b.kick()
	b.mu.Unlock()
	b.freshen()
}

// freshen decides about messages that were sent so long ago that the hub may
// have forgotten their ids, and would store them twice. Once all was seen that
// was missed, the bot knows which of them are stored. The others go first, and
// all later ones have waited for them.
func (b *bot) freshen() {
	if !b.stale || b.member.Last() < b.head {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	old := slices.DeleteFunc(b.flight, func(s *send) bool { return b.member.Stored(s.id) })
	b.queue, b.flight, b.stale = append(old, b.queue...), nil, false
	b.kick()
}

func (b *bot) acknowledged(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	is := func(s *send) bool {
		if s.id == id && b.fleet.Acked != nil {
			b.fleet.Acked(time.Since(s.first))
		}
		return s.id == id
	}
	b.flight = slices.DeleteFunc(b.flight, is)
	b.queue = slices.DeleteFunc(b.queue, is) // after a drop it may wait there again
}

// refused tries again, as a person would.
func (b *bot) refused(l *link, e *event) error {
	switch {
	case e.ID != "":
		b.mu.Lock()
		defer b.mu.Unlock()
		i := slices.IndexFunc(b.flight, func(s *send) bool { return s.id == e.ID })
		if i < 0 {
			return nil
		}
		s := b.flight[i]
		b.flight = slices.Delete(b.flight, i, i+1)
		b.member.Refuse(e.ID)
		b.fleet.tell("a message was refused: %s: %s", e.Code, e.Message)
		b.fleet.later(time.Second, func() { b.send(s) })
	case e.Code == chat.NameTaken:
		b.fleet.taken.Add(1)
		frame := b.joining()
		b.fleet.later(takenAgain, func() { _ = l.write(frame) }) // if it fails, the reader notices
	case e.Code == chat.RateLimited, e.Code == chat.Internal:
		b.fleet.tell("a join was refused: %s: %s", e.Code, e.Message)
		return errors.New(e.Message)
	default:
		b.ledger.strange("%s was answered %s: %s", b.name, e.Code, e.Message)
	}
	return nil
}

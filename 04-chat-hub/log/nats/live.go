package nats

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"

	"websocket.example/04-chat-hub/log"
)

// Live is one subscription for all kinds of events of the room. Its
// goroutine is the client library's. Whoever is too slow for it loses events.
func (t *Store) Live(room string, fn func(log.Event)) (stop func(), err error) {
	sub, err := t.nc.Subscribe(liveSubject(room, "*"), func(m *nats.Msg) {
		if e := t.event(room, m); e != nil {
			fn(e)
		}
	})
	if err != nil {
		return nil, t.closedError(err)
	}
	// The servers know of it before anybody reads the history: what is not
	// in the one is in the other.
	if err := t.nc.FlushTimeout(try); err != nil {
		_ = sub.Unsubscribe()
		return nil, t.closedError(err)
	}
	return func() { _ = sub.Unsubscribe() }, nil
}

func (t *Store) event(room string, m *nats.Msg) log.Event {
	switch kind := m.Subject[strings.LastIndexByte(m.Subject, '.')+1:]; kind {
	case kindTyping:
		return log.Typing{Name: string(m.Data)}
	case kindPresence:
		var p log.Presence
		if json.Unmarshal(m.Data, &p) == nil {
			return p
		}
	default:
		if epoch, err := strconv.ParseUint(kind, 36, 64); err == nil {
			if e, err := message(room, epoch, m); err == nil {
				return e
			}
		}
	}
	return nil // not ours
}

// Typing is told and forgotten.
func (t *Store) Typing(room, name string) error {
	return t.closedError(t.nc.Publish(liveSubject(room, kindTyping), []byte(name)))
}

func (t *Store) tell(room string, p log.Presence) {
	if data, err := json.Marshal(p); err == nil {
		_ = t.nc.Publish(liveSubject(room, kindPresence), data) // or a Follower's check finds it
	}
}

// closedError tells the end of the store from that of a connection, after
// which there is another one: the library has one error for both.
func (t *Store) closedError(err error) error {
	if errors.Is(err, nats.ErrConnectionClosed) && t.nc.IsClosed() {
		return log.ErrClosed
	}
	return err
}

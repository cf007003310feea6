package hub

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
)

// The bounds of a connection's queues. Who sends more waits: its next message
// is not read from the socket.
const (
	maxInbox = 32
	maxSends = 64
)

// storing is how long a message may wait for the store, such as for a cluster
// that elects a leader. It is only told that it failed when that is certain
// not to help any more.
const storing = time.Minute

// maxRefused is how many messages in a row may be over the rate.
const maxRefused = 100

// A session is what a connection has while there is work to do: its queues,
// and up to two goroutines.
type session struct {
	ctx    context.Context // ends with the connection
	cancel context.CancelFunc
	inbox  [][]byte // what was asked for
	works  bool
	sends  []post // what is to be stored
	stores bool
}

// take hands a message to the goroutine that works, and starts it if there is
// none. JSON needs a deep stack, and a reader that has had one keeps it.
func (c *conn) take(data []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.session != nil && len(c.session.inbox) >= maxInbox && !c.dead {
		c.changed.wait(&c.mu)
	}
	if c.dead {
		return false
	}
	if c.session == nil {
		ctx, cancel := context.WithCancel(c.hub.ctx)
		c.session = &session{ctx: ctx, cancel: cancel}
	}
	s := c.session
	s.inbox = append(s.inbox, data)
	if !s.works {
		s.works = true
		go c.work(s)
	}
	return true
}

// work answers one request after the other. Only what is sent is stored
// beside it, in an order of its own: while a cluster elects a leader, people
// type and come and go.
func (c *conn) work(s *session) {
	c.mu.Lock()
	for len(s.inbox) > 0 && !c.dead {
		data := s.inbox[0]
		s.inbox = s.inbox[1:]
		c.changed.wake()
		c.mu.Unlock()
		c.answer(s.ctx, data)
		c.mu.Lock()
	}
	s.works = false
	c.rest(s)
}

// rest ends the session if nobody works. It is called with the mutex held,
// and lets go of it.
func (c *conn) rest(s *session) {
	if !s.works && !s.stores {
		s.cancel()
		c.session = nil
	}
	c.changed.wake()
	c.mu.Unlock()
}

func (c *conn) answer(ctx context.Context, data []byte) {
	r, err := chat.Decode(data)
	c.hub.m.request(r.Action, err)
	if err == nil && !c.allowed() {
		err = &chat.Error{Code: chat.RateLimited, Message: "too many messages: wait a little and send it again", ID: r.ID}
		if c.refused++; c.refused > maxRefused {
			c.close(websocket.ClosePolicyViolation, "too many messages")
			return
		}
	} else {
		c.refused = 0
	}
	if err == nil {
		err = c.obey(ctx, r)
	}
	if err != nil && ctx.Err() == nil {
		c.fail(r, err)
	}
}

// allowed says whether the connection and its address are within their rates.
func (c *conn) allowed() bool {
	o := &c.hub.o
	if c.limit == nil && o.Rate > 0 {
		c.limit = rate.NewLimiter(o.Rate, o.Burst)
	}
	return (c.limit == nil || c.limit.Allow()) && c.hub.addresses.allow(c.from)
}

func (c *conn) obey(ctx context.Context, r chat.Request) error {
	switch r.Action {
	case chat.Ping:
		c.tell(chat.Pong())
		return nil
	case chat.Join:
		return c.join(ctx, r)
	}
	m := c.member(r.Room)
	if m == nil {
		return &chat.Error{Code: chat.NotInRoom, Message: "join the room first", ID: r.ID}
	}
	switch r.Action {
	case chat.Leave:
		c.leave(m)
	case chat.Send:
		c.send(m, r)
	case chat.Typing:
		return m.typing()
	case chat.Who:
		there := m.room.there()
		c.tell(there.in(chat.MembersOf(r.Room, there.names)))
	case chat.History:
		return c.history(ctx, m, r.Before)
	}
	return nil
}

// fail tells what went wrong: a client's fault as it is, ours without details.
func (c *conn) fail(r chat.Request, err error) {
	told, ok := errors.AsType[*chat.Error](err)
	if !ok {
		c.hub.o.Log.Error("a request failed", "action", r.Action, "error", err)
		told = &chat.Error{Code: chat.Internal, Message: "the chat could not do that: try again later", ID: r.ID}
	}
	c.tell(chat.Failed(told))
}

func (c *conn) tell(e chat.Event) {
	c.push(appendFrame(nil, websocket.TextMessage, e.Encode()))
}

func (c *conn) member(room string) *member {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.members {
		if m.room.name == room {
			return m
		}
	}
	return nil
}

// A post is a message on its way into the store.
type post struct {
	member *member
	log.Post
}

// send queues a message for the store.
func (c *conn) send(m *member, r chat.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.session
	for len(s.sends) >= maxSends && !c.dead {
		c.changed.wait(&c.mu)
	}
	s.sends = append(s.sends, post{m, log.Post{Room: r.Room, From: m.name, ID: r.ID, Text: r.Text}})
	if !s.stores {
		s.stores = true
		go c.store(s)
	}
}

// store stores one message after the other, for their order is the sender's.
func (c *conn) store(s *session) {
	c.mu.Lock()
	for len(s.sends) > 0 && !c.dead {
		p := s.sends[0].Post
		c.mu.Unlock()
		c.append(s.ctx, p)
		c.mu.Lock()
		s.sends = s.sends[1:] // only now: leave waits for it
		c.changed.wake()
	}
	s.stores = false
	c.rest(s)
}

func (c *conn) append(ctx context.Context, p log.Post) {
	began := time.Now()
	ctx1, cancel := context.WithTimeout(ctx, storing)
	receipt, err := c.hub.o.Store.Append(ctx1, p)
	cancel()
	switch {
	case err == nil:
		c.hub.m.stored(began)
		c.tell(chat.Ack(p.Room, p.ID, receipt.Cursor))
	case ctx.Err() != nil: // it has gone, and will send it again
	case errors.Is(err, log.ErrIDReused):
		c.tell(chat.Failed(&chat.Error{Code: chat.BadRequest, Message: "another message of yours has this id", ID: p.ID}))
	default:
		c.fail(chat.Request{Action: chat.Send, ID: p.ID}, err)
	}
}

// leave takes the connection out of a room, when what it sent is stored.
func (c *conn) leave(m *member) {
	c.mu.Lock()
	mine := func(p post) bool { return p.member == m }
	for slices.ContainsFunc(c.session.sends, mine) && !c.dead {
		c.changed.wait(&c.mu)
	}
	if c.drop(m) { // what the room has told it is still told
		for b := m.news(); b != nil && len(c.own) < maxOwn; b = m.news() {
			c.own = append(c.own, b...)
		}
	}
	c.mu.Unlock()
	m.room.leave(m)
	m.room.gone(c.hub.ctx, m)
	c.tell(chat.Left(m.room.name))
}

// drop forgets a member, and says whether it was still there. It is called
// with the mutex held.
func (c *conn) drop(m *member) bool {
	i := slices.Index(c.members, m)
	if i < 0 {
		return false
	}
	c.members = slices.Delete(c.members, i, i+1)
	return true
}

// pageSize is how many messages a history has at most.
const pageSize = 50

// history reads what is older than a message, or the newest.
func (c *conn) history(ctx context.Context, m *member, before chat.Cursor) error {
	upTo := m.room.head()
	if !before.IsZero() {
		if before.Epoch != upTo.Cursor.Epoch {
			c.tell(chat.Earlier(m.room.name, nil, false))
			return nil
		}
		if before.Seq <= upTo.Cursor.Seq {
			upTo = log.Head{Cursor: chat.Cursor{Epoch: before.Epoch, Seq: max(before.Seq, 1) - 1}, Empty: true}
		}
	}
	messages, err := log.Latest(ctx, c.hub.o.Store, m.room.name, upTo, pageSize+1)
	if errors.Is(err, log.ErrOtherEpoch) {
		messages, err = nil, nil // it was lost just now; the room is told
	}
	if err != nil {
		return err
	}
	more := len(messages) > pageSize
	if more {
		messages = messages[1:]
	}
	var events []chat.Event
	for _, m := range messages {
		events = append(events, said(m))
	}
	c.tell(chat.Earlier(m.room.name, events, more))
	return nil
}

func said(m *log.Message) chat.Event {
	return chat.Said(m.Room, m.Cursor, m.ID, m.From, m.Text, m.At)
}

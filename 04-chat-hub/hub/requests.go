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

// take hands a message to the goroutine that works, and starts it if there is
// none. JSON needs a deep stack, and a reader that has had one keeps it.
func (c *conn) take(data []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.inbox) >= maxInbox && !c.dead {
		c.changed.Wait()
	}
	if c.dead {
		return false
	}
	c.inbox = append(c.inbox, data)
	if !c.works {
		c.works = true
		go c.work(c.begin())
	}
	return true
}

// begin and done stand around what works for a connection. Both are called
// with the mutex held; done lets go of it. Whoever comes last clears up.
func (c *conn) begin() context.Context {
	if c.busy++; c.ctx == nil {
		c.ctx, c.cancel = context.WithCancel(c.hub.ctx)
	}
	return c.ctx
}

func (c *conn) done() {
	c.busy--
	if c.busy <= 1 && c.ctx != nil { // only the reader is left
		c.cancel()
		c.ctx, c.cancel = nil, nil
	}
	last := c.busy == 0
	c.changed.Broadcast()
	c.mu.Unlock()
	if last {
		c.clearUp()
	}
}

// work answers one request after the other. Only what is sent is stored
// beside it, in an order of its own: while a cluster elects a leader, people
// type and come and go.
func (c *conn) work(ctx context.Context) {
	c.mu.Lock()
	for len(c.inbox) > 0 && !c.dead {
		data := c.inbox[0]
		c.inbox = c.inbox[1:]
		c.changed.Broadcast()
		c.mu.Unlock()
		c.answer(ctx, data)
		c.mu.Lock()
	}
	c.inbox, c.works = nil, false
	c.done()
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
	return (c.limit == nil || c.limit.Allow()) && c.hub.addresses.allow(c.addr)
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
	for len(c.sends) >= maxSends && !c.dead {
		c.changed.Wait()
	}
	if c.dead {
		return
	}
	c.sends = append(c.sends, post{m, log.Post{Room: r.Room, From: m.name, ID: r.ID, Text: r.Text}})
	if !c.stores {
		c.stores = true
		go c.store(c.begin())
	}
}

// store stores one message after the other, for their order is the sender's.
func (c *conn) store(ctx context.Context) {
	c.mu.Lock()
	for len(c.sends) > 0 && !c.dead {
		p := c.sends[0].Post
		c.mu.Unlock()
		c.append(ctx, p)
		c.mu.Lock()
		c.sends = c.sends[1:] // only now: leave waits for it
		c.changed.Broadcast()
	}
	c.sends, c.stores = nil, false
	c.done()
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
	for slices.ContainsFunc(c.sends, mine) && !c.dead {
		c.changed.Wait()
	}
	c.drop(m)
	c.mu.Unlock()
	m.room.leave(m)
	m.room.gone(c.hub.ctx, m)
	c.tell(chat.Left(m.room.name))
}

// drop forgets a member. What the room has told it is still told. It is
// called with the mutex held.
func (c *conn) drop(m *member) {
	i := slices.Index(c.members, m)
	if i < 0 {
		return
	}
	c.members = slices.Delete(c.members, i, i+1)
	for b := m.news(); b != nil && !m.replays && len(c.own) < maxOwn; b = m.news() {
		c.own = append(c.own, b...)
	}
}

// pageSize is how many messages a history has at most.
const pageSize = 50

// history reads what is older than a message, or the newest.
func (c *conn) history(ctx context.Context, m *member, before chat.Cursor) error {
	upTo := m.room.cursor()
	if !before.IsZero() {
		if before.Epoch != upTo.Epoch {
			c.tell(chat.Earlier(m.room.name, nil, false))
			return nil
		}
		upTo = chat.Cursor{Epoch: before.Epoch, Seq: max(before.Seq, 1) - 1}
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

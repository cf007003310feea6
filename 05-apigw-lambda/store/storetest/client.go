package storetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"websocket.example/04-chat-hub/chat"
)

// A client does what the page's client.js does, as far as it matters here: it
// drops a message whose cursor is not later than the last one it has seen,
// sends again what is not acknowledged, pings, joins with since and key.
type client struct {
	gateway *Gateway
	name    string
	room    string
	pace    Pace

	mu     sync.Mutex
	id     string // of the connection, empty if there is none
	here   bool
	asked  time.Time // when it last asked to join
	cursor string    // the last it has seen
	base   string    // where the room was when it first joined
	got    []chat.Event
	queue  map[string]*post // not acknowledged yet, by id
	acked  map[string]string
	sent   int
	pinged time.Time
	lost   int // joins after which messages were missing
}

type post struct {
	text string
	at   time.Time
}

// Pace is how quick clients are.
type Pace struct {
	Tick, Ping, Resend time.Duration
	Ticks              int // how long people talk
	Talk, Drop         int // of a thousand ticks
}

func newClient(g *Gateway, room, name string, pace Pace) *client {
	return &client{gateway: g, name: name, room: room, pace: pace, queue: map[string]*post{}, acked: map[string]string{}}
}

func (c *client) ask(fields map[string]string) {
	body, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	c.gateway.message(c.id, string(body))
}

// tick does what is due. It talks and drops its connection only if told to.
func (c *client) tick(talk bool) {
	c.mu.Lock()
	now := time.Now()
	var leave string
	if talk && c.id != "" && rand.IntN(1000) < c.pace.Drop {
		leave, c.id, c.here = c.id, "", false
	}
	switch {
	case leave != "":
	case c.id == "":
		c.mu.Unlock()
		id := c.gateway.connect(c)
		c.mu.Lock()
		c.id, c.pinged = id, now
		c.join(now)
	case !c.here && now.Sub(c.asked) > c.pace.Resend:
		c.join(now)
	}
	if talk && rand.IntN(1000) < c.pace.Talk {
		c.sent++
		id := fmt.Sprintf("%s-%d", c.name, c.sent)
		c.queue[id] = &post{text: "the text of " + id}
	}
	if c.here {
		for id, p := range c.queue {
			if now.Sub(p.at) > c.pace.Resend {
				p.at = now
				c.ask(map[string]string{"action": "send", "room": c.room, "id": id, "text": p.text})
			}
		}
	}
	if talk && c.here && rand.IntN(1000) < c.pace.Talk {
		c.ask(map[string]string{"action": "typing", "room": c.room})
	}
	if c.id != "" && now.Sub(c.pinged) > c.pace.Ping {
		c.pinged = now
		c.ask(map[string]string{"action": "ping"})
	}
	c.mu.Unlock()
	if leave != "" {
		c.gateway.disconnect(leave)
	}
}

func (c *client) join(now time.Time) {
	c.asked = now
	r := map[string]string{"action": "join", "room": c.room, "name": c.name, "key": "key-of-" + c.name}
	if c.cursor != "" {
		r["since"] = c.cursor
	}
	c.ask(r)
}

// receive takes a frame. The connection may be one it has given up.
func (c *client) receive(id string, frame []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var e chat.Event
	if err := json.Unmarshal(frame, &e); err != nil || id != c.id {
		return
	}
	switch e.Type {
	case chat.TypeJoined:
		c.here = true
		again := c.cursor != ""
		missing := again && e.Recovered != nil && !*e.Recovered
		if missing {
			c.lost++
		}
		if !again || missing {
			c.cursor = e.Cursor.String()
		}
		if c.base == "" || missing {
			c.base = e.Cursor.String()
		}
	case chat.TypeMessage:
		if at := e.Cursor.String(); at > c.cursor {
			c.cursor = at
			c.got = append(c.got, e)
			if e.From == c.name {
				c.settle(e)
			}
		}
	case chat.TypeAck:
		c.settle(e)
	case chat.TypeError:
		if e.Code == chat.NotInRoom {
			c.here = false
		}
		if p := c.queue[e.ID]; p != nil {
			p.at = time.Now().Add(-c.pace.Resend / 2)
		}
	}
}

func (c *client) settle(e chat.Event) {
	if _, waiting := c.queue[e.ID]; waiting {
		delete(c.queue, e.ID)
		c.acked[e.ID] = e.Cursor.String()
	}
}

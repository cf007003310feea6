package storetest

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"testing"
	"time"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/05-apigw-lambda/app"
)

// Chaos has people talk in a room while everything fails, and then demands
// that each of them has every message once, in order.
func Chaos(t *testing.T, s app.Store, people int, pace Pace, f Faults, o app.Options) {
	t.Helper()
	o.Log = slog.New(slog.DiscardHandler)
	g := &Gateway{store: s, options: o, timeout: 3 * o.Turn, faults: f, conns: map[string]*client{}}
	const room = "go"
	var clients []*client
	for i := range people {
		clients = append(clients, newClient(g, room, fmt.Sprintf("name-%d", i), pace))
	}
	tick := func(talk bool) {
		for _, c := range clients {
			c.tick(talk)
		}
		time.Sleep(pace.Tick)
	}
	for range pace.Ticks {
		tick(true)
	}
	// Now nothing fails any more, and nobody says anything new.
	g.mu.Lock()
	g.faults = Faults{Delay: min(f.Delay, pace.Tick/10)}
	g.mu.Unlock()
	calm := time.Now().Add(3*pace.Ping + 2*o.Turn + 2*f.Hang)
	for limit := time.Now().Add(20 * (pace.Ping + o.Turn)); time.Now().Before(calm) || waiting(clients) && time.Now().Before(limit); {
		tick(false)
	}
	g.busy.Wait()

	log := history(t, s, room)
	numbers := map[string]string{} // of the messages, by sender and id
	for i, m := range log {
		if m.Cursor.Seq != uint64(i)+1 {
			t.Fatalf("the room's message %d has the number %d", i+1, m.Cursor.Seq)
		}
		key := m.From + " " + m.ID
		if numbers[key] != "" {
			t.Errorf("%s is in the room twice", key)
		}
		numbers[key] = m.Cursor.String()
	}
	sent, lost := 0, 0
	for _, c := range clients {
		sent += c.sent
		lost += c.lost
		c.check(t, log, numbers)
	}
	if sent != len(log) {
		t.Errorf("%d messages were sent, and %d are in the room", sent, len(log))
	}
	t.Logf("%d people, %d messages, %d posts, %d joins lost messages", people, len(log), g.posts, lost)
}

func waiting(clients []*client) bool {
	for _, c := range clients {
		c.mu.Lock()
		busy := !c.here || len(c.queue) > 0
		c.mu.Unlock()
		if busy {
			return true
		}
	}
	return false
}

func history(t *testing.T, s app.Store, room string) (log []app.Message) {
	t.Helper()
	r, err := s.Room(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	log, err = s.After(context.Background(), room, chat.Cursor{Epoch: r.Epoch}, math.MaxInt32)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func (c *client) check(t *testing.T, log []app.Message, numbers map[string]string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.here {
		t.Errorf("%s could not come back", c.name)
	}
	for id := range c.queue {
		t.Errorf("%s was never told of %s", c.name, id)
	}
	for id, at := range c.acked {
		if numbers[c.name+" "+id] != at {
			t.Errorf("%s was told that %s is at %s, and it is at %q", c.name, id, at, numbers[c.name+" "+id])
		}
	}
	var wanted, got []string
	for _, m := range log {
		if at := m.Cursor.String(); at > c.base {
			wanted = append(wanted, at)
		}
	}
	for _, e := range c.got {
		if at := e.Cursor.String(); at > c.base {
			got = append(got, at)
		}
	}
	if !slices.Equal(got, wanted) {
		n := 0
		for n < len(got) && n < len(wanted) && got[n] == wanted[n] {
			n++
		}
		t.Errorf("%s joined at %s, has %d messages of %d, and after the first %d comes %v, wanted %v", c.name, c.base,
			len(got), len(wanted), n, got[n:min(n+1, len(got))], wanted[n:min(n+1, len(wanted))])
	}
}

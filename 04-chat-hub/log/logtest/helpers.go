package logtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
)

// Post is the i-th post of somebody.
func Post(room, from string, i int) log.Post {
	return log.Post{Room: room, From: from, ID: fmt.Sprint(i), Text: fmt.Sprintf("%s's text %d, \"olá\" & <b>", from, i)}
}

// Append stores it.
func Append(t *testing.T, s log.Log, room, from string, i int) log.Receipt {
	t.Helper()
	r, err := s.Append(t.Context(), Post(room, from, i))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func head(t *testing.T, s log.Log, room string) log.Head {
	t.Helper()
	h, err := s.Head(t.Context(), room)
	if err != nil {
		t.Error(err)
	}
	return h
}

// want says how the messages differ from Ana's posts from i to j.
func want(got []*log.Message, i, j int) error {
	if len(got) != j-i {
		return fmt.Errorf("%d messages, want %d", len(got), j-i)
	}
	for _, m := range got {
		if m.Post != Post(m.Room, "Ana", i) {
			return fmt.Errorf("got %+v at %d", m.Post, i)
		}
		i++
	}
	return nil
}

// Eventually tries for some seconds: replicas lag, leases run out.
func Eventually(t *testing.T, try func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if err = try(); err == nil {
			return
		}
	}
	t.Error(err)
}

func hear(t *testing.T, from <-chan log.Event) log.Event {
	t.Helper()
	select {
	case e := <-from:
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("nothing is heard")
		return nil
	}
}

// A Following collects what a Follower tells.
type Following struct {
	mu       sync.Mutex
	messages []*log.Message
	lost     []log.Lost
	presence []log.Presence
	seen     int // of presence, by next
}

// Follow runs a Follower until the test ends.
func Follow(t *testing.T, s log.Store, room string, from chat.Cursor) *Following {
	f := &Following{}
	ctx, cancel := context.WithCancel(context.Background())
	follower := log.Follower{Store: s, Room: room, From: from, Do: f.do, Check: 200 * time.Millisecond}
	done := make(chan error)
	go func() { done <- follower.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) && !errors.Is(err, log.ErrClosed) {
			t.Errorf("the follower of %s: %v", room, err)
		}
	})
	return f
}

func (f *Following) do(e log.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch e := e.(type) {
	case *log.Message:
		f.messages = append(f.messages, e)
	case log.Lost:
		f.lost = append(f.lost, e)
	case log.Presence:
		f.presence = append(f.presence, e)
	}
}

// Messages are all so far, and what the follower said that it has lost.
func (f *Following) Messages() (messages []*log.Message, lost []log.Lost) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.messages[:len(f.messages):len(f.messages)], f.lost
}

// Presence is who came and went so far.
func (f *Following) Presence() []log.Presence {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.presence[:len(f.presence):len(f.presence)]
}

// next waits for one more that comes or goes.
func (f *Following) next(t *testing.T, name string, gone bool) {
	t.Helper()
	Eventually(t, func() error {
		all := f.Presence()
		if len(all) <= f.seen {
			return fmt.Errorf("nothing is heard of %s", name)
		}
		if p := all[f.seen]; p.Name != name || p.Gone != gone {
			return fmt.Errorf("heard %+v, want %s, gone: %v", p, name, gone)
		}
		return nil
	})
	f.seen++
}

package log_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
	"websocket.example/04-chat-hub/log/memory"
)

// A villain is a store as bad as one may be: live events are lost, doubled
// and late, reads fail, and what is read is not the newest.
type villain struct {
	log.Store
	mu   sync.Mutex
	rand *rand.Rand
}

func (v *villain) intN(n int) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.rand.IntN(n)
}

func (v *villain) Live(room string, fn func(log.Event)) (func(), error) {
	if v.intN(3) == 0 {
		return nil, errors.New("no")
	}
	late := make(chan log.Event, 10_000)
	stop, err := v.Store.Live(room, func(e log.Event) { late <- e })
	if err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case e := <-late:
				switch v.intN(10) {
				case 0, 1: // lost
				case 2:
					fn(e)
					fn(e)
				case 3:
					time.Sleep(time.Second)
					fn(e)
				default:
					fn(e)
				}
			case <-ended:
				return
			}
		}
	}()
	return func() { stop(); close(ended) }, nil
}

func (v *villain) After(ctx context.Context, room string, since chat.Cursor, limit int) (log.Page, error) {
	if v.intN(3) == 0 {
		return log.Page{}, errors.New("no")
	}
	page, err := v.Store.After(ctx, room, since, min(limit, 7))
	if n := len(page.Messages); n > 0 && !page.More {
		page.Messages = page.Messages[:v.intN(n+1)] // a replica that lags
	}
	return page, err
}

func (v *villain) Head(ctx context.Context, room string) (log.Head, error) {
	if v.intN(3) == 0 {
		return log.Head{}, errors.New("no")
	}
	return v.Store.Head(ctx, room)
}

// run follows a room of s, and returns what was told when it is quiet.
func run(t *testing.T, s log.Store, from chat.Cursor, during func()) (messages []*log.Message, lost []log.Lost) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	f := log.Follower{Store: s, Room: "room", From: from, Buffer: 16, Do: func(e log.Event) {
		switch e := e.(type) {
		case *log.Message:
			messages = append(messages, e)
		case log.Lost:
			lost = append(lost, e)
		}
	}}
	done := make(chan error)
	go func() { done <- f.Run(ctx) }()
	during()
	time.Sleep(10 * time.Minute) // long enough for whatever it has to find out
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with: %v", err)
	}
	return messages, lost
}

func appendAll(t *testing.T, s log.Log, n int) {
	for i := range n {
		p := log.Post{Room: "room", From: "Ana", ID: fmt.Sprint(i), Text: "hi"}
		if _, err := s.Append(t.Context(), p); err != nil {
			t.Error(err)
		}
		if i%10 == 0 {
			time.Sleep(time.Second)
		}
	}
}

func TestFollowerAgainstVillain(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			server := memory.NewServer()
			plain := server.Open()
			bad := &villain{Store: server.Open(), rand: rand.New(rand.NewPCG(seed, 1))}
			head, _ := plain.Head(t.Context(), "room")
			got, lost := run(t, bad, head.Cursor, func() { appendAll(t, plain, 200) })
			if len(got) != 200 || len(lost) > 0 {
				t.Fatalf("seed %d: %d messages, %v", seed, len(got), lost)
			}
			for i, m := range got {
				if m.ID != fmt.Sprint(i) {
					t.Fatalf("seed %d: message %s at %d", seed, m.ID, i)
				}
			}
		})
	}
}

// The history is lost while it is followed: it says so, and goes on.
func TestFollowerOfLostHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := memory.NewServer()
		s := server.Open()
		head, _ := s.Head(t.Context(), "room")
		got, lost := run(t, s, head.Cursor, func() {
			appendAll(t, s, 5)
			synctest.Wait()
			server.Forget()
			appendAll(t, s, 3)
		})
		if len(got) != 8 || len(lost) != 1 || !errors.Is(lost[0].Reason, log.ErrOtherEpoch) {
			t.Errorf("%d messages, %v", len(got), lost)
		}
	})
}

// A follower that is too slow for a short history says what it has missed.
func TestFollowerTooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := memory.NewServer()
		server.MaxPerRoom = 10
		s := server.Open()
		head, _ := s.Head(t.Context(), "room")
		appendAll(t, s, 30)
		got, lost := run(t, s, head.Cursor, func() {})
		if len(got) != 10 || got[0].ID != "20" || len(lost) != 1 || !errors.Is(lost[0].Reason, log.ErrTooOld) {
			t.Errorf("%d messages, %v", len(got), lost)
		}
	})
}

// A check finds the last message of a room, which nobody announced.
func TestFollowerFindsSilentEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := memory.NewServer()
		head, _ := server.Open().Head(t.Context(), "room")
		got, _ := run(t, deaf{server.Open()}, head.Cursor, func() { appendAll(t, server.Open(), 3) })
		if len(got) != 3 {
			t.Errorf("%d messages", len(got))
		}
	})
}

type deaf struct{ log.Store }

func (deaf) Live(string, func(log.Event)) (func(), error) { return func() {}, nil }

// forgetful is a directory that can't be read for a while.
type forgetful struct {
	log.Store
	until time.Time
}

func (s forgetful) Members(ctx context.Context, room string) (log.Members, error) {
	if time.Now().Before(s.until) {
		return log.Members{}, errors.New("no")
	}
	return s.Store.Members(ctx, room)
}

// Whoever joins a room waits for who is there, and for no check.
func TestFollowerReady(t *testing.T) {
	for _, silent := range []time.Duration{0, 3 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := memory.NewServer().Open()
			head, _ := s.Head(t.Context(), "room")
			appendAll(t, s, 3)
			for _, name := range []string{"Ana", "Rui"} {
				if err := s.Claim(t.Context(), "room", name); err != nil {
					t.Fatal(err)
				}
			}
			began := time.Now()
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(10*time.Minute, cancel)
			told, ready := 0, []int{}
			f := log.Follower{
				Store: forgetful{s, began.Add(silent)}, Room: "room", From: head.Cursor,
				Do: func(log.Event) { told++ },
				Ready: func() {
					ready = append(ready, told)
					if d := time.Since(began) - silent; d > 200*time.Millisecond {
						t.Errorf("silent for %v, and ready %v later", silent, d)
					}
				},
			}
			if err := f.Run(ctx); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			if !slices.Equal(ready, []int{5}) {
				t.Errorf("silent for %v: ready after %v events, want 5, once", silent, ready)
			}
		})
	}
}

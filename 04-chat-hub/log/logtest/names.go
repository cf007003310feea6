package logtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"websocket.example/04-chat-hub/log"
)

func names(t *testing.T, a, b log.Store) {
	claim := func(s log.Store, room, name string, want error) {
		t.Helper()
		if err := s.Claim(t.Context(), room, name); !errors.Is(err, want) {
			t.Errorf("%s in %s: %v, want %v", name, room, err, want)
		}
	}
	claim(a, "names", "Ana", nil)
	claim(a, "names", "Ana", log.ErrTaken)
	claim(b, "names", "Ana", log.ErrTaken)
	claim(b, "names", "ANA", log.ErrTaken)
	claim(b, "names", "Rui", nil)
	claim(b, "other names", "Ana", nil)
	members(t, a, "names", "Ana", "Rui")
	members(t, b, "names", "Ana", "Rui")
	b.Release("names", "Ana") // it is not b's
	members(t, a, "names", "Ana", "Rui")
	a.Release("names", "Ana")
	members(t, a, "names", "Rui")
	Eventually(t, func() error { return b.Claim(t.Context(), "names", "Ana") })
	members(t, b, "names", "Ana", "Rui")
	for range 10 { // a reload of the page: it must not wait
		b.Release("names", "Ana")
		claim(b, "names", "ana", nil)
		b.Release("names", "ana")
		claim(b, "names", "Ana", nil)
	}
	members(t, a, "names", "Ana", "Rui")

	// Many want one name: one gets it.
	var won []error
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			err := []log.Store{a, b}[i%2].Claim(t.Context(), "names", "Eva")
			mu.Lock()
			defer mu.Unlock()
			if err == nil || !errors.Is(err, log.ErrTaken) {
				won = append(won, err)
			}
		})
	}
	all.Wait()
	if len(won) != 1 || won[0] != nil {
		t.Errorf("who got the name: %v", won)
	}
}

func presence(t *testing.T, a, b log.Store) {
	if err := a.Claim(t.Context(), "presence", "Ana"); err != nil {
		t.Fatal(err)
	}
	f := Follow(t, b, "presence", head(t, b, "presence").Cursor)
	f.next(t, "Ana", false)
	if err := a.Claim(t.Context(), "presence", "Rui"); err != nil {
		t.Fatal(err)
	}
	f.next(t, "Rui", false)
	a.Release("presence", "Ana")
	f.next(t, "Ana", true)
}

// comeAndGo: a name comes back at once to the hub that gave it up, or did not
// wait for it, and no cleaning up takes it away from its next holder.
func comeAndGo(t *testing.T, a, b log.Store) {
	for i := range 25 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*40*time.Microsecond)
		if a.Claim(ctx, "come and go", "Ana") == nil {
			a.Release("come and go", "Ana")
		}
		cancel()
		if err := a.Claim(t.Context(), "come and go", "Ana"); err != nil {
			t.Fatalf("round %d: %v", i, err)
		}
		time.Sleep(time.Duration(i%5) * time.Millisecond)
		if err := b.Claim(t.Context(), "come and go", "ANA"); !errors.Is(err, log.ErrTaken) {
			t.Fatalf("round %d: another hub's claim of a name that is held: %v", i, err)
		}
		a.Release("come and go", "Ana")
	}
	members(t, a, "come and go")
	members(t, b, "come and go")
}

func deadHub(t *testing.T, a log.Store, c Chat) {
	b := c.Open(t)
	if err := b.Claim(t.Context(), "dead", "Ana"); err != nil {
		t.Fatal(err)
	}
	f := Follow(t, a, "dead", head(t, a, "dead").Cursor)
	f.next(t, "Ana", false)
	c.Kill(b)
	if err := a.Claim(t.Context(), "dead", "Ana"); !errors.Is(err, log.ErrTaken) {
		t.Errorf("right after its hub's death the name is %v", err)
	}
	died := time.Now()
	f.next(t, "Ana", true)
	Eventually(t, func() error { return a.Claim(t.Context(), "dead", "Ana") })
	if d := time.Since(died); d > 30*Lease { // on a busy machine a hub is late itself, and judges nobody
		t.Errorf("the name was free after %v", d)
	}
	f.next(t, "Ana", false)
}

func members(t *testing.T, s log.Store, room string, want ...string) {
	t.Helper()
	Eventually(t, func() error {
		m, err := s.Members(t.Context(), room)
		var got []string
		for name := range m.Claims {
			got = append(got, name)
		}
		if slices.Sort(got); err != nil || !slices.Equal(got, want) {
			return fmt.Errorf("in %s are %q (%w), want %q", room, got, err, want)
		}
		return nil
	})
}

// Package logtest is what every log must do, as one suite.
package logtest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
)

// MaxPerRoom is what a room of the log under test has to keep, Lease how long
// a dead hub's names stay taken.
const (
	MaxPerRoom = 40
	Lease      = time.Second
)

// A Chat opens one more hub's store on the log under test, which is empty
// when a suite begins. Kill ends one as a crash does.
type Chat struct {
	Open func(t *testing.T) log.Store
	Kill func(log.Store)
}

// Run runs the suite. Its parts use rooms of their own, and run side by side.
func Run(t *testing.T, c Chat) {
	a, b := c.Open(t), c.Open(t)
	t.Run("all", func(t *testing.T) { parts(t, c, a, b) })
	t.Run("close", func(t *testing.T) { closing(t, a, b) })
}

func parts(t *testing.T, c Chat, a, b log.Store) {
	for _, part := range []struct {
		name string
		run  func(t *testing.T, a, b log.Store)
	}{
		{"history", history},
		{"resend", resend},
		{"rooms", rooms},
		{"too old", tooOld},
		{"empty room", emptyRoom},
		{"other epoch", otherEpoch},
		{"live", live},
		{"between and latest", betweenAndLatest},
		{"names", names},
		{"follow", follow},
		{"presence", presence},
		{"cancelled", cancelled},
		{"come and go", comeAndGo},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.run(t, a, b)
		})
	}
	t.Run("a dead hub", func(t *testing.T) {
		t.Parallel()
		deadHub(t, a, c)
	})
}

func history(t *testing.T, a, b log.Store) {
	at := []chat.Cursor{head(t, a, "history").Cursor}
	for i := range 25 {
		at = append(at, Append(t, []log.Store{a, b}[i%2], "history", "Ana", i).Cursor)
		if at[i].Compare(at[i+1]) >= 0 {
			t.Fatalf("%v comes after %v", at[i+1], at[i])
		}
	}
	Eventually(t, func() error { // a replica may lag
		page, err := a.After(t.Context(), "history", at[0], 100)
		if err != nil || page.More || page.Missed {
			return fmt.Errorf("more %v, missed %v, %w", page.More, page.Missed, err)
		}
		return want(page.Messages, 0, 25)
	})
	page, err := b.After(t.Context(), "history", at[5], 10)
	if err := errors.Join(err, want(page.Messages, 5, 15)); err != nil || !page.More || page.Missed {
		t.Error(err, page.More, page.Missed)
	}
	page, err = b.After(t.Context(), "history", at[25], 10)
	if err != nil || len(page.Messages) > 0 || page.More || page.Missed {
		t.Error(page, err)
	}
	m, _ := a.After(t.Context(), "history", at[24], 10)
	if age := time.Since(m.Messages[0].At); age < -time.Second || age > time.Minute {
		t.Errorf("the last message was stored %v ago", age)
	}
	if h := head(t, b, "history"); h.Cursor != at[25] || h.Empty {
		t.Errorf("the head is %+v, want %v", h, at[25])
	}
}

func resend(t *testing.T, a, b log.Store) {
	p := log.Post{Room: "resend", From: "Ana", ID: "1", Text: "hi"}
	first, err := a.Append(t.Context(), p)
	if err != nil || first.Duplicate {
		t.Fatal(first, err)
	}
	for _, s := range []log.Store{a, b} {
		again, err := s.Append(t.Context(), p)
		if err != nil || again.Cursor != first.Cursor || !again.Duplicate {
			t.Errorf("again: %+v, %v, want %+v", again, err, first)
		}
	}
	Eventually(t, func() error {
		if _, err := b.Append(t.Context(), log.Post{Room: "resend", From: "Ana", ID: "1", Text: "ho"}); !errors.Is(err, log.ErrIDReused) {
			return fmt.Errorf("the id of another message: %w", err)
		}
		return nil
	})
	for _, p := range []log.Post{
		{Room: "resend", From: "Rui", ID: "1", Text: "hi"},
		{Room: "resend", From: "Ana", ID: "2", Text: "hi"},
		{Room: "resend again", From: "Ana", ID: "1", Text: "hi"},
	} {
		if r, err := a.Append(t.Context(), p); err != nil || r.Duplicate {
			t.Errorf("%+v: %+v, %v", p, r, err)
		}
	}
}

func rooms(t *testing.T, a, b log.Store) {
	odd := []string{"a", "a.b", "a.*", "*", ">", "$SYS", " ", "A", "東京", "x\ty"}
	start := head(t, a, "a").Cursor
	for _, room := range odd {
		Append(t, a, room, "Ana", len(room))
	}
	for _, room := range odd {
		Eventually(t, func() error {
			page, err := b.After(t.Context(), room, start, 10)
			if err != nil || len(page.Messages) != 1 || page.Messages[0].Room != room || page.Messages[0].ID != fmt.Sprint(len(room)) {
				return fmt.Errorf("%q has %v, %w", room, page.Messages, err)
			}
			return nil
		})
	}
}

func tooOld(t *testing.T, a, b log.Store) {
	var at []chat.Cursor
	for i := range MaxPerRoom + 10 {
		at = append(at, Append(t, a, "too old", "Ana", i).Cursor)
	}
	Eventually(t, func() error {
		page, err := b.After(t.Context(), "too old", at[0], 100)
		if err != nil || !page.Missed {
			return fmt.Errorf("missed %v, %w", page.Missed, err)
		}
		return want(page.Messages, 10, MaxPerRoom+10)
	})
	if page, err := b.After(t.Context(), "too old", at[20], 100); err != nil || page.Missed {
		t.Errorf("missed %v, %v", page.Missed, err)
	}
	if err := log.Between(t.Context(), a, "too old", at[0], log.Head{Cursor: at[30]}, func(*log.Message) { t.Error("passed on") }); !errors.Is(err, log.ErrTooOld) {
		t.Error(err)
	}
}

func emptyRoom(t *testing.T, a, b log.Store) {
	h := head(t, a, "empty")
	if !h.Empty || h.Cursor.Epoch == 0 {
		t.Fatalf("the head is %+v", h)
	}
	if page, err := a.After(t.Context(), "empty", h.Cursor, 10); err != nil || len(page.Messages) > 0 || page.More || page.Missed {
		t.Errorf("%+v, %v", page, err)
	}
	Append(t, b, "another", "Ana", 0)
	Append(t, b, "empty", "Ana", 0)
	Eventually(t, func() error {
		page, err := a.After(t.Context(), "empty", h.Cursor, 10)
		if err != nil || page.Missed {
			return fmt.Errorf("missed %v, %w", page.Missed, err)
		}
		return want(page.Messages, 0, 1)
	})
}

func otherEpoch(t *testing.T, a, b log.Store) {
	at := Append(t, a, "epoch", "Ana", 0).Cursor
	for name, c := range map[string]chat.Cursor{
		"zero":    {},
		"older":   {Epoch: at.Epoch - 1, Seq: at.Seq},
		"ahead":   {Epoch: at.Epoch, Seq: at.Seq + 1_000_000},
		"a later": {Epoch: at.Epoch + 1, Seq: at.Seq},
	} {
		if page, err := b.After(t.Context(), "epoch", c, 10); !errors.Is(err, log.ErrOtherEpoch) {
			t.Errorf("%s: %+v, %v", name, page, err)
		}
	}
}

func live(t *testing.T, a, b log.Store) {
	heard := make(chan log.Event, 100)
	stop, err := b.Live("live", func(e log.Event) { heard <- e })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	var prev uint64
	for i := range 5 {
		Append(t, a, "not here", "Ana", i)
		r := Append(t, a, "live", "Ana", i)
		m, ok := hear(t, heard).(*log.Message)
		if !ok || m.Cursor != r.Cursor || m.Post != Post("live", "Ana", i) || m.Prev != prev {
			t.Fatalf("heard %+v, want %v after %d", m, r.Cursor, prev)
		}
		prev = r.Cursor.Seq
	}
	if err := a.Typing("live", "Ana"); err != nil {
		t.Error(err)
	}
	if e := hear(t, heard); e != (log.Typing{Name: "Ana"}) {
		t.Errorf("heard %+v", e)
	}
}

func betweenAndLatest(t *testing.T, a, b log.Store) {
	var at []chat.Cursor
	for i := range 30 {
		at = append(at, Append(t, a, "between", "Ana", i).Cursor)
		Append(t, a, "beside", "Ana", i)
	}
	for _, row := range [][2]int{{0, 29}, {3, 3}, {3, 4}, {28, 29}, {10, 5}} {
		var got []*log.Message
		if err := log.Between(t.Context(), b, "between", at[row[0]], log.Head{Cursor: at[row[1]]}, func(m *log.Message) { got = append(got, m) }); err != nil {
			t.Error(row, err)
		}
		if err := want(got, row[0]+1, max(row[0], row[1])+1); err != nil {
			t.Error(row, err)
		}
	}
	for _, row := range [][3]int{{29, 5, 25}, {29, 100, 0}, {7, 3, 5}, {7, 100, 0}} {
		got, err := log.Latest(t.Context(), b, "between", log.Head{Cursor: at[row[0]]}, row[1])
		if err := errors.Join(err, want(got, row[2], row[0]+1)); err != nil {
			t.Error(row, err)
		}
	}
}

func cancelled(t *testing.T, a, _ log.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Append(ctx, Post("cancelled", "Ana", 0)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := a.Claim(ctx, "cancelled", "Ana"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	Eventually(t, func() error { return a.Claim(t.Context(), "cancelled", "Ana") })
}

func closing(t *testing.T, a, b log.Store) {
	if err := b.Claim(t.Context(), "close", "Ana"); err != nil {
		t.Fatal(err)
	}
	f := log.Follower{Store: b, Room: "close", From: head(t, b, "close").Cursor, Do: func(log.Event) {}, Check: 10 * time.Millisecond}
	done := make(chan error)
	go func() { done <- f.Run(context.Background()) }()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := b.Close(); err != nil {
		t.Error("closed twice:", err)
	}
	if err := a.Claim(t.Context(), "close", "Ana"); err != nil {
		t.Error("the name of a hub that has closed:", err)
	}
	if _, err := b.Append(t.Context(), Post("close", "Ana", 0)); !errors.Is(err, log.ErrClosed) {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, log.ErrClosed) {
		t.Error("its follower ended with:", err)
	}
}

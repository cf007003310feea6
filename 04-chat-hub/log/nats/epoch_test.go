package nats

import (
	"context"
	"errors"
	"testing"
	"time"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
	"websocket.example/04-chat-hub/log/logtest"
)

// The history is lost under a running hub: what was a cursor is of another
// history, and the chat goes on in a new one.
func TestHistoryLost(t *testing.T) {
	t.Parallel()
	o := testOptions()
	o.Dir = t.TempDir()
	s := open(t, o)
	old := logtest.Append(t, s, "lost", "Ana", 0).Cursor
	f := logtest.Follow(t, s, "lost", chat.Cursor{Epoch: old.Epoch})
	if err := s.js.DeleteStream(t.Context(), logStream); err != nil {
		t.Fatal(err)
	}
	now := logtest.Append(t, s, "lost", "Ana", 1).Cursor
	if now.Epoch <= old.Epoch {
		t.Errorf("%+v comes after %+v", now, old)
	}
	if page, err := s.After(t.Context(), "lost", old, 10); !errors.Is(err, log.ErrOtherEpoch) {
		t.Errorf("%+v, %v", page, err)
	}
	logtest.Eventually(t, func() error {
		messages, lost := f.Messages()
		if n := len(messages); n == 0 || messages[n-1].Cursor != now || len(lost) != 1 || !errors.Is(lost[0].Reason, log.ErrOtherEpoch) {
			return errors.New("the follower does not go on in the new history")
		}
		return nil
	})
}

// Another hub was the first to notice, and the new history is as long as the
// old one: who has not noticed yet must not take it for its own.
func TestHistoryLostUnnoticed(t *testing.T) {
	t.Parallel()
	o := testOptions()
	o.Dir = t.TempDir()
	s := open(t, o)
	o.share = s.server
	other := open(t, o)
	old := logtest.Append(t, s, "lost", "Ana", 0).Cursor
	if err := s.js.DeleteStream(t.Context(), logStream); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		logtest.Append(t, other, "lost", "Ana", i)
	}
	if page, err := s.After(t.Context(), "lost", old, 10); !errors.Is(err, log.ErrOtherEpoch) {
		t.Errorf("%+v, %v", page, err)
	}
}

// Age takes from the log's beginning, also what a quiet room had.
func TestAge(t *testing.T) {
	t.Parallel()
	o := testOptions()
	o.Dir, o.MaxAge = t.TempDir(), 300*time.Millisecond
	s := open(t, o)
	before, err := s.Head(t.Context(), "age")
	if err != nil {
		t.Fatal(err)
	}
	logtest.Append(t, s, "age", "Ana", 0)
	missed := func() bool {
		page, err := s.After(t.Context(), "age", before.Cursor, 10)
		if err != nil {
			t.Error(err)
		}
		return page.Missed
	}
	if missed() {
		t.Error("missed at once")
	}
	logtest.Eventually(t, func() error {
		if !missed() {
			return errors.New("it was never missed")
		}
		return nil
	})
	head, err := s.Head(t.Context(), "age")
	if err != nil || !head.Empty || head.Cursor.Seq != before.Cursor.Seq+1 {
		t.Errorf("the head is %+v, %v", head, err)
	}
	if page, err := s.After(t.Context(), "age", head.Cursor, 10); err != nil || page.Missed {
		t.Errorf("missed %v, %v", page.Missed, err)
	}
}

// A hub that loses its directory, or is out of reach for longer than its
// lease, claims its names again; if others have them, it says so.
func TestLeaseLost(t *testing.T) {
	t.Parallel()
	taken := make(chan string, 10)
	o := testOptions()
	o.Dir, o.Taken = t.TempDir(), func(room, name string) { taken <- room + "/" + name }
	s := open(t, o)
	o.share, o.Taken = s.server, nil
	other := open(t, o)
	for _, name := range []string{"Ana", "Rui"} {
		if err := s.Claim(t.Context(), "lease", name); err != nil {
			t.Fatal(err)
		}
	}
	// What a partition does, that lasts until the lease has run out.
	gone := []uint64{s.seats.lease.Load()}
	for _, seat := range s.seats.settled() {
		gone = append(gone, seat.claim.Load())
	}
	for _, seq := range gone {
		if err := s.remove(t.Context(), seq); err != nil {
			t.Fatal(err)
		}
	}
	if err := other.Claim(t.Context(), "lease", "ana"); err != nil {
		t.Fatal(err)
	}
	if got := <-taken; got != "lease/Ana" {
		t.Errorf("%s was taken", got)
	}
	logtest.Eventually(t, func() error {
		m, err := s.Members(context.Background(), "lease")
		if m.Claims["ana"] == 0 || m.Claims["Rui"] == 0 || len(m.Claims) != 2 {
			return errors.New("the names are not claimed again")
		}
		return err
	})
}

package nats

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
	"websocket.example/04-chat-hub/log/logtest"
)

// One folder, one hub, within a process and between two.
func TestFolderInUse(t *testing.T) {
	t.Parallel()
	inUse := func(dir string) {
		t.Helper()
		s, err := Open(t.Context(), Options{Dir: dir})
		if err == nil {
			s.Close()
			t.Fatal("two hubs use one folder")
		}
		if m := err.Error(); !strings.Contains(m, "another hub uses the folder "+dir) || strings.Contains(m, "\n") {
			t.Errorf("it says %q", m)
		}
	}
	dir := t.TempDir()
	s := open(t, Options{Dir: dir})
	inUse(dir)
	s.Close()

	cmd, out := start(t, "hub", dir)
	if lines := bufio.NewScanner(out); !lines.Scan() {
		t.Fatal("the other process does not work:", lines.Err())
	}
	inUse(dir)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	open(t, Options{Dir: dir})
}

// The folder is lost between two lives of a hub, and the new history becomes
// longer than the old one was: an old cursor must not point into it.
func TestFolderLost(t *testing.T) {
	t.Parallel()
	o := testOptions()
	o.Dir = t.TempDir()
	s := open(t, o)
	old := appendSome(t, s, 3)
	s.Close()
	empty(t, o.Dir)
	checkLost(t, open(t, o), old)
}

// The server loses its folder while the hub lives.
func TestServerLosesFolder(t *testing.T) {
	t.Parallel()
	m := &member{Name: "single", Dir: t.TempDir(), Port: freePort(t), owner: t}
	m.start(t)
	o := testOptions()
	o.URL = cluster{m}.url()
	s := open(t, o)
	old := appendSome(t, s, 3)
	if err := s.Claim(t.Context(), "lost", "Ana"); err != nil {
		t.Fatal(err)
	}
	f := logtest.Follow(t, s, "lost", old)
	m.kill(t)
	empty(t, m.Dir)
	m.start(t)
	now := checkLost(t, s, old)
	logtest.Eventually(t, func() error {
		messages, lost := f.Messages()
		if n := len(messages); n != 6 || messages[5].Cursor != now || len(lost) != 1 || !errors.Is(lost[0].Reason, log.ErrOtherEpoch) {
			return fmt.Errorf("the follower has %d messages and %v", n, lost)
		}
		if m, err := s.Members(t.Context(), "lost"); err != nil || m.Claims["Ana"] == 0 {
			return fmt.Errorf("the name is not claimed again: %v, %w", m, err)
		}
		return nil
	})
}

// The folder is removed under a hub that has its server inside. What it holds
// open works on, up to its end; the next life knows that all is lost.
func TestFolderRemoved(t *testing.T) {
	t.Parallel()
	o := testOptions()
	o.Dir = t.TempDir()
	s := open(t, o)
	old := appendSome(t, s, 3)
	if err := os.RemoveAll(filepath.Join(o.Dir, "jetstream")); err != nil {
		t.Skip("this system does not remove what is open:", err)
	}
	now := logtest.Append(t, s, "lost", "Ana", 3).Cursor
	page, err := s.After(t.Context(), "lost", old, 10)
	if err != nil || len(page.Messages) != 1 || page.Messages[0].Cursor != now {
		t.Errorf("after %v and %v: %+v, %v", old, now, page, err)
	}
	s.Close()
	checkLost(t, open(t, o), old)
}

func appendSome(t *testing.T, s *Store, n int) (last chat.Cursor) {
	t.Helper()
	for i := range n {
		last = logtest.Append(t, s, "lost", "Ana", i).Cursor
	}
	return last
}

// checkLost says what a cursor of the old history is worth in the new one.
func checkLost(t *testing.T, s *Store, old chat.Cursor) (now chat.Cursor) {
	t.Helper()
	check := func() {
		t.Helper()
		if page, err := s.After(t.Context(), "lost", old, 10); !errors.Is(err, log.ErrOtherEpoch) {
			t.Errorf("after the old cursor: %+v, %v", page, err)
		}
	}
	check()
	if now = appendSome(t, s, int(2*old.Seq)); now.String() <= old.String() {
		t.Errorf("%v does not come after %v", now, old)
	}
	check()
	return now
}

func empty(t *testing.T, dir string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
}

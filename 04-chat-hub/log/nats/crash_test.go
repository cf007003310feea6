package nats

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log/logtest"
)

// appendForever is a hub with its own log that prints every acknowledgement,
// until it is killed.
func appendForever() error {
	s, err := Open(context.Background(), Options{Dir: os.Getenv(argumentKey)})
	if err != nil {
		return err
	}
	if err := s.Claim(context.Background(), "crash", "Ana"); err != nil {
		return err
	}
	var print sync.Mutex
	var senders sync.WaitGroup
	for i := range 4 {
		senders.Go(func() {
			for n := 0; err == nil; n++ {
				r, err := s.Append(context.Background(), logtest.Post("crash", fmt.Sprint("sender ", i), n))
				if err != nil {
					return
				}
				print.Lock()
				fmt.Println(i, n, r.Cursor)
				print.Unlock()
			}
		})
	}
	senders.Wait()
	return err
}

// kill -9, in the middle of it all: what was acknowledged is there, once and
// in order, and the names of the dead are free.
func TestKillEmbedded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd, out := start(t, "hub", dir)
	acked := make([][]chat.Cursor, 4)
	lines := bufio.NewScanner(out)
	for total := 0; total < 500 && lines.Scan(); total++ {
		note(t, acked, lines.Text())
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() { // it said so before it died
		note(t, acked, lines.Text())
	}
	_ = cmd.Wait()

	began := time.Now()
	s := open(t, Options{Dir: dir})
	t.Logf("open again after %v", time.Since(began))
	if err := s.Claim(t.Context(), "crash", "Ana"); err != nil {
		t.Error(err)
	}
	f := logtest.Follow(t, s, "crash", chat.Cursor{Epoch: acked[0][0].Epoch})
	// What was stored and not yet acknowledged is sent again by its sender.
	for i := range acked {
		for range 2 {
			n := len(acked[i])
			acked[i] = append(acked[i], logtest.Append(t, s, "crash", fmt.Sprint("sender ", i), n).Cursor)
		}
	}
	logtest.Eventually(t, func() error { return logtest.Exactly(f, acked) })
	total := 0
	for _, a := range acked {
		total += len(a)
	}
	t.Logf("%d acknowledged", total)
}

func note(t *testing.T, acked [][]chat.Cursor, line string) {
	t.Helper()
	var i, n int
	var cursor string
	if _, err := fmt.Sscan(line, &i, &n, &cursor); err != nil {
		return // cut off as it died
	}
	c, err := chat.ParseCursor(cursor)
	if err != nil || n != len(acked[i]) {
		t.Fatalf("%q: %v", line, err)
	}
	acked[i] = append(acked[i], c)
}

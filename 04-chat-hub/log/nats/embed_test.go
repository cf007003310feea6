package nats

import (
	"testing"
	"time"

	"websocket.example/04-chat-hub/log"
	"websocket.example/04-chat-hub/log/logtest"
)

func testOptions() Options {
	return Options{MaxPerRoom: logtest.MaxPerRoom, Lease: logtest.Lease, doubt: 2 * time.Second}
}

func open(t *testing.T, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// kill ends a store as a crash does: nothing is given back.
func kill(s log.Store) {
	t := s.(*Store)
	t.stop()
	t.nc.Close()
	t.running.Wait()
}

func TestEmbedded(t *testing.T) {
	t.Parallel()
	o := testOptions()
	o.Dir = t.TempDir()
	first := open(t, o)
	o.share = first.server
	opened := false
	logtest.Run(t, logtest.Chat{
		Open: func(t *testing.T) log.Store {
			if !opened {
				opened = true
				return first
			}
			return open(t, o)
		},
		Kill: kill,
	})
}

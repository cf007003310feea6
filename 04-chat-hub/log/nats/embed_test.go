package nats

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"websocket.example/04-chat-hub/log"
	"websocket.example/04-chat-hub/log/logtest"
)

func testOptions() Options {
	return Options{MaxPerRoom: logtest.MaxPerRoom, Lease: logtest.Lease}
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

// One folder, one hub.
func TestFolderInUse(t *testing.T) {
	t.Parallel()
	o := Options{Dir: t.TempDir()}
	s := open(t, o)
	if second, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "another hub uses the folder") {
		t.Errorf("%v, %v", second, err)
	}
	s.Close()
	open(t, o)
}

// The price of an acknowledgement, one after the other and from many at once.
func BenchmarkAppend(b *testing.B) {
	s, err := Open(b.Context(), Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var n atomic.Int64
	post := func(b *testing.B) {
		if _, err := s.Append(b.Context(), log.Post{Room: "room", From: "Ana", ID: fmt.Sprint(n.Add(1)), Text: strings.Repeat("x", 200)}); err != nil {
			b.Error(err)
		}
	}
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			post(b)
		}
	})
	b.Run("64", func(b *testing.B) {
		b.SetParallelism(32) // times two cores
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				post(b)
			}
		})
	})
}

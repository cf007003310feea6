package nats

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"websocket.example/04-chat-hub/log"
	"websocket.example/04-chat-hub/log/memory"
)

// The price of an acknowledgement: appends through one store, 200 B each,
// from callers of which each waits for the one before. Embedded, each is
// written through to the disk.
func BenchmarkAppend(b *testing.B) {
	embedded, err := Open(b.Context(), Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer embedded.Close()
	for _, on := range []struct {
		name string
		log.Store
	}{{"embedded", embedded}, {"memory", memory.NewServer().Open()}} {
		for _, callers := range []int{1, 16, 256, 4096} {
			b.Run(fmt.Sprintf("%s/%d", on.name, callers), func(b *testing.B) { appendFrom(b, on.Store, callers) })
		}
	}
}

var posted atomic.Int64

func appendFrom(b *testing.B, s log.Store, callers int) {
	text := strings.Repeat("x", 200)
	var left atomic.Int64
	left.Store(int64(b.N))
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				p := log.Post{Room: "room", From: "Ana", ID: fmt.Sprint(posted.Add(1)), Text: text}
				if r, err := s.Append(b.Context(), p); err != nil || r.Duplicate {
					b.Error(r, err)
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
}

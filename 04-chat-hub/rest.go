package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"

	"websocket.example/04-chat-hub/hub"
)

// giveBack returns memory to the system when a wave of connections has come
// or gone and it is quiet again, and now and then after that. Go would keep
// what the handshakes needed for the next wave, and as much garbage as there
// is memory in use. Most of a chat's connections are silent, and then there
// are a collection's milliseconds to spare.
func giveBack(ctx context.Context, h *hub.Hub) {
	const (
		look = 3 * time.Second
		rest = 30 * time.Second
		wave = 1000 // connections; below that it is not worth a collection
	)
	before, last, done := 0, 0, time.Now()
	for tick := time.NewTicker(look); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
		now := h.Len()
		quiet := apart(now, before) <= wave/100
		if quiet && (apart(now, last) >= wave || now >= wave && time.Since(done) >= rest) {
			runtime.GC() // what a pool holds goes with the second collection
			debug.FreeOSMemory()
			last, done = now, time.Now()
		}
		before = now
	}
}

func apart(a, b int) int { return max(a, b) - min(a, b) }

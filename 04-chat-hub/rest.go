package main

import (
	"context"
	"runtime/debug"
	"time"

	"websocket.example/04-chat-hub/hub"
)

// giveBack returns memory to the system when a wave of connections has come
// or gone and it is quiet again. Go would keep what the handshakes needed for
// the next wave, for minutes, and most of a chat's connections are silent.
func giveBack(ctx context.Context, h *hub.Hub) {
	const wave = 1000 // below that it is not worth a collection
	before, done := 0, 0
	for tick := time.NewTicker(3 * time.Second); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
		now := h.Len()
		if quiet := max(now, before)-min(now, before) <= wave/100; quiet && max(now, done)-min(now, done) >= wave {
			debug.FreeOSMemory()
			done = now
		}
		before = now
	}
}

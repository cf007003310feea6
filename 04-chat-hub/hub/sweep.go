package hub

import (
	"time"

	"github.com/gorilla/websocket"
)

// sweeps is in how many parts the time between two pings is cut. Each part
// has its share of the connections, so that not all are pinged at once.
const sweeps = 16

var pingFrame = appendFrame(nil, websocket.PingMessage, nil)

// sweep is the hub's goroutine that pings. A timer for each connection would
// cost more memory than one goroutine that looks at all.
func (h *Hub) sweep() {
	defer h.work.Done()
	if h.o.Ping < 0 {
		return
	}
	tick := time.NewTicker(h.o.Ping / sweeps)
	defer tick.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-tick.C:
		}
		now := h.tick.Add(1)
		for _, c := range h.due(now) {
			c.check(now)
		}
	}
}

// due are the connections whose turn it is.
func (h *Hub) due(now int64) (due []*conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		if c.turn == now%sweeps {
			due = append(due, c)
		}
	}
	return due
}

// check pings a connection that was silent since its last turn, and gives one
// up that did not answer the ping before.
func (c *conn) check(now int64) {
	silent := now - c.heard.Load()
	switch {
	case silent >= 2*sweeps:
		c.hub.m.closed(websocket.CloseAbnormalClosure)
		c.kill()
	case silent >= sweeps/2:
		c.mu.Lock()
		if c.session == nil && c.limit != nil && c.limit.Tokens() >= float64(c.hub.o.Burst) {
			c.limit = nil // a new one is as full
		}
		if len(c.own) == 0 && !c.waits && !c.ending { // or something is on its way that TCP has to acknowledge
			c.own = append(c.own, pingFrame...)
		}
		c.mu.Unlock()
		c.flush(nil)
	}
}

// kill cuts the connection off.
func (c *conn) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.die()
}

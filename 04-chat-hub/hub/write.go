package hub

import (
	"errors"
	"os"
	"time"

	"github.com/gorilla/websocket"
)

// Whoever has something for a connection leaves it where the writer looks, in
// the feed of a room or in the connection's own queue, and calls flush. One
// goroutine at a time writes, and looks again before it stops. So whoever
// finds another one writing has nothing more to do.

// flush writes what the socket takes at once, and leaves the rest to
// a goroutine that waits. A pass of a room comes again by itself: it
// writes the news of its member once, and goes on to the next one.
func (c *conn) flush(pass *member) {
	var done *member
	upTo := uint64(0)
	if pass != nil {
		upTo = pass.room.feed.end.Load()
	}
	c.mu.Lock()
	if c.writing || c.dead {
		c.checkSlow(pass)
		c.mu.Unlock()
		return
	}
	// snippet: flush
	c.writing = true
	for b, of := c.news(nil); b != nil; b, of = c.news(done) {
		c.mu.Unlock()
		if n, err := c.tryWrite(b); err != nil || n < len(b) {
			go c.writeAll(b[n:], err)
			return
		}
		c.mu.Lock()
		if of != nil && of == pass && of.place.offset() >= upTo {
			done = pass // what came since is for the next pass
		}
	}
	// end snippet: flush
	c.stopWriting()
}

func (c *conn) stopWriting() {
	c.writing = false
	if c.ending || c.dead {
		c.changed.wake()
	}
	c.mu.Unlock()
}

// writeAll waits for the socket until nothing is left.
func (c *conn) writeAll(b []byte, err error) {
	c.mu.Lock()
	for ; b != nil; b, _ = c.news(nil) {
		c.waits = true
		if err == nil {
			err = c.nc.SetWriteDeadline(time.Now().Add(c.hub.o.WriteTimeout))
		}
		c.mu.Unlock()
		if err == nil {
			_, err = c.nc.Write(b)
		}
		c.mu.Lock()
		c.waits = false
		if err == nil {
			err = c.nc.SetWriteDeadline(time.Time{})
		}
		if err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) && !c.ending {
				c.hub.m.evicted.Inc()
			}
			c.die()
			break
		}
	}
	c.stopWriting()
}

// news is what has to be written next, and the member it is for if it is a
// room's. It is called with the mutex held; what it returns counts as written.
func (c *conn) news(except *member) ([]byte, *member) {
	switch {
	case c.dead:
		return nil, nil
	case len(c.own) > 0:
		b := c.own
		c.own = nil
		c.changed.wake() // somebody may wait for room in it
		return b, nil
	}
	for _, m := range c.members {
		if m.replays || m == except || c.ending { // nothing follows a close frame
			continue
		}
		if b := m.news(); b != nil {
			return b, m
		}
	}
	return nil, nil
}

// news is what the member has not seen of the room's feed. It skips what was
// not meant for it: that it has come itself, that it types.
func (m *member) news() []byte {
	for {
		b := m.place.unread()
		if b == nil {
			return nil
		}
		if len(m.skips) > 0 {
			at := m.place.offset()
			switch s := m.skips[0]; {
			case s.from == at:
				m.place.at += s.to - s.from
				if m.skips = m.skips[1:]; len(m.skips) == 0 {
					m.skips = nil
				}
				continue
			case s.from-at < uint64(len(b)):
				b = b[:s.from-at]
			}
		}
		m.place.at += uint64(len(b))
		return b
	}
}

// A span is a frame in a feed.
type span struct{ from, to uint64 }

// checkSlow evicts a member that has fallen too far behind, while somebody
// waits for its socket.
func (c *conn) checkSlow(m *member) {
	if m == nil || !c.waits || c.ending || m.replays {
		return
	}
	if m.room.feed.end.Load()-m.place.offset() > uint64(c.hub.o.Behind) {
		c.hub.m.evicted.Inc()
		c.end(websocket.CloseTryAgainLater, "too slow: come back with since", c.hub.o.WriteTimeout)
	}
}

// end sends a close frame as soon as what was begun is written, and gives the
// other side some time to answer. It is called with the mutex held.
func (c *conn) end(code int, reason string, patience time.Duration) {
	if c.ending || c.dead {
		return
	}
	c.ending, c.own = true, append(c.own, closeFrame(code, reason)...)
	c.hub.m.closed(code)
	time.AfterFunc(patience, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.die()
	})
}

// die ends everything at once. It is called with the mutex held; whoever
// reads the connection clears up.
func (c *conn) die() {
	if c.dead {
		return
	}
	c.dead = true
	if c.session != nil {
		c.session.cancel()
	}
	c.changed.wake()
	_ = c.nc.Close() // nobody is left to be told
}

// close is end for those who do not hold the mutex.
func (c *conn) close(code int, reason string) {
	c.mu.Lock()
	c.end(code, reason, closeTimeout)
	c.mu.Unlock()
	c.flush(nil)
}

// push sends a frame to this connection alone. It waits while the queue is
// full, and says whether the connection is still there.
func (c *conn) push(frame []byte) bool {
	c.mu.Lock()
	for len(c.own) >= maxOwn && !c.dead && !c.ending {
		c.changed.wait(&c.mu)
	}
	there := !c.dead && !c.ending
	if there {
		c.own = append(c.own, frame...)
	}
	c.mu.Unlock()
	c.flush(nil)
	return there
}

const (
	closeTimeout = 2 * time.Second
	maxOwn       = 64 << 10
)

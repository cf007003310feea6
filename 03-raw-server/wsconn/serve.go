package wsconn

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// Serve is Each for a server of many connections: it returns at once, and
// tells ended what Each would have returned.
//
// A goroutine costs more than all else that an idle connection needs. So
// where the system can watch a socket for us (Linux, TCP without TLS), a
// connection has one only while something comes at least every second, as
// Kick sees to. Elsewhere it always has one.
//
// Such a connection must be closed with Close or Abort: that its NetConn was
// closed nobody would notice.
func (c *Conn) Serve(handle Handler, ended func(error)) {
	c.mu.Lock()
	c.nap = &nap{handle: handle, ended: ended, woke: -lively}
	c.mu.Unlock()
	asleep := false
	if c.reading.TryLock() { // or Close was called before us, and reads
		asleep = c.ended == nil && c.in == nil && len(c.stash) == 0 && c.lieDown()
		c.reading.Unlock()
	}
	if !asleep {
		go c.serve()
	}
}

// A nap is how a connection goes on that was left by its goroutine.
type nap struct {
	handle Handler
	ended  func(error)
	asleep atomic.Bool   // there is no goroutine, or it is about to end
	stay   bool          // it waits itself for what comes next
	woke   time.Duration // when there was last something to do, since began
	poller *poller       // nil if it never slept
	fd     int           // what the poller knows it by
}

// lively is how often something must come to make it worth while to stay.
const lively = time.Second

var began = time.Now()

var errAsleep = errors.New("wsconn: the connection is left to the poller")

// serve is what the goroutine does.
func (c *Conn) serve() {
	n := c.nap
	c.reading.Lock()
	now := time.Since(began)
	n.stay, n.woke = now-n.woke < lively, now
	err := c.ready(context.Background())
	if err == nil {
		err = c.each(context.Background(), n.handle)
	}
	switch {
	case errors.Is(err, errAsleep): // from here on the connection is somebody else's
		c.reading.Unlock()
		return
	case c.ended != nil:
		err = c.ended
	default:
		err = c.end(err)
	}
	if n.poller != nil {
		n.poller.leave(n.fd, c)
	}
	c.reading.Unlock()
	n.ended(err)
}

// sleep has the poller wait for what comes next. If it returns true, the next
// goroutine may have begun already, and waits until this one lets go of the
// connection.
func (c *Conn) sleep(fd uintptr) bool {
	n := c.nap
	if n.poller == nil {
		p, err := joinPoller()
		if err != nil {
			return false
		}
		n.poller, n.fd = p, int(fd)
	}
	n.asleep.Store(true)
	err := n.poller.watch(n.fd, c)
	c.mu.Lock()
	broken := c.broken != nil // and was, perhaps, before anybody could be woken
	c.mu.Unlock()
	if err != nil || broken {
		return !n.asleep.CompareAndSwap(true, false)
	}
	return true
}

func (c *Conn) isServed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nap != nil
}

func (c *Conn) isAsleep() bool { return c.isServed() && c.nap.asleep.Load() }

// wake starts a goroutine for a connection that has none.
func (c *Conn) wake() {
	if c.nap.asleep.CompareAndSwap(true, false) {
		go c.serve()
	}
}

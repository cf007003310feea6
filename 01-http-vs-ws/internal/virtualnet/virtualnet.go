// Package virtualnet is a network in memory with an exact round trip, for
// tests under testing/synctest: there time stands still until everyone
// waits, so that a latency can be asserted to the millisecond and no test
// ever sleeps for real.
package virtualnet

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// A Listener is both the listener of a server and the dialer of its clients.
type Listener struct {
	rtt      time.Duration
	incoming chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

// Listen makes a network with one server on it.
func Listen(rtt time.Duration) *Listener {
	return &Listener{rtt: rtt, incoming: make(chan net.Conn), closed: make(chan struct{})}
}

// Dial opens a connection, which takes one round trip.
func (l *Listener) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	select {
	case <-time.After(l.rtt):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	client, server := l.pipe()
	select {
	case l.incoming <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept waits for the next connection.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.incoming:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close stops accepting. Open connections stay.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr names the listener.
func (l *Listener) Addr() net.Addr { return addr{} }

type addr struct{}

func (addr) Network() string { return "virtual" }
func (addr) String() string  { return "virtual:80" }

func (l *Listener) pipe() (client, server net.Conn) {
	up, down := newDirection(l.rtt/2), newDirection(l.rtt-l.rtt/2)
	return &conn{read: down, write: up}, &conn{read: up, write: down}
}

// A direction carries chunks of bytes, each a delay after it was written.
// The end of the stream travels as long as the bytes.
type direction struct {
	delay time.Duration

	mu       sync.Mutex
	chunks   []chunk
	gone     bool          // the reader closed: what is written is thrown away
	ended    bool          // the writer closed
	deadline time.Time     // of reads
	changed  chan struct{} // closed when anything above changes
}

type chunk struct {
	data []byte // nil is the end
	due  time.Time
}

func newDirection(delay time.Duration) *direction {
	return &direction{delay: delay, changed: make(chan struct{})}
}

// update changes the state and wakes the reader.
func (d *direction) update(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *direction) read(b []byte) (int, error) {
	for {
		d.mu.Lock()
		now := time.Now()
		wake := time.Duration(1<<62 - 1)
		switch {
		case d.gone:
			d.mu.Unlock()
			return 0, net.ErrClosed
		case !d.deadline.IsZero() && !now.Before(d.deadline):
			d.mu.Unlock()
			return 0, os.ErrDeadlineExceeded
		case !d.deadline.IsZero():
			wake = d.deadline.Sub(now)
		}
		if len(d.chunks) > 0 {
			if next := &d.chunks[0]; !now.Before(next.due) {
				defer d.mu.Unlock()
				if next.data == nil {
					return 0, io.EOF // and again at the next read
				}
				n := copy(b, next.data)
				if next.data = next.data[n:]; len(next.data) == 0 {
					d.chunks = d.chunks[1:]
				}
				return n, nil
			}
			wake = min(wake, d.chunks[0].due.Sub(now))
		}
		changed := d.changed
		d.mu.Unlock()
		timer := time.NewTimer(wake)
		select {
		case <-timer.C:
		case <-changed:
		}
		timer.Stop()
	}
}

// A conn reads one direction and writes the other.
type conn struct {
	read, write *direction
}

func (c *conn) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	return c.read.read(b)
}

func (c *conn) Write(b []byte) (n int, err error) {
	c.write.update(func() {
		switch {
		case c.write.ended:
			err = net.ErrClosed
		case c.write.gone || len(b) == 0:
			n = len(b)
		default:
			n = len(b)
			c.write.chunks = append(c.write.chunks, chunk{append([]byte(nil), b...), time.Now().Add(c.write.delay)})
		}
	})
	return n, err
}

func (c *conn) Close() error {
	c.read.update(func() { c.read.gone = true })
	c.write.update(func() {
		if !c.write.ended {
			c.write.ended = true
			c.write.chunks = append(c.write.chunks, chunk{nil, time.Now().Add(c.write.delay)})
		}
	})
	return nil
}

func (c *conn) SetReadDeadline(t time.Time) error {
	c.read.update(func() { c.read.deadline = t })
	return nil
}

// SetWriteDeadline does nothing: a write never waits.
func (c *conn) SetWriteDeadline(time.Time) error { return nil }

func (c *conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }
func (c *conn) LocalAddr() net.Addr           { return addr{} }
func (c *conn) RemoteAddr() net.Addr          { return addr{} }

// Package memnet is a network in memory that behaves as TCP does at its end,
// for tests: it has windows that fill up, half-closed connections, and the
// reset that a careless close sends. It also works under testing/synctest,
// where time stands still until everyone waits.
package memnet

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// Window is how many bytes may be on their way in one direction.
const Window = 64 << 10

// A link is what the two ends of a connection share.
type link struct {
	mu      sync.Mutex
	changed chan struct{} // closed when anything changes
}

func (l *link) change() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// A flow is one direction.
type flow struct {
	data  []byte
	ended bool // the writer has said that nothing more comes
	gone  bool // the reader has closed
	reset bool // nothing of it will arrive any more
}

// A Conn is one end of a connection.
type Conn struct {
	link           *link
	in, out        *flow
	closed         bool
	readBy, sendBy time.Time
}

// Pipe returns the two ends of a new connection.
func Pipe() (*Conn, *Conn) {
	l, up, down := &link{changed: make(chan struct{})}, &flow{}, &flow{}
	return &Conn{link: l, in: down, out: up}, &Conn{link: l, in: up, out: down}
}

// wait lets go of the lock until something changes or the deadline comes.
func (c *Conn) wait(by time.Time) {
	changed := c.link.changed
	c.link.mu.Unlock()
	defer c.link.mu.Lock()
	if by.IsZero() {
		<-changed
		return
	}
	timer := time.NewTimer(time.Until(by))
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	}
}

func over(by time.Time) bool { return !by.IsZero() && !time.Now().Before(by) }

func (c *Conn) Read(b []byte) (int, error) {
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, net.ErrClosed
		case over(c.readBy):
			return 0, os.ErrDeadlineExceeded
		case c.in.reset:
			return 0, syscall.ECONNRESET
		case len(c.in.data) > 0:
			n := copy(b, c.in.data)
			c.in.data = c.in.data[n:]
			c.link.change()
			return n, nil
		case c.in.ended:
			return 0, io.EOF
		}
		c.wait(c.readBy)
	}
}

func (c *Conn) Write(b []byte) (n int, err error) {
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	for {
		switch {
		case c.closed:
			return n, net.ErrClosed
		case over(c.sendBy):
			return n, os.ErrDeadlineExceeded
		case c.out.ended || c.out.reset:
			return n, syscall.EPIPE
		case len(b) == 0:
			return n, nil
		case c.out.gone: // it will be answered with a reset
			c.in.reset, c.out.reset = true, true
			c.link.change()
			return n + len(b), nil
		}
		if part := min(len(b), Window-len(c.out.data)); part > 0 {
			c.out.data = append(c.out.data, b[:part]...)
			n, b = n+part, b[part:]
			c.link.change()
			continue
		}
		c.wait(c.sendBy)
	}
}

// CloseWrite says that nothing more comes.
func (c *Conn) CloseWrite() error {
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	c.out.ended = true
	c.link.change()
	return nil
}

// Close ends the connection. If there is something that was not read, the
// other side gets a reset, which overtakes what was on its way to it.
func (c *Conn) Close() error {
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	c.closed, c.in.gone, c.out.ended = true, true, true
	if len(c.in.data) > 0 {
		c.in.reset, c.out.reset = true, true
	}
	c.link.change()
	return nil
}

// Waiting is how many bytes the other side has not read yet.
func (c *Conn) Waiting() int {
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	return len(c.out.data)
}

// SetReadDeadline wakes a Read that waits.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.set(&c.readBy, t) }

// SetWriteDeadline wakes a Write that waits.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.set(&c.sendBy, t) }

// SetDeadline does both.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.set(&c.readBy, t); err != nil {
		return err
	}
	return c.set(&c.sendBy, t)
}

func (c *Conn) set(deadline *time.Time, t time.Time) error {
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	*deadline = t
	c.link.change()
	return nil
}

// LocalAddr is the same for all.
func (c *Conn) LocalAddr() net.Addr { return addr{} }

// RemoteAddr is, too.
func (c *Conn) RemoteAddr() net.Addr { return addr{} }

type addr struct{}

func (addr) Network() string { return "memory" }
func (addr) String() string  { return "memory:80" }

// A Listener is both the listener of a server and the dialer of its clients.
type Listener struct {
	incoming chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

// Listen makes a network with one server on it.
func Listen() *Listener {
	return &Listener{incoming: make(chan net.Conn), closed: make(chan struct{})}
}

// Dial opens a connection.
func (l *Listener) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := Pipe()
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

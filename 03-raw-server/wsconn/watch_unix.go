//go:build unix

package wsconn

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"

	"websocket.example/03-raw-server/internal/socket"
)

// A socket can be watched without a buffer: the runtime's poller says when
// there is something to read, and only then is a buffer taken. That is what
// makes an idle connection cheap.
//
// The functions here run inside RawConn.Read and RawConn.Write, which call
// them again whenever the socket is ready and they returned false.

// watchable returns the way to watch a connection, nil if there is none: TLS
// keeps what it has decrypted where no poller sees it.
func watchable(nc net.Conn) syscall.RawConn {
	if tcp, is := nc.(*net.TCPConn); is {
		if raw, err := tcp.SyscallConn(); err == nil {
			return raw
		}
	}
	return nil
}

// An attempt is one read or write that does not wait. It brings its function
// along, because a closure made for each call would be garbage after it.
type attempt struct {
	c    *Conn
	b    []byte
	n    int
	err  error
	read func(fd uintptr) bool
	send func(fd uintptr) bool
}

var attempts = sync.Pool{New: func() any {
	a := &attempt{}
	a.read, a.send = a.readOnce, a.sendOnce
	return a
}}

func (a *attempt) release() {
	a.c, a.b, a.n, a.err = nil, nil, 0, nil
	attempts.Put(a)
}

// readWatched waits until there is something to read, and reads once.
func (c *Conn) readWatched() error {
	a := attempts.Get().(*attempt)
	defer a.release()
	a.c = c
	if err := c.raw.Read(a.read); err != nil {
		c.park()
		return err
	}
	if a.err != nil || a.n == 0 {
		c.park()
		return over(a.n, a.err)
	}
	return c.got(a.n)
}

func (a *attempt) readOnce(fd uintptr) bool {
	a.n, a.err = socket.Read(int(fd), a.c.target())
	if errors.Is(a.err, syscall.EAGAIN) {
		a.c.park()
		return false
	}
	return true
}

// sendNow writes what the socket takes at once, which is nearly always all.
// No deadline need be set for that.
func (c *Conn) sendNow(fd int, b []byte) (int, error) {
	if fd != noFD {
		return socket.Write(fd, b)
	}
	a := attempts.Get().(*attempt)
	defer a.release()
	a.b = b
	if err := c.raw.Write(a.send); err != nil {
		return 0, err
	}
	return a.n, a.err
}

func (a *attempt) sendOnce(fd uintptr) bool {
	a.n, a.err = socket.Write(int(fd), a.b)
	return true
}

// lieDown has a connection that nothing was read from yet begin asleep.
func (c *Conn) lieDown() bool {
	var asleep bool
	return c.raw != nil && c.raw.Control(func(fd uintptr) { asleep = c.sleep(fd) }) == nil && asleep
}

// eachWatched is Each on a socket that can be watched. It stays inside one
// RawConn.Read for the life of the connection, or until it falls asleep.
//
// Its second trick: a read that did not fill its buffer has emptied the
// socket, so the next one would only say EAGAIN, and is not made. That saves
// one system call in three. The poller is edge-triggered: bytes that come
// after are announced, but an end of stream that came together with the last
// bytes was announced with them and may stay unseen. Kick has it looked for,
// and without Options.Kicked the trick is not used.
func (c *Conn) eachWatched(ctx context.Context, handle Handler) error {
	var failure error
	quiet := func(fd uintptr) bool { // what becomes of the goroutine when there is nothing more to read
		c.park()
		if c.nap == nil || c.nap.stay || !c.sleep(fd) {
			return false
		}
		failure = errAsleep
		return true
	}
	watch := func(fd uintptr) bool {
		for {
			room := c.target()
			n, err := socket.Read(int(fd), room)
			if errors.Is(err, syscall.EAGAIN) {
				return quiet(fd)
			}
			if err != nil || n == 0 {
				failure = over(n, err)
				return true
			}
			if failure = c.got(n); failure == nil {
				failure = c.drain(handle, int(fd))
			}
			if failure == nil { // with bytes coming all the time, nothing else would notice
				failure = ctx.Err()
			}
			if failure != nil {
				return true
			}
			if n < len(room) && c.opts.Kicked {
				return quiet(fd)
			}
		}
	}
	for {
		err := c.raw.Read(watch)
		switch {
		case failure != nil:
			return failure
		case !c.onlyKicked(err):
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case c.nap != nil:
			c.nap.stay = false
		}
	}
}

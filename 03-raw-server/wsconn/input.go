package wsconn

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"websocket.example/03-raw-server/frame"
)

var past = time.Unix(1, 0)

// fill waits for bytes and adds them to the input.
func (c *Conn) fill(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			c.park() // the next call may be long in coming
			return err
		}
		err := c.fillOnce(ctx)
		if err == nil || !c.onlyKicked(err) {
			return err
		}
	}
}

func (c *Conn) fillOnce(ctx context.Context) error {
	if ctx.Done() != nil {
		defer interrupt(ctx, c.nc.SetReadDeadline)()
	}
	return c.readSome()
}

// onlyKicked says whether a read was woken by Kick, or by the end of a
// context, and takes the deadline away that did it. Look at the context
// after it, not before: it may have set its deadline meanwhile.
func (c *Conn) onlyKicked(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) && c.nc.SetReadDeadline(time.Time{}) == nil
}

// interrupt wakes a read or write when the context ends, by a deadline in
// the past. The function it returns takes the deadline away again.
func interrupt(ctx context.Context, deadline func(time.Time) error) (stop func()) {
	woken := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		_ = deadline(past) // it fails when the connection is closed, which wakes as well
		close(woken)
	})
	return func() {
		if !cancel() {
			<-woken
		}
		_ = deadline(time.Time{})
	}
}

// readSome reads once, and waits for it without a buffer where it can.
func (c *Conn) readSome() error {
	if c.raw != nil {
		return c.readWatched()
	}
	n, err := c.nc.Read(c.target())
	if n > 0 || err == nil {
		return c.got(n)
	}
	c.park()
	return over(n, err)
}

// target is where the next bytes belong: behind what is unread, or straight
// into a long message.
func (c *Conn) target() []byte {
	if room := c.straight(); room != nil {
		return room
	}
	if c.load(); c.in == nil {
		c.in = getBuffer(c.atOnce())
	}
	c.in.makeRoom()
	return c.in.free()
}

// atOnce is how much to read at once. After a long message it is room for
// another one: it may then be in one piece, and is not copied. Where a buffer
// is held while waiting, that would cost too much.
func (c *Conn) atOnce() int {
	if c.lately == 0 || c.raw == nil {
		return readSize
	}
	return int(c.lately) + frame.MaxHeaderSize
}

// got takes over what was read to the target.
func (c *Conn) got(n int) error {
	if c.straight() != nil {
		part := c.parts.free()[:n]
		c.parts.w += n
		return c.accept(part)
	}
	c.in.w += n
	return nil
}

// park gives the input buffer back. What is unread of it, the start of a
// header or of a control frame, is kept aside.
func (c *Conn) park() {
	if c.in == nil {
		return
	}
	if rest := c.in.unread(); len(rest) > 0 {
		c.stash = append(c.stash[:0], rest...)
	}
	putBuffer(c.in)
	c.in = nil
}

// load takes an input buffer if there is something to go into it.
func (c *Conn) load() {
	if len(c.stash) == 0 {
		return
	}
	c.in = getBuffer(max(readSize, len(c.stash)))
	c.in.w = copy(c.in.b, c.stash)
	c.stash = nil
}

// over turns what a read says at the end of the stream into an error that
// tells a connection that broke from one that was closed.
func over(n int, err error) error {
	if n == 0 && err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

package wsconn

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
)

// ErrClosed says that a close frame was sent: nothing may follow it.
//
// RFC 6455, section 5.5.1.
var ErrClosed = errors.New("wsconn: the connection is closed for writing")

var errNoMessage = errors.New("wsconn: a message is Text or Binary")

const (
	// batch is how much is gathered before it is written.
	batch = 64 << 10
	// long is from where on a payload is written from where it is, and only
	// its beginning is copied behind its header. Then the other side can be
	// woken by the first write, and reads while we are at the second.
	long = 32 << 10
)

// Write sends a message. It returns when the bytes are with the kernel, or
// with another goroutine that is writing just now and takes them along, or
// with Each, which writes when its handlers have returned. When the other
// side does not read, it waits, for at most the write timeout. A context that
// ends in the middle of a message breaks the connection. Text must be UTF-8;
// it is not checked.
//
// RFC 6455, section 6.1: only while the connection is open, as one frame or
// several, of which the first has the opcode and the last is marked, and
// which a client masks.
func (c *Conn) Write(ctx context.Context, op frame.Opcode, message []byte) error {
	if op.IsControl() || op.IsReserved() || op == frame.Continuation {
		return errNoMessage
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.waitForTurn(ctx); err != nil {
		return err
	}
	h := frame.Header{Fin: true, Opcode: op}
	if c.pmd == nil || len(message) < or(c.opts.Deflate.MinSize, 256) {
		return c.push(ctx, h, message)
	}
	// From here on the lock is held until the message is appended: the order of
	// the compressor's window is that of the wire.
	packed := getBuffer(len(message))
	defer putBuffer(packed)
	if c.deflate == nil {
		c.deflate = deflate.NewCompressor(*c.pmd, c.role == Server, or(c.opts.Deflate.Level, 1))
	}
	bytes, err := c.deflate.Append(packed.b[:0], message)
	if err != nil {
		return c.fail(err)
	}
	h.RSV = frame.RSV1 // RFC 7692, section 6.1: on the first frame of a message
	return c.push(ctx, h, bytes)
}

// Ping asks the other side for a pong with the same bytes, at most 125.
func (c *Conn) Ping(ctx context.Context, data []byte) error {
	if len(data) > 125 { // RFC 6455, section 5.5
		return errors.New("wsconn: a ping has at most 125 bytes")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.push(ctx, frame.Header{Fin: true, Opcode: frame.Ping}, data)
}

// send writes a control frame for the reader.
func (c *Conn) send(op frame.Opcode, body []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.push(context.Background(), frame.Header{Fin: true, Opcode: op}, body)
	if errors.Is(err, ErrClosed) {
		return nil // a ping that crossed our close frame gets no answer
	}
	return err
}

// push puts a frame behind those before it, and sees to it that it is
// written. The lock is held; it is let go while bytes are written.
func (c *Conn) push(ctx context.Context, h frame.Header, payload []byte) error {
	if err := c.wait(ctx); err != nil {
		return err
	}
	if h.Opcode == frame.Close {
		c.sent = true   // now, because others may write as soon as the lock is let go
		c.wakeWaiting() // they need not wait for their turn any more
	}
	h.Length = uint64(len(payload))
	if c.role == Client { // RFC 6455, section 5.3: a new key for every frame, from a strong source
		h.Masked = true
		_, _ = rand.Read(h.Key[:]) // it never fails
	}
	if c.show != nil {
		c.show.Header(true, h)
		c.show.Payload(true, payload)
	}
	c.header(h)
	if len(payload) >= long && !h.Masked && !c.flushing {
		n := min(max(batch-c.out.w, 0), len(payload))
		c.ensure(n)
		c.out.w += copy(c.out.free(), payload[:n])
		return c.flushWith(ctx, payload[n:])
	}
	at := c.out.w
	c.ensure(len(payload))
	c.out.w += copy(c.out.free(), payload)
	if h.Masked {
		frame.Mask(c.out.b[at:c.out.w], h.Key, 0)
	}
	if c.flushing || c.corked && c.out.w < batch {
		return nil
	}
	return c.flush(ctx)
}

// wait returns when a frame may be appended: what is gathered is below the
// batch, or all of it is written.
func (c *Conn) wait(ctx context.Context) error {
	for {
		switch {
		case c.broken != nil:
			return c.broken
		case c.sent:
			return ErrClosed
		case !c.flushing || c.out == nil || c.out.w < batch:
			return nil
		}
		if err := c.idle(ctx); err != nil {
			return err
		}
	}
}

// idle lets go of the lock until the flusher has written something.
func (c *Conn) idle(ctx context.Context) error {
	if c.room == nil {
		c.room = make(chan struct{})
	}
	room := c.room
	c.mu.Unlock()
	defer c.mu.Lock()
	select {
	case <-room:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// header appends a frame's header.
func (c *Conn) header(h frame.Header) {
	c.ensure(frame.MaxHeaderSize)
	c.out.w = len(frame.Append(c.out.b[:c.out.w], h))
}

// ensure makes room for more bytes in what is gathered.
func (c *Conn) ensure(more int) {
	if c.out == nil {
		c.out = getBuffer(max(more, int(c.came)))
		return
	}
	if len(c.out.free()) >= more {
		return
	}
	bigger := getBuffer(max(c.out.w+more, 2*len(c.out.b)))
	bigger.w = copy(bigger.b, c.out.unread())
	putBuffer(c.out)
	c.out = bigger
}

// cork has frames gathered until uncork. Answers are often as long as what
// they answer: that much room is made at once.
func (c *Conn) cork() {
	var came int32
	if c.in != nil {
		came = int32(min(c.in.w-c.in.r, batch))
	}
	c.mu.Lock()
	c.corked, c.came = true, came
	c.mu.Unlock()
}

// noFD is no file descriptor.
const noFD = -1

// uncork writes what was gathered. The caller may give the descriptor that he
// holds anyway, which saves asking for it.
func (c *Conn) uncork(fd int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.corked, c.came = false, 0
	if c.out == nil || c.flushing {
		return c.broken
	}
	c.held = int32(fd)
	err := c.flush(context.Background())
	c.held = noFD
	return err
}

// flush writes what is gathered.
func (c *Conn) flush(ctx context.Context) error { return c.flushWith(ctx, nil) }

// flushWith writes what is gathered, and directly behind it a payload that
// is not copied. What others append meanwhile it leaves to a goroutine of its
// own: nobody is kept here for longer than his own bytes take.
func (c *Conn) flushWith(ctx context.Context, payload []byte) error {
	c.flushing = true
	c.flushOnce(ctx, payload)
	if c.out != nil && c.broken == nil {
		go c.flushRest()
		return nil
	}
	c.flushing = false
	return c.broken
}

func (c *Conn) flushRest() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.out != nil && c.broken == nil {
		c.flushOnce(context.Background(), nil)
	}
	c.flushing = false
}

func (c *Conn) flushOnce(ctx context.Context, payload []byte) {
	out, fd := c.out, int(c.held)
	c.out = nil
	c.mu.Unlock()
	err := c.transmit(ctx, fd, out.unread(), payload)
	putBuffer(out)
	c.mu.Lock()
	if err != nil {
		c.fail(err) //nolint:errcheck // it is in c.broken
	}
	c.wakeWaiting()
}

// wakeWaiting has everyone who is idle look again.
func (c *Conn) wakeWaiting() {
	if c.room != nil {
		close(c.room)
		c.room = nil
	}
}

// transmit writes bytes, waiting for the other side if need be.
func (c *Conn) transmit(ctx context.Context, fd int, first, second []byte) error {
	if c.raw == nil {
		if err := c.sendPieces(ctx, first); err != nil || second == nil {
			return err
		}
		return c.sendPieces(ctx, second)
	}
	n, err := c.sendNow(fd, first)
	if err != nil {
		return err
	}
	if first = first[n:]; len(first) == 0 && len(second) > 0 {
		if n, err = c.sendNow(fd, second); err != nil {
			return err
		}
		second = second[n:]
	}
	if len(first)+len(second) == 0 {
		return nil
	}
	parts := net.Buffers{first, second}
	for {
		n, err := c.sendFor(ctx, func() (int64, error) { return parts.WriteTo(c.nc) })
		if n < enough || !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
	}
}

// enough is how much the other side must take within the write timeout.
const enough = 64 << 10

// sendPieces writes bytes where a write that ran into its deadline can't be
// continued, such as on TLS: each piece has its own.
func (c *Conn) sendPieces(ctx context.Context, b []byte) error {
	for len(b) > 0 {
		n, err := c.sendFor(ctx, func() (int64, error) {
			n, err := c.nc.Write(b[:min(enough, len(b))])
			return int64(n), err
		})
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// sendFor lets something write for as long as the write timeout, and until
// the context ends.
func (c *Conn) sendFor(ctx context.Context, write func() (int64, error)) (int64, error) {
	if err := c.nc.SetWriteDeadline(time.Now().Add(c.opts.writeTimeout())); err != nil {
		return 0, err
	}
	if ctx.Done() != nil {
		defer interrupt(ctx, c.nc.SetWriteDeadline)()
	} else if c.raw != nil { // sendNow sets none, and may not find this one
		defer func() { _ = c.nc.SetWriteDeadline(time.Time{}) }()
	}
	n, err := write()
	if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil {
		err = fmt.Errorf("wsconn: a write was cut off: %w", ctx.Err())
	}
	return n, err
}

// fail ends all writing, and wakes the reader to see it.
func (c *Conn) fail(err error) error {
	if c.broken == nil {
		c.broken = err
		// Not here and now: Close waits until nobody reads or writes any more,
		// and this may be a handler, which runs within the reading of Each.
		go c.nc.Close()
		c.wakeWaiting()
		if c.nap != nil {
			c.wake()
		}
	}
	return c.broken
}

// Abort ends the connection at once, without a closing handshake. Unlike
// closing NetConn, a handler may do it.
func (c *Conn) Abort() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail(net.ErrClosed) //nolint:errcheck // it is what was asked for
}

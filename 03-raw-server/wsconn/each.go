package wsconn

import (
	"context"
	"errors"

	"websocket.example/03-raw-server/frame"
)

// A Handler is told each message: Text or Binary and its bytes, which are
// good until it returns. An error ends the connection: a *CloseError or a
// *frame.Error with the code in it, any other with InternalError. (ErrClosed
// is none: the closing handshake, which has begun, goes on.)
type Handler func(op frame.Opcode, message []byte) error

// A handlerError is what a handler returned.
type handlerError struct{ error }

func (e *handlerError) Unwrap() error { return e.error }

// Each tells the handler every message until the connection ends, and
// returns why: a *CloseError after a closing handshake.
//
// It is what a server wants: everything that came in one read is handled, and
// what the handler writes meanwhile goes out in one write. While the
// connection is idle it holds no buffer.
//
// When the context ends, so does Each, and the connection is told that we
// are going away.
func (c *Conn) Each(ctx context.Context, handle Handler) error {
	c.reading.Lock()
	defer c.reading.Unlock()
	err := c.ready(ctx)
	if err == nil {
		err = c.each(ctx, handle)
	}
	if c.ended != nil {
		return c.ended
	}
	return c.end(err)
}

func (c *Conn) each(ctx context.Context, handle Handler) error {
	if ctx.Done() != nil {
		defer interrupt(ctx, c.nc.SetReadDeadline)()
	}
	if err := c.drain(handle, noFD); err != nil {
		return err
	}
	if c.raw != nil {
		return c.eachWatched(ctx, handle)
	}
	return c.eachPlain(ctx, handle)
}

// eachPlain is Each for connections that can't be watched, such as TLS.
func (c *Conn) eachPlain(ctx context.Context, handle Handler) error {
	for {
		err := c.readSome()
		if err == nil {
			err = c.drain(handle, noFD)
		} else if c.onlyKicked(err) {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

// drain handles every message that the input holds, and then writes what
// was answered, to the socket itself if the caller is its reader.
func (c *Conn) drain(handle Handler, fd int) error {
	c.cork()
	for {
		message, ok, err := c.whole()
		if !ok && err == nil {
			message, ok, err = c.assemble()
		}
		if err == nil && ok {
			if err = handle(c.opcode, message); err != nil {
				err = c.refused(err)
			}
			c.handedBack()
		}
		if err != nil || !ok {
			if broken := c.uncork(fd); err == nil {
				err = broken
			}
			return err
		}
	}
}

// refused is what becomes of a handler's error.
func (c *Conn) refused(err error) error {
	if errors.Is(err, ErrClosed) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.sent && c.broken == nil {
			return nil
		}
	}
	return &handlerError{err}
}

// Kick makes Each look whether the stream has ended. Call it some time after
// the last sign of life: see eachWatched for why it may not know.
func (c *Conn) Kick() {
	if c.isAsleep() {
		return // the poller knows
	}
	_ = c.nc.SetReadDeadline(past) // it fails when the connection is closed, which wakes as well
}

package wsconn

import (
	"context"
	"errors"
	"fmt"

	"websocket.example/03-raw-server/frame"
)

// A Writer is a message that is sent as it is made: each Write is a fragment,
// and Last or Close ends the message. One must, or everyone else waits.
//
// RFC 6455, section 5.4: fragments of one message MUST NOT be interleaved
// with those of another. So from the first Write to Close no other message
// is sent on the connection; control frames are.
type Writer struct {
	c      *Conn
	ctx    context.Context // an io.Writer has no other place for it
	opcode frame.Opcode    // of the next fragment
	begun  bool
	closed bool
}

// NextWriter begins a message of which the length is not known. It is not
// compressed. The context counts for its writes: when it ends in the middle of
// the message, that breaks the connection.
func (c *Conn) NextWriter(ctx context.Context, op frame.Opcode) (*Writer, error) {
	if op != frame.Text && op != frame.Binary {
		return nil, errNoMessage
	}
	return &Writer{c: c, ctx: ctx, opcode: op}, nil
}

// Write sends a fragment. The bytes are the caller's again when it returns.
func (w *Writer) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if err := w.send(b, false); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Last sends the last fragment.
func (w *Writer) Last(b []byte) error { return w.send(b, true) }

// Close sends an empty last fragment, if there was none.
func (w *Writer) Close() error {
	if w.closed {
		return nil
	}
	return w.send(nil, true)
}

func (w *Writer) send(b []byte, last bool) error {
	if w.closed {
		return errors.New("wsconn: the message is complete")
	}
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	err := w.ctx.Err()
	if !w.begun {
		if err == nil {
			err = w.c.waitForTurn(w.ctx)
		}
		if err != nil {
			return err
		}
		w.begun, w.c.between = true, true
	}
	if err == nil {
		err = w.c.push(w.ctx, frame.Header{Fin: last, Opcode: w.opcode}, b)
	}
	if err != nil && !errors.Is(err, ErrClosed) {
		// The message will never be complete, and nobody may send another before it is.
		err = w.c.fail(fmt.Errorf("wsconn: a message was cut off: %w", err))
	}
	w.opcode = frame.Continuation
	if last {
		w.closed, w.c.between = true, false
		w.c.wakeWaiting()
	}
	return err
}

// waitForTurn returns when a new message may be appended: when there is room,
// and no other is half sent. The lock is held, and let go while it waits.
func (c *Conn) waitForTurn(ctx context.Context) error {
	for {
		if err := c.wait(ctx); err != nil || !c.between {
			return err
		}
		if err := c.idle(ctx); err != nil {
			return err
		}
	}
}

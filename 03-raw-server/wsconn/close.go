package wsconn

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"websocket.example/03-raw-server/frame"
)

// A CloseError is how a connection ended: with a close frame from the other
// side, or, with the code AbnormalClosure, without one. NoStatus is a close
// frame without a code; neither of these two is ever on the wire.
//
// RFC 6455, section 7.1.5 and section 7.1.6: the code and the reason of the
// first close frame that came; section 7.4.1: the codes for reports only.
type CloseError struct {
	Code   frame.CloseCode
	Reason string
	Err    error // what broke the connection, if it broke
}

func (e *CloseError) Error() string {
	text := "the connection was closed: " + e.Code.String()
	if e.Reason != "" {
		text += fmt.Sprintf(" (%q)", e.Reason)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns what broke the connection.
func (e *CloseError) Unwrap() error { return e.Err }

// Close begins the closing handshake: it sends a close frame, after which
// nothing can be written. Messages that arrive until the answer comes are
// still told to whoever reads. If nobody reads, Close itself waits for the
// answer and throws them away.
//
// It returns nil when the other side has closed as well, and at once when
// somebody else reads: that one will be told.
//
// RFC 6455, section 7.1.2.
func (c *Conn) Close(code frame.CloseCode, reason string) error {
	if code != frame.NoStatus && !code.Sendable() {
		return fmt.Errorf("wsconn: the close code %d is not to be sent", uint16(code))
	}
	if !utf8.ValidString(reason) { // RFC 6455, section 5.5.1: the reason is UTF-8
		return errors.New("wsconn: the close reason is not UTF-8")
	}
	err := c.sendClose(code, reason)
	if !c.reading.TryLock() {
		return err
	}
	defer c.reading.Unlock()
	if c.isServed() {
		return err
	}
	c.disown()
	for {
		_, _, err := c.read(context.Background())
		var closed *CloseError
		switch {
		case err == nil:
			continue
		case errors.As(err, &closed) && closed.Err == nil:
			return nil
		}
		return err
	}
}

// errUnanswered is what broke a connection on which a close frame was sent.
var errUnanswered = fmt.Errorf("wsconn: no answer to the close frame: %w", os.ErrDeadlineExceeded)

// sendClose sends a close frame, the first time, and gives the other side
// the close timeout to end the connection. So long it may also take to write
// what is before the close frame.
func (c *Conn) sendClose(code frame.CloseCode, reason string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing == nil && c.broken == nil {
		c.closing = time.AfterFunc(c.opts.closeTimeout(), func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.fail(errUnanswered) //nolint:errcheck // it is in c.broken
		})
	}
	if code != frame.NoStatus && !code.Sendable() {
		code = frame.InternalError // a handler's
	}
	body := frame.AppendClose(make([]byte, 0, 125), code, strings.ToValidUTF8(reason, "?"))
	err := c.push(context.Background(), frame.Header{Fin: true, Opcode: frame.Close}, body)
	switch {
	case errors.Is(err, ErrClosed):
		return nil // it was sent before
	case err == nil:
		c.closing.Reset(c.opts.closeTimeout())
	}
	return err
}

// end is the last thing that a reader does: it tells the other side why,
// closes the network connection, and gives everything back.
func (c *Conn) end(err error) error {
	var closed *CloseError
	var broke *frame.Error
	var own *handlerError
	byHandler := errors.As(err, &own)
	c.mu.Lock()
	broken := c.broken
	c.mu.Unlock()
	switch {
	case errors.As(err, &closed) && closed.Err == nil:
		reason := ""
		if byHandler {
			reason = closed.Reason
		}
		// RFC 6455, section 5.5.1: MUST send a close frame in response, typically with the same code
		c.leave(closed.Code, reason, !byHandler)
	case errors.As(err, &broke):
		// RFC 6455, section 7.1.7: fail the connection, and say why first
		c.leave(broke.Code, broke.Reason, false)
	case broken != nil && (!byHandler || errors.Is(err, broken)):
		err, byHandler = &CloseError{Code: frame.AbnormalClosure, Err: broken}, false
	case byHandler:
		c.leave(frame.InternalError, "", false)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		c.leave(frame.GoingAway, "", false)
	default:
		err = &CloseError{Code: frame.AbnormalClosure, Err: err}
	}
	if byHandler {
		err = own.error
	}
	c.nc.Close()
	c.ended = err
	c.release()
	return err
}

// linger is how long a connection waits for the other side to end TCP, so
// that a reset does not overtake the close frame.
var linger = time.Second // a variable because on a slow machine tests need longer

// leave sends a close frame, unless one was sent, and ends TCP: the server
// first, and both so that nothing that was sent is lost. After the other
// side's close frame nothing more can come.
//
// RFC 6455, section 5.5.1: after sending and receiving a close frame, MUST
// close TCP, the server at once. RFC 6455, section 7.1.1: how.
func (c *Conn) leave(code frame.CloseCode, reason string, closed bool) {
	if c.sendClose(code, reason) != nil {
		return
	}
	c.mu.Lock()
	for c.flushing { // another goroutine takes the close frame along: at the latest, sendClose's timer ends that
		_ = c.idle(context.Background())
	}
	c.mu.Unlock()
	if c.role == Server {
		half, can := c.nc.(interface{ CloseWrite() error })
		if can && half.CloseWrite() != nil || !can && closed {
			return
		}
	}
	// A client waits for the server to end; a server throws away what was on
	// its way, because closing with bytes unread would send a reset.
	until := time.Now().Add(linger)
	if c.nc.SetReadDeadline(until) != nil {
		return
	}
	scrap := getBuffer(1)
	defer putBuffer(scrap)
	for range 1 << 12 { // 16 MiB at most
		_, err := c.nc.Read(scrap.b)
		if err != nil && (time.Until(until) <= 0 || !c.onlyKicked(err) || c.nc.SetReadDeadline(until) != nil) {
			return
		}
	}
}

// release gives back what the connection held.
func (c *Conn) release() {
	c.park()
	c.stash = nil
	if c.parts != nil {
		putBuffer(c.parts.buffer)
		c.parts = nil
	}
	if c.inflate != nil {
		c.inflate.Release()
		c.inflate = nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken == nil {
		c.broken = ErrClosed
		c.wakeWaiting()
	}
	if c.closing != nil {
		c.closing.Stop()
	}
	if c.deflate != nil {
		c.deflate.Release()
		c.deflate = nil
	}
	if c.out != nil && !c.flushing {
		putBuffer(c.out)
		c.out = nil
	}
}

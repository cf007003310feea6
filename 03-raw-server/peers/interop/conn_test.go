// Package interop lets this repository's server and client talk with those of
// other libraries.
package interop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"
	"github.com/lxzan/gws"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// patience is how long anything may take before a test gives up. Nothing
// waits for it to pass.
const patience = 30 * time.Second

// A conn is a connection of any library, as the tests need it. Read is called
// all the time, by one goroutine.
type conn interface {
	Read() (text bool, message []byte, err error) // the error is a closed when the other side closed
	Write(text bool, message []byte) error
	Fragments(text bool, parts [][]byte) error // one message, a frame for each part or more
	Ping() error                               // returns when the pong is there, or right away if a test must look itself
	Close(code int, reason string) error
	Abort()
}

// A closed is how the other side closed. Without a code it is 1005.
type closed struct {
	code   int
	reason string
}

func (c closed) Error() string { return fmt.Sprintf("closed with %d (%q)", c.code, c.reason) }

// ours is wsconn.
type ours struct{ *wsconn.Conn }

func opcode(text bool) frame.Opcode {
	if text {
		return frame.Text
	}
	return frame.Binary
}

func (c ours) Read() (bool, []byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	op, message, err := c.Conn.Read(ctx)
	return op == frame.Text, append([]byte{}, message...), oursClosed(err)
}

func oursClosed(err error) error {
	var e *wsconn.CloseError
	if errors.As(err, &e) && e.Err == nil {
		return closed{int(e.Code), e.Reason}
	}
	return err
}

func (c ours) Write(text bool, message []byte) error {
	return c.Conn.Write(context.Background(), opcode(text), message)
}

// Fragments are frames made by hand: wsconn sends each message in one.
func (c ours) Fragments(text bool, parts [][]byte) error {
	var b []byte
	for i, part := range parts {
		h := frame.Header{Opcode: frame.Continuation, Fin: i == len(parts)-1, Masked: true, Key: [4]byte{9, 8, 7, byte(i)}, Length: uint64(len(part))}
		if i == 0 {
			h.Opcode = opcode(text)
		}
		b = frame.Append(b, h)
		at := len(b)
		b = append(b, part...)
		frame.Mask(b[at:], h.Key, 0)
		if !h.Fin { // and a ping in between, which is allowed
			b = frame.Append(b, frame.Header{Opcode: frame.Ping, Fin: true, Masked: true})
		}
	}
	_, err := c.NetConn().Write(b)
	return err
}

func (c ours) Ping() error {
	before := c.Frames()
	if err := c.Conn.Ping(context.Background(), []byte("are you there?")); err != nil {
		return err
	}
	for end := time.Now().Add(patience); c.Frames() == before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return errors.New("no pong came")
		}
	}
	return nil
}

func (c ours) Close(code int, reason string) error {
	return c.Conn.Close(frame.CloseCode(code), reason)
}

func (c ours) Abort() { c.NetConn().Close() }

// ofGorilla is gorilla's connection.
type ofGorilla struct {
	*gorilla.Conn
	pongs chan string
}

func newGorilla(c *gorilla.Conn) ofGorilla {
	g := ofGorilla{c, make(chan string, 1)}
	c.SetPongHandler(func(data string) error {
		g.pongs <- data
		return nil
	})
	return g
}

func (c ofGorilla) Read() (bool, []byte, error) {
	_ = c.SetReadDeadline(time.Now().Add(patience))
	kind, message, err := c.ReadMessage()
	var e *gorilla.CloseError
	if errors.As(err, &e) && e.Code != gorilla.CloseAbnormalClosure {
		err = closed{e.Code, e.Text}
	}
	if err != nil {
		c.Conn.Close() // which this library leaves to whoever reads
	}
	return kind == gorilla.TextMessage, message, err
}

func gorillaKind(text bool) int {
	if text {
		return gorilla.TextMessage
	}
	return gorilla.BinaryMessage
}

func (c ofGorilla) Write(text bool, message []byte) error {
	return c.WriteMessage(gorillaKind(text), message)
}

// Fragments are smaller than the parts where those don't fit its buffer, and
// go together where they do.
func (c ofGorilla) Fragments(text bool, parts [][]byte) error {
	w, err := c.NextWriter(gorillaKind(text))
	if err != nil {
		return err
	}
	return writeParts(w, parts)
}

func writeParts(w io.WriteCloser, parts [][]byte) error {
	for _, part := range parts {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return w.Close()
}

func (c ofGorilla) Ping() error {
	const data = "are you there?"
	if err := c.WriteControl(gorilla.PingMessage, []byte(data), time.Now().Add(patience)); err != nil {
		return err
	}
	select {
	case got := <-c.pongs:
		if got != data {
			return fmt.Errorf("the pong says %q", got)
		}
		return nil
	case <-time.After(patience):
		return errors.New("no pong came")
	}
}

func (c ofGorilla) Close(code int, reason string) error {
	return c.WriteControl(gorilla.CloseMessage, gorilla.FormatCloseMessage(code, reason), time.Now().Add(patience))
}

func (c ofGorilla) Abort() { c.Conn.Close() }

// ofCoder is coder's connection.
type ofCoder struct{ *coder.Conn }

func (c ofCoder) Read() (bool, []byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	kind, message, err := c.Conn.Read(ctx)
	var e coder.CloseError
	if errors.As(err, &e) {
		err = closed{int(e.Code), e.Reason}
	}
	return kind == coder.MessageText, message, err
}

func coderKind(text bool) coder.MessageType {
	if text {
		return coder.MessageText
	}
	return coder.MessageBinary
}

func (c ofCoder) Write(text bool, message []byte) error {
	return c.Conn.Write(context.Background(), coderKind(text), message)
}

func (c ofCoder) Fragments(text bool, parts [][]byte) error {
	w, err := c.Writer(context.Background(), coderKind(text))
	if err != nil {
		return err
	}
	return writeParts(w, parts)
}

func (c ofCoder) Ping() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return c.Conn.Ping(ctx)
}

// Close waits in this library for the answer, which whoever reads gets first.
func (c ofCoder) Close(code int, reason string) error {
	err := c.Conn.Close(coder.StatusCode(code), reason)
	if errors.Is(err, net.ErrClosed) || coder.CloseStatus(err) >= 0 {
		return nil
	}
	return err
}

func (c ofCoder) Abort() { c.CloseNow() } //nolint:errcheck // it is over

// ofGWS is gws's connection, for the window sizes that only it negotiates.
type ofGWS struct {
	gws.BuiltinEventHandler
	*gws.Conn
	came chan gwsMessage
}

type gwsMessage struct {
	text  bool
	bytes []byte
	err   error
}

func (c *ofGWS) OnMessage(_ *gws.Conn, m *gws.Message) {
	c.came <- gwsMessage{m.Opcode == gws.OpcodeText, append([]byte{}, m.Bytes()...), nil}
	m.Close()
}

func (c *ofGWS) OnClose(_ *gws.Conn, err error) {
	var e *gws.CloseError
	if errors.As(err, &e) {
		err = closed{int(e.Code), string(e.Reason)}
	}
	c.came <- gwsMessage{err: err}
}

func (c *ofGWS) OnPong(*gws.Conn, []byte) {}

func (c *ofGWS) Read() (bool, []byte, error) {
	select {
	case m := <-c.came:
		return m.text, m.bytes, m.err
	case <-time.After(patience):
		return false, nil, errors.New("no message came")
	}
}

func (c *ofGWS) Write(text bool, message []byte) error {
	if text {
		return c.WriteMessage(gws.OpcodeText, message)
	}
	return c.WriteMessage(gws.OpcodeBinary, message)
}

func (c *ofGWS) Fragments(text bool, parts [][]byte) error {
	var whole []byte
	for _, part := range parts {
		whole = append(whole, part...)
	}
	return c.Write(text, whole) // it has no way to send any
}

func (c *ofGWS) Ping() error { return c.WritePing(nil) }

func (c *ofGWS) Close(code int, reason string) error {
	return c.WriteClose(uint16(code), []byte(reason))
}

func (c *ofGWS) Abort() { c.NetConn().Close() }

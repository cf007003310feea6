package edge

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
	"websocket.example/05-apigw-lambda/gateway/id"
	"websocket.example/05-apigw-lambda/gateway/management"
)

// A Conn is one client's connection.
type Conn struct {
	ID                  string
	ConnectedAt         time.Time
	SourceIP, UserAgent string
	Handshake           *handshake.Handshake // until it is made
	Data                any                  // whoever routes keeps here what he needs

	edge   *Edge
	made   chan struct{} // closed when the client has its 101, or has gone without
	ws     *wsconn.Conn  // once made; nil if it has gone
	turn   chan struct{} // holds who may handle a message, of as many as may at once
	frames uint32        // what the sweeper last saw

	messages sync.WaitGroup // being handled
	waiting  atomic.Int64   // bytes that the client has not taken yet
	cameAt   atomic.Int64   // when the last message came, in Unix nanoseconds
	sentAt   atomic.Int64   // when the last was sent

	mu     sync.Mutex
	closed bool // by us: with that code and reason
	code   frame.CloseCode
	reason string
}

// atOnce is how many messages of one connection are handled at the same time.
// Whoever sends more waits in TCP.
const atOnce = 128

// buffered is how many bytes may wait for one client.
const buffered = 1 << 20

func newConn(e *Edge, nc net.Conn, h *handshake.Handshake) *Conn {
	// The millisecond is what all events tell, and what GET does.
	c := &Conn{
		ID: id.New(), ConnectedAt: time.Now().Truncate(time.Millisecond), UserAgent: h.Request.Header.Get("User-Agent"),
		Handshake: h, edge: e, made: make(chan struct{}), turn: make(chan struct{}, atOnce),
	}
	if e.options.Serial {
		c.turn = make(chan struct{}, 1)
	}
	c.SourceIP, _, _ = net.SplitHostPort(nc.RemoteAddr().String())
	c.cameAt.Store(c.ConnectedAt.UnixNano())
	return c
}

// snippet: handle

// handle is told every message, in the connection's own goroutine,
// and leaves each to another.
func (c *Conn) handle(op frame.Opcode, message []byte) error {
	if op != frame.Text {
		return errBinary
	}
	c.cameAt.Store(time.Now().UnixNano())
	text := string(message)
	c.turn <- struct{}{}
	c.messages.Add(1)
	c.edge.workers.Go(func() {
		defer c.messages.Done()
		defer func() { <-c.turn }()
		c.edge.options.Handler.Message(c, text)
	})
	return nil
}

// end snippet: handle

// Send sends a text message. A message that is longer than a frame may be
// goes in several.
func (c *Conn) Send(ctx context.Context, data []byte) error {
	if !utf8.Valid(data) {
		if !c.edge.options.ReplaceNotUTF8 {
			return management.ErrNotUTF8
		}
		data = bytes.ToValidUTF8(data, []byte("\ufffd"))
	}
	select {
	case <-c.made:
	case <-ctx.Done():
		return ctx.Err()
	}
	if c.ws == nil || c.isClosed() {
		return management.ErrGone
	}
	size := int64(len(data))
	defer c.waiting.Add(-size)
	if c.waiting.Add(size) > max(buffered, size) {
		return management.ErrFull
	}
	// Whoever posts may go away; the message is whole all the same.
	ctx = context.WithoutCancel(ctx)
	if err := c.write(ctx, data); err != nil {
		return fmt.Errorf("%w (%w)", management.ErrGone, err)
	}
	c.sentAt.Store(time.Now().UnixNano())
	return nil
}

func (c *Conn) write(ctx context.Context, data []byte) error {
	if len(data) <= MaxFrame {
		return c.ws.Write(ctx, frame.Text, data)
	}
	w, err := c.ws.NextWriter(ctx, frame.Text)
	if err != nil {
		return err
	}
	for len(data) > MaxFrame {
		if _, err := w.Write(data[:MaxFrame]); err != nil {
			return err
		}
		data = data[MaxFrame:]
	}
	return w.Last(data)
}

// Close ends the connection. It is gone for all who want to post at once.
func (c *Conn) Close(code frame.CloseCode, reason string) {
	c.mu.Lock()
	first := !c.closed
	if first {
		c.closed, c.code, c.reason = true, code, reason
	}
	c.mu.Unlock()
	if !first {
		return
	}
	c.edge.mu.Lock()
	delete(c.edge.byID, c.ID)
	c.edge.mu.Unlock()
	<-c.made
	if c.ws != nil {
		_ = c.ws.Close(code, reason) // what comes of it, ended is told
	}
}

func (c *Conn) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

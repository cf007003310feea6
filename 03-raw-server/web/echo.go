package web

import (
	"context"
	"net"
	"sync/atomic"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/narrate"
	"websocket.example/03-raw-server/wsconn"
)

// An echo is a connection whose messages go back to where they came from.
type echo struct {
	number  int
	agreed  string // the extensions
	conn    *wsconn.Conn
	watcher *narrate.Watcher
	witness Witness // may be nil
	viewer  *viewer // the page that looks at it; may be nil

	fragments atomic.Int32 // in how many parts the next message is answered; 0 is as usual
}

// watch begins to watch a connection that is about to begin.
func (p *Page) watch(nc net.Conn, h *handshake.Handshake, page string) *narrate.Watcher {
	p.mu.Lock()
	p.last++
	e := &echo{number: p.last, witness: p.options.Witness, viewer: p.pages[page]}
	p.conns[nc] = e
	p.mu.Unlock()

	terms := narrate.Terms{
		Conn: e.number, Role: wsconn.Server, Start: p.options.Start, MaxMessage: p.options.Conn.MaxMessage,
	}
	for _, extension := range h.Extensions {
		e.agreed = extension.String()
		// The answer binds both sides alike, so whoever reads it knows the terms.
		if params, err := (deflate.Options{}).Confirm(extension); err == nil {
			terms.Deflate = &params
		}
	}
	e.watcher = narrate.Watch(terms, e.saw)
	if e.witness != nil {
		e.witness.Opened(e.number, nc.RemoteAddr(), h)
	}
	return e.watcher
}

// saw is told each frame, while the connection waits.
func (e *echo) saw(f narrate.Frame) {
	if e.witness != nil {
		e.witness.Frame(f)
	}
	if e.viewer != nil {
		e.viewer.tell(tellFrame(f))
	}
}

// begin says how messages are answered.
func (e *echo) begin(c *wsconn.Conn) wsconn.Handler {
	e.conn = c
	if e.viewer != nil {
		e.viewer.look(e)
	}
	return func(op frame.Opcode, message []byte) error {
		if n := e.fragments.Swap(0); n > 0 && len(message) <= maxFragmented {
			return e.answerInFragments(op, message, int(n))
		}
		return c.Write(context.Background(), op, message)
	}
}

func (e *echo) end(err error) {
	e.watcher.End()
	if e.witness != nil {
		e.witness.Ended(e.number, err)
	}
	if e.viewer != nil {
		e.viewer.lookAway(e)
	}
}

// maxFragmented is the longest message that is answered in fragments.
const maxFragmented = 64 << 10

// answerInFragments answers with n frames instead of one, and with a ping
// after the first, because it may stand there.
//
// RFC 6455, section 5.4: fragments MUST NOT be interleaved with those of
// another message; control frames MAY be injected between them.
func (e *echo) answerInFragments(op frame.Opcode, message []byte, n int) error {
	ctx := context.Background()
	w, err := e.conn.NextWriter(ctx, op)
	if err != nil {
		return err
	}
	for i := range n - 1 {
		if _, err := w.Write(message[len(message)*i/n : len(message)*(i+1)/n]); err != nil {
			return err
		}
		if i == 0 {
			if err := e.conn.Ping(ctx, []byte("in between")); err != nil {
				return err
			}
		}
	}
	return w.Last(message[len(message)*(n-1)/n:])
}

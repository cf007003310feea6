package check

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// echo is a message that is always answered, with itself.
const echo = `{"action":"echo"}`

// A peer is a connection, and what comes on it.
type peer struct {
	*wsconn.Conn
	t     *trial
	in    chan message // closed when the connection has ended
	ended error        // how; read it when in is closed

	mu   sync.Mutex
	data []int         // the lengths of the data frames that came
	pong chan struct{} // a pong came
	ping chan struct{} // a ping came

	id    string // its connectionId, once asked
	event event  // the event that told it
}

type message struct {
	text   string
	binary bool
}

// enter goes through the door that a 101 opens.
func (t *trial) enter(r *reply) *peer {
	t.status(r, http.StatusSwitchingProtocols)
	p := &peer{t: t, in: make(chan message, 256), pong: make(chan struct{}, 16), ping: make(chan struct{}, 16)}
	p.Conn = wsconn.New(r.conn, wsconn.Client, &wsconn.Options{CloseTimeout: time.Second, WriteTimeout: 2 * time.Second},
		wsconn.Agreed{Rest: r.rest, Trace: p})
	ctx, stop := context.WithCancel(context.Background())
	go p.read(ctx)
	t.later(func() {
		p.Abort()
		stop()
		for range p.in { // until the reader has ended
		}
	})
	return p
}

func (p *peer) read(ctx context.Context) {
	defer close(p.in)
	for {
		op, b, err := p.Read(ctx)
		if err != nil {
			p.ended = err
			return
		}
		select {
		case p.in <- message{string(b), op == frame.Binary}:
		case <-ctx.Done():
			p.ended = ctx.Err()
			return
		}
	}
}

// Header implements wsconn.Trace.
func (p *peer) Header(sent bool, h frame.Header) {
	if sent {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var signal chan struct{}
	switch {
	case !h.Opcode.IsControl():
		p.data = append(p.data, int(h.Length))
	case h.Opcode == frame.Pong:
		signal = p.pong
	case h.Opcode == frame.Ping:
		signal = p.ping
	}
	select {
	case signal <- struct{}{}:
	default: // nobody counts them
	}
}

// Payload implements wsconn.Trace.
func (p *peer) Payload(bool, []byte) {}

// frames is how long the data frames were that came since the last call.
func (p *peer) frames() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.data
	p.data = nil
	return list
}

func (p *peer) send(text string) {
	p.t.sent("%s", short(text))
	p.write(p.Write(p.t.ctx, frame.Text, []byte(text)))
}

// write looks at the error of a write. One that comes of the other side's
// close is nothing to tell: whoever reads will.
func (p *peer) write(err error) {
	if err != nil && !errors.Is(err, wsconn.ErrClosed) && p.t.ctx.Err() != nil {
		p.t.fail("silence", "")
	}
}

// sendParts sends a message in fragments of at most so many bytes.
func (p *peer) sendParts(text string, size int) {
	p.t.sent("(%d) %s", size, short(text))
	w, err := p.NextWriter(p.t.ctx, frame.Text)
	for err == nil && len(text) > size {
		_, err = w.Write([]byte(text[:size]))
		text = text[size:]
	}
	if err == nil {
		err = w.Last([]byte(text))
	}
	p.write(err)
}

// next is the next message.
func (p *peer) next() string { return p.nextOr("") }

// nextOr is the next message; without one the row fails for want of it.
func (p *peer) nextOr(wanted string) string {
	text := p.take(wanted)
	p.t.came("%s", short(text))
	return text
}

// take is nextOr without a word of what came.
func (p *peer) take(wanted string) string {
	select {
	case m, ok := <-p.in:
		if !ok {
			p.tellEnd()
			p.t.fail("closed", wanted)
		}
		if m.binary {
			p.t.came("(binary) %s", short(m.text))
			p.t.fail("binary", wanted)
		}
		return m.text
	case <-p.t.ctx.Done():
		p.t.came("(nothing)")
		p.t.fail("silence", wanted)
	}
	return ""
}

func (p *peer) tellEnd() {
	code, text := p.closeCode()
	p.t.came("(close %d %q)", code, text)
}

// closeCode is how it ended.
func (p *peer) closeCode() (code int, text string) {
	var closed *wsconn.CloseError
	if errors.As(p.ended, &closed) {
		return int(closed.Code), closed.Reason
	}
	return int(frame.AbnormalClosure), ""
}

// want wants a message.
func (p *peer) want(text string) { p.t.want(p.nextOr(text), text) }

// quiet is what came in a while: a message, "close CODE" or "silent".
func (p *peer) quiet() (text string, silent bool) {
	select {
	case m, ok := <-p.in:
		if !ok {
			p.tellEnd()
			code, _ := p.closeCode()
			return "close " + itoa(code), false
		}
		p.t.came("%s", short(m.text))
		return m.text, false
	case <-time.After(p.t.Config.quiet):
		p.t.came("(nothing)")
		return "silent", true
	case <-p.t.ctx.Done():
		p.t.came("(nothing)")
		return "silent", true
	}
}

// silent wants no word, and then an answer to an echo: the connection is
// still good.
func (p *peer) silent() {
	if text, silent := p.quiet(); !silent {
		p.t.fail("not-silent", "", "got", short(text))
	}
	p.alive()
}

// alive wants the connection to be open and to answer.
func (p *peer) alive() {
	p.send(echo)
	p.want(echo)
}

// closes waits for the end.
func (p *peer) closes(wanted int) (text string) {
	for {
		select {
		case m, ok := <-p.in:
			if ok {
				p.t.came("%s", short(m.text))
				if strings.Contains(m.text, `"pad"`) {
					p.t.fail("taken", "close "+itoa(wanted))
				}
				continue
			}
			p.tellEnd()
			code, text := p.closeCode()
			if code != wanted {
				p.t.fail("code", "close "+itoa(wanted), "got", code)
			}
			return text
		case <-p.t.ctx.Done():
			p.t.came("(nothing)")
			p.t.fail("stays-open", "close "+itoa(wanted))
		}
	}
}

// connectionID asks for the connection's ID.
func (p *peer) connectionID() string {
	if p.id == "" {
		p.send(`{"action":"event"}`)
		text := p.take("{event}")
		_ = json.Unmarshal([]byte(text), &p.event) // what is no event has no ID
		if p.id = p.event.text("requestContext", "connectionId"); p.id == "" {
			p.t.came("%s", short(text))
			p.t.fail("no-event", "{event}")
		}
		p.t.came("(event of %s)", p.id)
	}
	return p.id
}

// ask asks for the event of a message.
func (p *peer) ask() event {
	p.send(`{"action":"event"}`)
	return p.t.event(p.nextOr("{event}"))
}

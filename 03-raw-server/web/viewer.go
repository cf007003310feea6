package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// writeTimeout is how long a page may not read what it is told.
const writeTimeout = 5 * time.Second

// A viewer is a page that is open: the connection over which it is told what
// is seen, and over which it wishes for something.
type viewer struct {
	id   string
	conn *wsconn.Conn
	out  chan any      // what it is to be told
	gone chan struct{} // closed at the end

	mu   sync.Mutex
	echo *echo // what it looks at; nil is nothing
	slow bool  // it did not take what it was told
}

// backlog is how much a page may be behind.
const backlog = 1024

// openPage begins to tell a page what is seen.
func (p *Page) openPage(c *wsconn.Conn) wsconn.Handler {
	v := &viewer{id: rand.Text(), conn: c, out: make(chan any, backlog), gone: make(chan struct{})}
	p.mu.Lock()
	full := len(p.pages) >= p.options.Pages
	if !full {
		p.pages[v.id] = v
	}
	p.work.Add(1)
	p.mu.Unlock()
	if full {
		v.tell(refusal{"refused", "full"})
	} else {
		v.tell(hello{"hello", v.id, !p.options.NoCompression})
	}
	go func() {
		defer p.work.Done()
		v.run(full)
	}()
	return v.wish
}

func (p *Page) closePage(c *wsconn.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range p.pages {
		if v.conn == c {
			delete(p.pages, v.id)
			close(v.gone)
			return
		}
	}
}

// run writes to the page until it has gone.
func (v *viewer) run(full bool) {
	for {
		select {
		case m := <-v.out:
			text, err := json.Marshal(m)
			if err != nil {
				text = []byte(`{"type":"refused","why":"internal"}`)
			}
			ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
			err = v.conn.Write(ctx, frame.Text, text)
			cancel()
			if err != nil {
				return // whoever reads the connection learns of it
			}
			if full {
				_ = v.conn.Close(frame.TryAgainLater, "too many pages") // likewise
				return
			}
		case <-v.gone:
			return
		}
	}
}

// tell puts something in the queue. It never waits: whoever is watched must
// not be slowed down by who watches.
func (v *viewer) tell(m any) {
	select {
	case v.out <- m:
		return
	case <-v.gone:
		return
	default:
	}
	v.mu.Lock()
	first := !v.slow
	v.slow = true
	v.mu.Unlock()
	if first {
		go v.conn.Close(frame.TryAgainLater, "the page is too slow") // whoever reads the connection learns of it
	}
}

// look turns to a connection.
func (v *viewer) look(e *echo) {
	v.mu.Lock()
	v.echo = e
	v.mu.Unlock()
	v.tell(opened{"opened", e.number, e.agreed})
}

// lookAway is told that a connection has ended.
func (v *viewer) lookAway(e *echo) {
	v.mu.Lock()
	if v.echo == e {
		v.echo = nil
	}
	v.mu.Unlock()
	v.tell(ended{"ended", e.number})
}

// A wish is what a page may ask for.
type wish struct {
	Do     string          `json:"do"` // ping, fragments or close
	Text   string          `json:"text"`
	Parts  int             `json:"parts"`
	Code   frame.CloseCode `json:"code"`
	Reason string          `json:"reason"`
}

// wish is told each message of the page.
func (v *viewer) wish(op frame.Opcode, message []byte) error {
	v.mu.Lock()
	e := v.echo
	v.mu.Unlock()
	var w wish
	var why string
	switch err := json.Unmarshal(message, &w); {
	case err != nil || op != frame.Text:
		why = "unknown"
	case e == nil:
		why = "closed"
	default:
		why = w.grant(e)
	}
	if why != "" {
		v.tell(refusal{"refused", why})
	} else {
		v.tell(granted{"granted", w.Do})
	}
	return nil // whatever a page says, it is told more
}

// grant does what is wished for, or says why not.
func (w *wish) grant(e *echo) (why string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	switch {
	case w.Do == "ping" && len(w.Text) <= 125:
		if err := e.conn.Ping(ctx, []byte(w.Text)); err != nil {
			return "closed"
		}
	case w.Do == "fragments" && w.Parts >= 2 && w.Parts <= 16:
		e.fragments.Store(int32(w.Parts))
	case w.Do == "close" && !w.Code.Sendable():
		return "code"
	case w.Do == "close" && len(w.Reason) > frame.MaxReason:
		return "reason"
	case w.Do == "close":
		if err := e.conn.Close(w.Code, w.Reason); err != nil && !errors.As(err, new(*wsconn.CloseError)) {
			return "closed"
		}
	default:
		return "unknown"
	}
	return ""
}

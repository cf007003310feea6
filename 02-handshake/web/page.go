// Package web narrates handshakes to the browser that makes them, and to
// whoever else asks.
//
//	browser --- GET / --------------------> Page            the page
//	browser --- GET chat?id=1234 ---------> Page.chat       a handshake, recorded
//	browser --- GET handshakes/1234 ------> Page.story      what the server saw, explained
package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"sync"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/02-handshake/narrate"
)

// Options say how a page behaves. The zero value will do.
type Options struct {
	Tell func(*narrate.Story) // is given every handshake, by many goroutines; nil is nobody
	Hold time.Duration        // how long an accepted connection stays open; 0 is a minute
}

// A Page serves the page, the WebSocket endpoint chat beside it, and what
// was seen there. All its addresses are relative, so it may stand behind
// http.StripPrefix.
type Page struct {
	tell    func(*narrate.Story)
	hold    time.Duration
	stories stories
	handler http.Handler

	ctx  context.Context // ends with Close
	stop context.CancelFunc
	mu   sync.Mutex     // between Close and work.Add
	work sync.WaitGroup // connections that are no longer HTTP
}

// NewPage makes a page. Close it when nobody serves it any more.
func NewPage(o Options) *Page {
	p := &Page{tell: o.Tell, hold: o.Hold, stories: stories{byID: map[string]*narrate.Story{}, changed: make(chan struct{})}}
	if p.tell == nil {
		p.tell = func(*narrate.Story) {}
	}
	if p.hold <= 0 {
		p.hold = time.Minute
	}
	p.ctx, p.stop = context.WithCancel(context.Background())
	mux := http.NewServeMux()
	mux.HandleFunc("/chat", p.chat)
	mux.HandleFunc("GET /handshakes/{id}", p.story)
	mux.Handle("/", staticFiles())
	p.handler = mux
	return p
}

// ServeHTTP makes the page a handler.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

// Close says goodbye on every connection, and waits for them to end.
func (p *Page) Close() {
	p.mu.Lock()
	p.stop()
	p.mu.Unlock()
	p.work.Wait()
}

// enter counts a connection that Close waits for, unless it is too late.
func (p *Page) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		return false
	}
	p.work.Add(1)
	return true
}

// story answers what the server saw of a handshake. The page may ask before
// it is written down.
func (p *Page) story(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	story := p.stories.wait(ctx, r.PathValue("id"))
	if story == nil {
		http.Error(w, "no such handshake", http.StatusNotFound)
		return
	}
	language := narrate.English
	if l, err := narrate.Speak(r.URL.Query().Get("lang")); err == nil {
		language = l
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_ = json.NewEncoder(w).Encode(story.ToServer(language)) // if it fails, the browser has gone
}

// try is what a client wants to see: try=403 is refused with 403.
func try(target string) (id, what string) {
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return "", ""
	}
	q := u.Query()
	return q.Get("id"), q.Get("try")
}

// options are those of the server at /chat. It speaks the subprotocol chat,
// no extension, and refuses whoever asks for it.
func (p *Page) options() *handshake.Options {
	return &handshake.Options{
		Subprotocols: []string{"chat"},
		Decide: func(_ context.Context, h *handshake.Handshake) *handshake.Refusal {
			_, what := try(h.Request.Target)
			return refusals[what]
		},
	}
}

// The server may refuse with any answer that HTTP has.
var refusals = map[string]*handshake.Refusal{
	"401": {
		Status: http.StatusUnauthorized,
		Header: http.Header{"WWW-Authenticate": {`Basic realm="chat"`}},
		Body:   "Who are you?\n",
	},
	"403": {Status: http.StatusForbidden, Body: "Not you.\n"},
	"302": {
		Status: http.StatusFound,
		Header: http.Header{"Location": {"chat"}},
		Body:   "Try next door.\n",
	},
}

// chat does the handshake of a request that net/http has parsed.
func (p *Page) chat(w http.ResponseWriter, r *http.Request) {
	if !p.enter() {
		http.Error(w, "the server stops", http.StatusServiceUnavailable)
		return
	}
	defer p.work.Done()
	id, what := try(r.RequestURI)
	seen := handshake.FromHTTP(r)
	story := &narrate.Story{ID: id, Peer: r.RemoteAddr, Sorted: true, Request: seen.Append(nil)}
	taken := &hijacker{ResponseWriter: w, forge: what == "proof"}
	conn, _, err := p.options().Upgrade(taken, r)
	story.Err = err
	if err != nil {
		story.Answer = refusalOf(err)
		p.remember(story)
		return
	}
	story.Answer, story.Forged = taken.conn.written, what == "proof"
	p.remember(story)
	hold(p.ctx, taken.conn.release(conn), p.hold)
}

func (p *Page) remember(s *narrate.Story) {
	p.stories.put(s)
	p.tell(s)
}

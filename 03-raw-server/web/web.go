// Package web shows frames as they are on the wire: a page on which one
// types a message and sees what the browser made of it, bit by bit, and what
// the server answered.
//
//	browser --- WebSocket echo?page=ID ------ echo      what is being looked at
//	browser --- WebSocket page -------------- a page    every frame of that connection, and wishes
//
// The server itself tells the page what it saw, because a browser shows no
// program its frames. A Page can be a part of a server.Server, where it
// watches all connections, or a handler of net/http.
package web

import (
	"context"
	"net"
	"net/http"
	"path"
	"sync"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/narrate"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/wsconn"
)

// Options of a Page. The zero value will do.
type Options struct {
	// Origin says which pages may connect; nil is the page's own.
	Origin func(origin string, r *handshake.Request) bool

	// Witness is told what happens on all connections, but for those over
	// which pages are told. Nil is nobody.
	Witness Witness

	NoCompression bool           // never agree to permessage-deflate
	Conn          wsconn.Options // what connections put up with; MaxMessage 0 is 1 MiB
	Pages         int            // how many may be open at once; 0 is 32
	Start         time.Time      // what the times of frames count from; zero is now
}

// A Witness is told what happens. It may be called by many goroutines.
type Witness interface {
	Opened(conn int, from net.Addr, h *handshake.Handshake)
	Frame(narrate.Frame)
	Ended(conn int, err error)
}

// A Page is the page, the echo that it looks at, and what is between them.
type Page struct {
	options Options
	mux     http.Handler

	ctx  context.Context // ends with Close
	stop context.CancelFunc
	work sync.WaitGroup // what Close waits for

	mu    sync.Mutex
	conns map[net.Conn]*echo // those that are watched
	pages map[string]*viewer // by their ID
	last  int                // the number of the latest connection
}

// New makes a page. Attach it to a server, or serve it as a handler.
func New(o Options) *Page {
	if o.Pages == 0 {
		o.Pages = 32
	}
	if o.Conn.MaxMessage == 0 {
		o.Conn.MaxMessage = 1 << 20
	}
	if o.Start.IsZero() {
		o.Start = time.Now()
	}
	if o.Origin == nil {
		o.Origin = handshake.SameOrigin
	}
	p := &Page{options: o, conns: make(map[net.Conn]*echo), pages: make(map[string]*viewer)}
	p.ctx, p.stop = context.WithCancel(context.Background())
	mux := http.NewServeMux()
	mux.HandleFunc("GET /page", p.upgrade)
	mux.HandleFunc("GET /echo", p.upgrade)
	mux.Handle("GET /", staticFiles())
	p.mux = mux
	return p
}

// ServeHTTP serves everything through net/http. All addresses of the page are
// relative, so it may stand behind http.StripPrefix.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }

// Attach makes a server, before its Serve, one that echoes whatever is sent
// to any path, and that shows it on the page.
func (p *Page) Attach(s *server.Server) {
	s.Handler, s.Trace, s.Ended = p.handler, p.trace, p.ended
	s.Plain = p
	s.Conn = p.options.Conn
	s.Handshake.Origin = p.origin
	s.Compress = !p.options.NoCompression
}

// Close ends every connection that came through net/http, and waits for them.
// Those of a server.Server end with its Shutdown, which comes first.
func (p *Page) Close() {
	p.mu.Lock()
	p.stop()
	p.mu.Unlock()
	p.work.Wait()
}

// upgrade is what package server does, for a request that came through
// net/http.
func (p *Page) upgrade(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	if p.ctx.Err() != nil {
		p.mu.Unlock()
		http.Error(w, "the page is closed", http.StatusServiceUnavailable)
		return
	}
	p.work.Add(1)
	p.mu.Unlock()
	defer p.work.Done()

	var agreed wsconn.Agreed
	options := handshake.Options{Origin: p.origin}
	if !p.options.NoCompression {
		options.Extensions = wsconn.Negotiate(&p.options.Conn.Deflate, &agreed)
	}
	nc, h, err := options.Upgrade(w, r)
	if err != nil {
		return // it is answered
	}
	agreed.Rest, agreed.Trace = h.Rest, p.trace(nc, h)
	c := wsconn.New(nc, wsconn.Server, &p.options.Conn, agreed)
	p.ended(c, c.Each(p.ctx, p.handler(c, h)))
}

// place is what a connection is for: the last part of its path, wherever the
// page stands.
func place(h *handshake.Handshake) (name, page string) {
	u, err := h.Request.URL()
	if err != nil {
		return "", ""
	}
	return path.Base(u.Path), u.Query().Get("page")
}

// pagePath is where pages are told what is seen. It is not echoed.
const pagePath = "page"

// trace is asked for each new connection who is shown its frames.
func (p *Page) trace(nc net.Conn, h *handshake.Handshake) wsconn.Trace {
	name, id := place(h)
	if name == pagePath {
		return nil
	}
	return p.watch(nc, h, id)
}

// handler is asked for each new connection who handles its messages.
func (p *Page) handler(c *wsconn.Conn, h *handshake.Handshake) wsconn.Handler {
	if name, _ := place(h); name == pagePath {
		return p.openPage(c)
	}
	p.mu.Lock()
	e := p.conns[c.NetConn()]
	p.mu.Unlock()
	return e.begin(c)
}

// ended is told that a connection is over.
func (p *Page) ended(c *wsconn.Conn, err error) {
	p.mu.Lock()
	e, watched := p.conns[c.NetConn()]
	delete(p.conns, c.NetConn())
	p.mu.Unlock()
	if watched {
		e.end(err)
		return
	}
	p.closePage(c)
}

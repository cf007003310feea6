// Package page shows what a tap sees on a page, live, over this step's own
// WebSocket server.
//
//	page.go    a server, and the sink that it is fed by
//	feed.go    what is remembered, and how far each page has read
//	draw.go    a frame bit by bit, for whoever asks
//	static.go  the files
//
// A page may be slow, or a laptop asleep: nobody waits for it. What it has not
// read when it is forgotten here, it is told the number of.
package page

import (
	"context"
	"encoding/json"
	"net"
	"net/url"
	"sync"
	"time"

	"websocket.example/02-handshake/handshake"
	narrate02 "websocket.example/02-handshake/narrate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/workbench/tap"
	"websocket.example/03-raw-server/wsconn"
)

// Keep is how much of a payload a page shows.
const Keep = 1 << 10

// goodbye is how long pages have to close.
const goodbye = 2 * time.Second

// A Page is fed by See, and read by any number of browsers.
type Page struct {
	target string
	feed   feed
	server server.Server
	addr   net.Addr

	ctx  context.Context // ends with stop
	mu   sync.Mutex
	open map[*wsconn.Conn]context.CancelFunc
	work sync.WaitGroup
}

// New makes a page of what is seen before a server.
func New(target string) *Page {
	p := &Page{target: target, open: make(map[*wsconn.Conn]context.CancelFunc)}
	p.feed.init()
	p.server = server.Server{
		Handler: p.begin, Ended: p.end, Plain: withPolicy(files()),
		MaxConns:  64,
		Handshake: handshake.Options{Origin: origin},
		Conn:      wsconn.Options{MaxMessage: 1 << 10}, // pages say nothing
	}
	return p
}

// origin allows the page itself. What a tap sees is often secret, so the name
// that the page was asked for by must be this machine's: any other could be
// that of a stranger's page, whose name leads here.
func origin(origin string, r *handshake.Request) bool {
	return handshake.SameOrigin(origin, r) && local(r.Host())
}

// local says whether a Host line names this machine, or an address.
func local(host string) bool {
	u, err := url.Parse("//" + host)
	return err == nil && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()) != nil)
}

// Serve serves the page until stop is called. The listener is closed then.
func (p *Page) Serve(l net.Listener) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	p.ctx, p.addr = ctx, l.Addr()
	p.work.Go(func() { _ = p.server.Serve(l) }) // until Shutdown
	return func() {
		cancel()
		ctx, cancel := context.WithTimeout(context.Background(), goodbye)
		defer cancel()
		_ = p.server.Shutdown(ctx) // whoever did not answer is cut off
		p.work.Wait()
	}
}

// Addr is where the page is served.
func (p *Page) Addr() net.Addr { return p.addr }

// begin tells a new page everything that is remembered, and then what comes.
func (p *Page) begin(c *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
	ctx, cancel := context.WithCancel(p.ctx)
	p.mu.Lock()
	p.open[c] = cancel
	p.mu.Unlock()
	p.work.Go(func() { p.feed.tell(ctx, c, p.target) })
	return func(frame.Opcode, []byte) error { return nil }
}

func (p *Page) end(c *wsconn.Conn, _ error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[c]()
	delete(p.open, c)
}

// A told event is what a page is told of one.
type told struct {
	tap.Object
	Telling map[string]narration `json:"telling,omitempty"` // of a handshake, by language
}

// A narration is a handshake explained.
type narration struct {
	Verdict string           `json:"verdict"`
	Request []narrate02.Line `json:"request"`
	Answer  []narrate02.Line `json:"answer"`
	Proof   *narrate02.Proof `json:"proof,omitempty"`
}

// See is the sink.
func (p *Page) See(e tap.Event) {
	if e.Kind == tap.Part || e.Kind == tap.Body && len(e.Data) == 0 {
		return
	}
	t := told{Object: tap.NewObject(e, Keep)}
	if e.Handshake != nil {
		t.Telling = make(map[string]narration)
		for _, l := range []*narrate02.Language{narrate02.English, narrate02.Portuguese} {
			one := e.Handshake.Telling(p.target, l)
			t.Telling[l.Tag] = narration{one.Verdict, one.Request, one.Answer, one.Proof}
		}
	}
	if line, err := json.Marshal(t); err == nil {
		p.feed.add(line)
	}
}

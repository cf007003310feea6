// Package web shows the comparison as a page on which the browser is the
// client of all four transports at once.
//
//	browser --- control WebSocket ----------------------- Page   settings, counters, clock
//	browser --- link --- lane short-poll -----.
//	browser --- link --- lane long-poll -------\
//	browser --- link --- lane sse --------------+-------- a lab of the browser's own
//	browser --- link --- lane websocket -------/
//	browser --- link --- lanes upstream ------'
//
// Every open page has a session, and every session a lab: the sliders of one
// tab do not act on another, and what is counted is what this tab costs.
package web

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"sync"
	"time"

	"websocket.example/01-http-vs-ws/feed"
	"websocket.example/01-http-vs-ws/link"
)

// Options say what a page starts with. Only Link means what it says when it
// is zero: no delay at all.
type Options struct {
	Host      string        // where the lanes listen; empty is 127.0.0.1
	Link      link.Settings // the network, until a slider is moved
	Poll      time.Duration // the interval of short polling, likewise; 0 is 1s
	Rate      float64       // events per second; 0 is 5
	Keepalive time.Duration // how long a connection may be silent; 0 is 30s
	Seed      uint64        // gives the moments of the events
	Sessions  int           // how many pages may be open at once; 0 is 32
}

func (o *Options) complete() error {
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	if o.Poll == 0 {
		o.Poll = time.Second
	}
	if o.Rate == 0 {
		o.Rate = 5
	}
	if o.Keepalive == 0 {
		o.Keepalive = 30 * time.Second
	}
	if o.Sessions == 0 {
		o.Sessions = 32
	}
	switch {
	case o.Poll < 0:
		return fmt.Errorf("a poll interval of %v is shorter than nothing: give more than 0", o.Poll)
	case !(o.Rate > 0) || math.IsInf(o.Rate, 0):
		return fmt.Errorf("%v events per second is not a rate: give more than 0", o.Rate)
	case o.Keepalive < 0:
		return fmt.Errorf("a keep-alive of %v is shorter than nothing: give more than 0", o.Keepalive)
	case o.Sessions < 0:
		return errors.New("a page that nobody may open serves nobody: give 1 session or more")
	}
	return o.Link.Check()
}

// A Page serves the page and what is behind it.
type Page struct {
	options Options
	feed    feed.Feed // one for all sessions, from New to Close
	handler http.Handler

	ctx  context.Context // ends with Close
	stop context.CancelFunc

	mu   sync.Mutex
	open int            // sessions now
	work sync.WaitGroup // the feed, and every session
}

// New starts the feed. The page is not reachable until somebody serves its
// Handler.
func New(o Options) (*Page, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	p := &Page{options: o}
	p.ctx, p.stop = context.WithCancel(context.Background())
	p.handler = p.routes()
	p.work.Go(func() {
		feed.Play(p.ctx, &p.feed, time.Now(), feed.Poisson(o.Rate, o.Seed), feed.Early(o.Rate))
	})
	return p, nil
}

// Handler serves the page. All its addresses are relative, so it may stand
// behind http.StripPrefix.
func (p *Page) Handler() http.Handler { return p.handler }

// ServeHTTP makes the page itself a handler.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

// Close ends the feed and every session, and waits for them. The pages that
// are open say that the server has gone, and come back when there is one.
func (p *Page) Close() {
	p.mu.Lock()
	p.stop()
	p.mu.Unlock()
	p.work.Wait()
}

func (p *Page) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /control", p.control)
	mux.Handle("GET /", staticFiles())
	return mux
}

// How a request for a session is met.
type admission int

const (
	admitted admission = iota
	full               // as many pages are open as may be
	closed             // there is no page any more
)

// enter counts one session more, unless there are enough. Whoever is not
// told that the page is closed calls leave.
func (p *Page) enter() admission {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		return closed
	}
	p.work.Add(1)
	if p.open >= p.options.Sessions {
		return full
	}
	p.open++
	return admitted
}

func (p *Page) leave(a admission) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if a == admitted {
		p.open--
	}
	p.work.Done()
}

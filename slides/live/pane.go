package live

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
)

// A running step.
type running struct {
	http.Handler
	close func(context.Context)
}

// A pane starts when it is first asked for.
type pane struct {
	name     string
	open     func(ctx context.Context) (*running, error)
	audience bool // others than this machine may come, too

	ctx  context.Context // of all panes
	log  *slog.Logger
	http http.Handler // what it answers

	mu   sync.Mutex
	now  *running
	err  error
	over bool
	stop context.CancelFunc // of what runs now
	life context.Context
}

var errOver = errors.New("the deck is closing")

// start starts it, if it does not run, or has not failed before.
func (p *pane) start() (*running, context.Context, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now == nil && p.err == nil {
		p.begin()
	}
	return p.now, p.life, p.err
}

// again starts it after it has failed.
func (p *pane) again() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now == nil && !p.over {
		p.begin()
	}
}

func (p *pane) begin() {
	p.life, p.stop = context.WithCancel(p.ctx)
	if p.now, p.err = p.open(p.life); p.err != nil {
		p.stop()
		p.log.Warn("a pane can't run", "pane", p.name, "error", p.err)
	}
}

func (p *pane) failure() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

func (p *pane) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now != nil {
		p.stop()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), goodbye)
		defer cancel()
		p.now.close(ctx)
		p.now = nil
	}
	p.over, p.err = true, errOver
}

func (p *pane) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.http.ServeHTTP(w, r) }

// restrict says who may ask for what.
func (p *pane) restrict() {
	mux := http.NewServeMux()
	mux.HandleFunc("/", p.serve)
	mux.HandleFunc("POST /again", func(w http.ResponseWriter, r *http.Request) {
		p.again()
		w.Header().Set("Location", "./"+query(r))
		w.WriteHeader(http.StatusSeeOther)
	})
	own := http.NewCrossOriginProtection().Handler(mux)
	p.http = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case nearby(r):
			own.ServeHTTP(w, r)
		case p.audience:
			p.serve(w, r)
		default:
			show(w, r, http.StatusForbidden, "elsewhere", p.name)
		}
	})
}

// nearby says whether somebody at this machine asks.
func nearby(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && from.Addr().Unmap().IsLoopback()
}

func (p *pane) serve(w http.ResponseWriter, r *http.Request) {
	now, life, err := p.start()
	if err != nil {
		show(w, r, http.StatusServiceUnavailable, "failed", failed{p.name, err.Error(), nearby(r), query(r)})
		return
	}
	// What streams ends with the pane.
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(life, cancel)()
	now.ServeHTTP(w, r.WithContext(ctx))
}

// failed is what the page of a pane says that can't run.
type failed struct {
	Name, Why string
	Again     bool // there is a button
	Query     string
}

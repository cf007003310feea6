package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"websocket.example/05-apigw-lambda/app"
)

// errKilled is what calls return when their process has died. Nothing else is
// done in it.
var errKilled = errors.New("storetest: the process was killed")

// errNetwork says that nobody knows whether it was done.
var errNetwork = errors.New("storetest: the answer was lost")

// Faults are how often, of a thousand, something goes wrong.
type Faults struct {
	Kill     int // a call is its process's last: done, or not
	Store    int // a call to the store fails: done, or not
	Post     int // a post fails: arrives, arrives later, or never
	Throttle int
	Gone     int // a post says gone of a connection that is there
	Slow     int // a post takes up to Hang
	Orphan   int // $disconnect never comes
	Delay    time.Duration
	Hang     time.Duration
}

func (f Faults) happens(perMille int) bool { return rand.IntN(1000) < perMille }

func (f Faults) wait(ctx context.Context, most time.Duration) error {
	if most == 0 {
		return ctx.Err()
	}
	t := time.NewTimer(rand.N(most))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A Gateway is API Gateway and Lambda in a few lines: it runs a function for
// each message, all at the same time, and each may die at any call.
type Gateway struct {
	store   app.Store
	options app.Options
	timeout time.Duration // of a function

	mu     sync.Mutex
	faults Faults
	conns  map[string]*client
	last   int
	posts  int
	busy   sync.WaitGroup
}

func (g *Gateway) now() Faults {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.faults
}

// connect gives a client a new connection.
func (g *Gateway) connect(c *client) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last++
	id := fmt.Sprintf("connection-%d", g.last)
	g.conns[id] = c
	return id
}

// disconnect ends a connection. Most often the functions are told.
func (g *Gateway) disconnect(id string) {
	g.mu.Lock()
	delete(g.conns, id)
	f := g.faults
	g.mu.Unlock()
	if !f.happens(f.Orphan) {
		g.invoke(func(ctx context.Context, a *app.App) error { return a.Disconnect(ctx, id) })
	}
}

// message runs a function for one.
func (g *Gateway) message(id string, body string) {
	c := app.Client{Connection: id, Asked: time.Now().Truncate(time.Millisecond)}
	g.invoke(func(ctx context.Context, a *app.App) error { return a.Handle(ctx, c, []byte(body)) })
}

func (g *Gateway) invoke(do func(context.Context, *app.App) error) {
	g.busy.Go(func() {
		f := g.now()
		if f.wait(context.Background(), f.Delay) != nil {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), g.timeout)
		defer cancel()
		p := &process{gateway: g, Store: g.store}
		_ = do(ctx, app.New(p, p, g.options)) // clients are told; the rest is for the log
	})
}

// Count is a store that counts its calls.
func Count(s app.Store, calls *atomic.Int64) app.Store {
	return &process{Store: s, gateway: new(Gateway), count: calls}
}

// A process is one run of a function: its store and its poster, until it dies.
type process struct {
	app.Store
	gateway *Gateway
	mu      sync.Mutex
	dead    bool
	calls   int
	fuse    int  // the call that is its last, if not zero
	done    bool // that one is still done
	count   *atomic.Int64
}

// step is what may happen before a call: nil, and it is done; or an error, and
// it is done or not, as late says.
func (p *process) step(ctx context.Context, perMille func(Faults) int) (err error, late bool) {
	f := p.gateway.now()
	if err := f.wait(ctx, f.Delay); err != nil {
		return err, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	if p.count != nil {
		p.count.Add(1)
	}
	switch {
	case p.dead:
		return errKilled, false
	case p.calls == p.fuse:
		p.dead = true
		return errKilled, p.done
	case f.happens(f.Kill):
		p.dead = true
		return errKilled, rand.IntN(2) == 0
	case f.happens(perMille(f)):
		return errNetwork, rand.IntN(2) == 0
	}
	return nil, false
}

// Post is the @connections API.
func (p *process) Post(ctx context.Context, id string, data []byte) error {
	g := p.gateway
	err, late := p.step(ctx, func(f Faults) int { return f.Post })
	f := g.now()
	if err != nil {
		if late { // it is on its way, though nobody waits for it
			g.busy.Go(func() {
				if f.wait(context.Background(), 2*f.Hang) == nil {
					_ = g.arrive(id, data)
				}
			})
		}
		return err
	}
	switch {
	case f.happens(f.Gone):
		return app.ErrGone
	case f.happens(f.Throttle):
		return app.ErrThrottled
	case f.happens(f.Slow):
		if err := f.wait(ctx, f.Hang); err != nil {
			g.busy.Go(func() {
				if f.wait(context.Background(), f.Hang) == nil {
					_ = g.arrive(id, data)
				}
			})
			return err
		}
	}
	return g.arrive(id, data)
}

func (g *Gateway) arrive(id string, data []byte) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.posts++
	c := g.conns[id]
	if c == nil {
		return app.ErrGone
	}
	c.receive(id, data)
	return nil
}

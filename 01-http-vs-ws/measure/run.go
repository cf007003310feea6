package measure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"websocket.example/01-http-vs-ws/feed"
	"websocket.example/01-http-vs-ws/lab"
	"websocket.example/01-http-vs-ws/model"
	"websocket.example/01-http-vs-ws/transport"
)

const upstreamLane = "upstream"

// An Outcome is what one transport did in one run.
type Outcome struct {
	Name      string
	Latency   *hdrhistogram.Histogram // microseconds from due to received
	Events    int                     // that counted and came
	Lost      int                     // that counted and never came
	Repeated  int                     // that came again
	Reordered int                     // that came after a later one
	Model     model.Distribution      // what the latency should be
	Cost      lab.Cost                // of the counted time; Connections of the whole run
	Idle      IdleMinute
	Died      error // why the client gave up, if it did
}

// A Run is one measurement of all transports.
type Run struct {
	Config
	Counted     time.Duration // Duration, or less when it was interrupted
	Interrupted bool
	Outcomes    []Outcome
	Upstream    Upstream
}

// Progress is told from time to time how far a run is.
type Progress func(done, total time.Duration, text string)

// Measure runs once. When the context ends early, it returns what was
// measured up to then. The error is of the set-up: a transport that dies
// later is part of the result.
func Measure(ctx context.Context, c Config, progress Progress) (*Run, error) {
	return measure(ctx, c, progress, nil)
}

// measure lets a test meddle with the lab while it runs.
func measure(ctx context.Context, c Config, progress Progress, meddle func(*lab.Lab)) (*Run, error) {
	source := &feed.Feed{}
	server := &transport.Server{Feed: source, Keepalive: c.Keepalive}
	names := []string{upstreamLane}
	for _, t := range transport.All {
		names = append(names, t.Name)
	}
	bench, err := lab.Start(server.Handler(), names, lab.Options{Link: c.Link, TLS: c.TLS})
	if err != nil {
		return nil, err
	}
	defer bench.Close()

	running, stop := context.WithCancel(context.Background())
	var background sync.WaitGroup
	defer background.Wait()
	defer stop()

	plan := makePlan(c)
	var followers []*follower
	for _, t := range transport.All {
		f := &follower{transport: t, lane: bench.Lanes[t.Name], ledger: newLedger(plan)}
		followers = append(followers, f)
		background.Go(func() { f.follow(running, c, bench) })
	}
	up := newUpstream()
	background.Go(func() { up.measure(running, c, bench, plan) })
	background.Go(func() { feed.Play(running, source, plan.start, slices.Values(plan.due), feed.Early(c.Rate)) })
	idle := make(chan idleCosts, 1)
	background.Go(func() { idle <- measureIdle(running, c) })
	if meddle != nil {
		go meddle(bench)
	}

	clock := stopwatch{ctx, plan.start, progress, c.Total()}
	counted := clock.until(c.Warmup(), "warming up")
	for _, f := range followers {
		f.before = f.lane.Cost()
	}
	counted = counted && clock.until(c.Warmup()+c.Duration, "measuring")
	end := time.Now()
	for _, f := range followers {
		f.after = f.lane.Cost()
	}
	if counted {
		clock.poll(c.Total(), "waiting for the last events", func() bool {
			return !slices.ContainsFunc(followers, func(f *follower) bool { return f.waits(plan.last) })
		})
	}

	run := &Run{Config: c, Counted: c.Duration, Interrupted: !counted}
	if !counted {
		run.Counted = max(0, end.Sub(plan.start)-c.Warmup())
	}
	stop()
	background.Wait()
	costs := <-idle
	for _, f := range followers {
		until := plan.last
		if !counted { // what comes after the last receipt may still be on its way
			until = f.ledger.next()
		}
		run.Outcomes = append(run.Outcomes, f.outcome(c, until, costs))
	}
	run.Upstream = up.result()
	return run, nil
}

// makePlan fixes when every event of a run is due.
func makePlan(c Config) *plan {
	p := &plan{start: time.Now()}
	for offset := range feed.Poisson(c.Rate, c.Seed) {
		n := int64(len(p.due) + 1)
		if offset >= c.Warmup() && p.first == 0 {
			p.first = n
		}
		if offset >= c.Warmup()+c.Duration {
			p.last = n
			return p
		}
		p.due = append(p.due, offset)
	}
	panic("unreachable: a Poisson process does not end")
}

// A follower is the client of one transport.
type follower struct {
	transport     transport.Transport
	lane          *lab.Lane
	ledger        *ledger
	before, after lab.Cost

	mu   sync.Mutex
	died error
}

func (f *follower) follow(ctx context.Context, c Config, bench *lab.Lab) {
	client := transport.NewClient(f.lane.URL(), nil, bench.Trust)
	client.Poll, client.Header = c.Poll, c.Headers
	defer client.Close()
	start := time.Now()
	err := f.transport.Follow(ctx, client, 0, func(e feed.Event) { f.ledger.got(e.N, time.Now()) })
	if ctx.Err() == nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.died = fmt.Errorf("after %.1f s: %w", time.Since(start).Seconds(), err)
	}
}

func (f *follower) death() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.died
}

// waits says whether an event before number end may still come.
func (f *follower) waits(end int64) bool {
	return f.death() == nil && f.ledger.lost(end) > 0
}

func (f *follower) expected(c Config) model.Distribution { return c.model(f.transport.Name) }

func (f *follower) outcome(c Config, end int64, idle idleCosts) Outcome {
	o := Outcome{
		Name:      f.transport.Name,
		Latency:   f.ledger.latency,
		Events:    len(f.ledger.seen),
		Lost:      f.ledger.lost(end),
		Repeated:  f.ledger.repeated,
		Reordered: f.ledger.reordered,
		Model:     f.expected(c),
		Cost:      f.after.Since(f.before),
		Idle:      idle.minute(f.transport.Name, c),
		Died:      f.death(),
	}
	o.Cost.Connections = f.after.Connections
	return o
}

// A stopwatch waits for moments of a run, and tells how far it is.
type stopwatch struct {
	ctx      context.Context
	start    time.Time
	progress Progress
	total    time.Duration
}

// until waits for a moment, and says whether it was reached.
func (s stopwatch) until(moment time.Duration, text string) bool {
	s.poll(moment, text, func() bool { return false })
	return s.ctx.Err() == nil
}

// poll waits for a moment, a condition or the end of the context.
func (s stopwatch) poll(moment time.Duration, text string, done func() bool) {
	for !done() {
		elapsed := time.Since(s.start)
		if s.progress != nil {
			s.progress(min(elapsed, moment), s.total, text)
		}
		if elapsed >= moment {
			return
		}
		select {
		case <-time.After(min(100*time.Millisecond, moment-elapsed)):
		case <-s.ctx.Done():
			return
		}
	}
}

// ErrDied is part of the error of a run in which a transport died.
var ErrDied = errors.New("died during the run")

// Died says whether a transport died.
func (r *Run) Died() bool { return r.Err() != nil }

// Err says which transports died, nil if none.
func (r *Run) Err() error {
	var all []error
	for _, o := range r.Outcomes {
		if o.Died != nil {
			all = append(all, fmt.Errorf("%s %w %w", o.Name, ErrDied, o.Died))
		}
	}
	return errors.Join(all...)
}

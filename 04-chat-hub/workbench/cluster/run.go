package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"websocket.example/04-chat-hub/workbench/bots"
)

// recovery is how long it may take until all works again: an election of each
// stream, a hub that was out of reach, and a machine that is busy.
const recovery = time.Minute

// A runner is one run.
type runner struct {
	Options
	stage  *stage
	guests *guests
	rng    *rand.Rand
	began  time.Time

	mu     sync.Mutex
	doing  string        // for who watches
	waited time.Duration // the longest that a bot waited for an ack
	first  chan struct{} // closed when the first one has come
	report Report
}

// run does all of it, and leaves no process behind.
func run(ctx context.Context, dir string, o Options) (*Report, error) {
	o.Show("three servers and three hubs start")
	s, err := newStage(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer s.close()
	r := &runner{Options: o, stage: s, rng: rand.New(rand.NewPCG(o.Seed, 1)), first: make(chan struct{}), doing: "the bots come"}

	ctx1, done := context.WithCancel(context.WithoutCancel(ctx)) // Ctrl-C is not the bots' and the guests' end
	defer done()
	r.guests = newGuests(ctx1, s.urls)
	defer r.guests.work.Wait()
	defer done()

	ended := make(chan error, 1)
	go func() {
		var err error
		r.report.Bots, err = r.bots(ctx1)
		ended <- err
	}()
	select {
	case err := <-ended:
		return nil, firstOf(err, fmt.Errorf("the bots had nothing to do"))
	case <-ctx.Done():
		done()
		return nil, firstOf(ctx.Err(), <-ended)
	case <-r.first:
	}
	r.began = time.Now()
	err = r.harm(ctx)
	r.say("the last messages")
	if err != nil || ctx.Err() != nil {
		done()
	}
	if err := firstOf(err, <-ended); err != nil && !errors.Is(err, errUnwell) {
		return nil, err
	}
	r.report.close(r)
	return &r.report, nil
}

// bots has them chat, for as long as harm is done and then some.
func (r *runner) bots(ctx context.Context) (*bots.Report, error) {
	o := r.Options.Bots
	var once sync.Once
	o.URLs, o.Seed, o.Duration = r.stage.urls, r.Seed, r.Duration+2*time.Second
	o.Acked = func(waited time.Duration) {
		r.mu.Lock()
		r.waited = max(r.waited, waited)
		r.mu.Unlock()
		once.Do(func() { close(r.first) })
	}
	o.Show = func(text string) {
		r.mu.Lock()
		doing := r.doing
		r.mu.Unlock()
		r.Show(doing + " · " + text)
	}
	return bots.Run(ctx, o)
}

func (r *runner) say(doing string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.doing = doing
}

// harm does one fault after the other, from the first one again, at moments
// of chance, until the time is over.
func (r *runner) harm(ctx context.Context) error {
	chosen := slices.DeleteFunc(slices.Clone(faults), func(f fault) bool { return !slices.Contains(r.Faults, f.key) })
	if err := r.settle(ctx); err != nil {
		return err
	}
	for n := 0; ; n++ {
		r.say("all is well")
		if !pause(ctx, time.Second+time.Duration(r.rng.Int64N(int64(4*time.Second)))) || n > 0 && time.Since(r.began) > r.Duration {
			return nil
		}
		if err := r.one(ctx, chosen[n%len(chosen)]); err != nil || ctx.Err() != nil {
			return err
		}
	}
}

// one does a fault, ends it also if it is told to stop, and waits until all is
// well.
func (r *runner) one(ctx context.Context, f fault) error {
	r.guests.begin()
	r.mu.Lock()
	r.waited = 0
	r.mu.Unlock()
	began := time.Now()
	h, err := f.do(ctx, r.stage, r.rng)
	if err != nil {
		return err
	}
	r.say(f.title + ", " + h.what)
	lasts := f.least + time.Duration(r.rng.Int64N(int64(f.most-f.least)))
	pause(ctx, lasts)
	ctx = context.WithoutCancel(ctx)
	lasted := time.Since(began)
	if err := h.end(ctx); err != nil {
		return err
	}
	r.say(f.title + ", mended")
	err = r.settle(ctx)
	seen := r.guests.end()
	r.mu.Lock()
	waited := r.waited
	r.mu.Unlock()
	told := newFault(f, h, seen, waited)
	told.At, told.Lasted, told.Well = began.Sub(r.began).Seconds(), lasted.Seconds(), time.Since(began).Seconds()
	if err != nil {
		told.Failed = append(told.Failed, err.Error())
		err = errUnwell
	}
	r.report.Faults = append(r.report.Faults, told)
	r.Tell(told)
	return err
}

// settle waits until all is well.
func (r *runner) settle(ctx context.Context) error {
	since := time.Now()
	for !r.guests.well(since) {
		if err := r.stage.alive(); err != nil {
			return err
		}
		if time.Since(since) > recovery {
			return fmt.Errorf("after %v it was not well again", recovery)
		}
		if !pause(ctx, 20*time.Millisecond) {
			return nil
		}
	}
	return nil
}

// errUnwell ends the harm. What does not work again is in the report.
var errUnwell = errors.New("it is not well again")

package lambda

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"
)

// Async runs invocations that nobody waits for, as InvocationType Event and
// schedules do. An event whose function fails is given to it twice more, a
// minute and then two minutes later; one that is throttled is tried for six
// hours. So it stands in Lambda's guide; the times can be shortened for a
// talk. Its zero value is ready; set its fields before use.
type Async struct {
	Limit   int                     // how many events may wait or run; 0 is 1,000
	Retries []time.Duration         // before each further attempt; nil is 1 and 2 min, empty is none
	MaxAge  time.Duration           // 0 is 6 h
	Lost    func(LostEvent)         // is told of events that were given up; nil is nobody
	Done    func(n Named, r Result) // is told of each attempt; nil is nobody

	mu     sync.Mutex
	events int
	ctx    context.Context
	cancel context.CancelFunc
	closed bool
	wait   sync.WaitGroup
}

// A LostEvent is one that was given up.
type LostEvent struct {
	Function string
	Payload  []byte
	Attempts int    // how often the function failed on it
	Reason   string // why it did so last, or could not be run
}

// Enqueue takes an event. It fails if there are too many.
func (a *Async) Enqueue(f Named, payload []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	limit := cmp.Or(a.Limit, 1000)
	switch {
	case a.closed:
		return ErrClosed
	case a.events == limit:
		return fmt.Errorf("%d events are waiting", limit)
	}
	if a.ctx == nil {
		a.ctx, a.cancel = context.WithCancel(context.Background())
	}
	a.events++
	ctx := a.ctx
	a.wait.Go(func() {
		lost := a.run(ctx, f, payload)
		if lost.Reason != "" && a.Lost != nil && ctx.Err() == nil {
			a.Lost(lost)
		}
		a.mu.Lock()
		a.events--
		a.mu.Unlock()
	})
	return nil
}

// Close gives up what is left and waits for those that run.
func (a *Async) Close() error {
	a.mu.Lock()
	a.closed = true
	if a.cancel != nil {
		a.cancel()
	}
	a.mu.Unlock()
	a.wait.Wait()
	return nil
}

// run tries an event until the function has taken it, or it is lost.
func (a *Async) run(ctx context.Context, f Named, payload []byte) LostEvent {
	born := time.Now()
	maxAge := cmp.Or(a.MaxAge, 6*time.Hour)
	retries := a.Retries
	if retries == nil {
		retries = []time.Duration{time.Minute, 2 * time.Minute}
	}
	backoff := time.Second
	lost := LostEvent{Function: f.Name, Payload: payload}
	for {
		r, err := f.Run.Invoke(ctx, payload)
		pause := backoff
		if err != nil { // throttled, or not to be run: the event is not to blame
			backoff = min(2*backoff, 5*time.Minute)
			lost.Reason = err.Error()
		} else {
			if a.Done != nil {
				a.Done(f, r)
			}
			if r.Error == "" {
				return LostEvent{}
			}
			lost.Attempts++
			lost.Reason = "the function failed: " + string(r.Payload)
			if len(retries) == 0 {
				return lost
			}
			pause, retries = retries[0], retries[1:]
		}
		if time.Since(born)+pause > maxAge {
			return lost
		}
		again := time.NewTimer(pause)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return lost
		}
	}
}

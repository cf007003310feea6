package feed

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"time"
)

// Poisson returns the moments of a Poisson process as offsets from its
// start: the gaps are independent and exponential with mean 1/rate, so the
// next event is never due at a time that the last ones give away.
//
// Why not one event every 200 ms: a steady feed and a steady poll lock in
// phase, and the polling delay is then an accident of who started when.
// Poisson arrivals see a poll at every phase alike.
//
// The same seed gives the same moments.
func Poisson(rate float64, seed uint64) iter.Seq[time.Duration] {
	return func(yield func(time.Duration) bool) {
		random := rand.New(rand.NewPCG(seed, 0))
		for at := 0.0; ; {
			at += gap(random) / rate // seconds
			if !yield(time.Duration(at * float64(time.Second))) {
				return
			}
		}
	}
}

// gap is the time to the next event, where 1 is the mean.
func gap(random *rand.Rand) float64 { return random.ExpFloat64() }

// Early is how much earlier than an event Play should get up in real time:
// enough for a late timer, and at most a tenth of the time in all.
func Early(rate float64) time.Duration {
	return min(2*time.Millisecond, time.Duration(0.1/rate*float64(time.Second)))
}

// Play publishes an event at every moment of the schedule, counted from
// start, until the schedule or the context ends. An event that a busy
// machine publishes late keeps the time it was due: the delay is then part
// of the latency that is measured, as it is part of what a user waits for.
//
// A timer of Go may wake a millisecond late, which is much on a fast link. So
// Play gets up earlier by the time given, and stays awake until the moment.
// (Under virtual time nobody may stay awake: there it is 0.)
func Play(ctx context.Context, f *Feed, start time.Time, schedule iter.Seq[time.Duration], earlier time.Duration) {
	for offset := range schedule {
		due := start.Add(offset)
		select {
		case <-time.After(time.Until(due) - earlier):
		case <-ctx.Done():
			return
		}
		for earlier > 0 && time.Now().Before(due) {
			runtime.Gosched()
		}
		f.Publish(due, tick(f.Last()+1))
	}
}

// tick makes a text of constant length, so that bytes per event compare.
func tick(n int64) string {
	return fmt.Sprintf("price of share %03d is now %06.2f", n%1000, 100+float64(n*7919%90000)/100)
}

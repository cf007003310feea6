package feed

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func numbers(events []Event) []int64 {
	var list []int64
	for _, e := range events {
		list = append(list, e.N)
	}
	return list
}

func filled(n int) *Feed {
	f := &Feed{}
	for range n {
		f.Publish(time.UnixMicro(7), "x")
	}
	return f
}

func TestAfter(t *testing.T) {
	for _, row := range []struct {
		name      string
		published int
		after     int64
		want      []int64
	}{
		{"nothing yet", 0, 0, nil},
		{"all", 3, 0, []int64{1, 2, 3}},
		{"the rest", 3, 2, []int64{3}},
		{"up to date", 3, 3, nil},
		{"from the future", 3, 9, nil},
		{"below zero", 2, -5, []int64{1, 2}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := numbers(filled(row.published).After(row.after)); !slices.Equal(got, row.want) {
				t.Errorf("After(%d) = %v, want %v", row.after, got, row.want)
			}
		})
	}
}

// A reader that is too far behind gets the last Keep events, in order, and
// can tell from the numbers how many it missed.
func TestForgetsTheOldest(t *testing.T) {
	for _, published := range []int{Keep, 2 * Keep, 2*Keep + 1, 5*Keep + 17} {
		got := filled(published).After(0)
		if len(got) != Keep || got[0].N != int64(published-Keep+1) || got[Keep-1].N != int64(published) {
			t.Errorf("after %d events: %d of them, from %d to %d", published, len(got), got[0].N, got[len(got)-1].N)
		}
	}
}

func TestAfterIsACopy(t *testing.T) {
	f := filled(3)
	f.After(0)[0].N = 99
	if got := numbers(f.After(0)); !slices.Equal(got, []int64{1, 2, 3}) {
		t.Errorf("the caller changed the feed: %v", got)
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &Feed{}
		for range 3 { // several readers are woken by one event
			go func() {
				start := time.Now()
				events, err := f.Wait(t.Context(), 0)
				if err != nil || len(events) != 1 || time.Since(start) != time.Second {
					t.Errorf("after %v: %v, %v", time.Since(start), events, err)
				}
			}()
		}
		time.Sleep(time.Second) // virtual
		f.Publish(time.Now(), "x")
		synctest.Wait()

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := f.Wait(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting for nothing: %v", err)
		}
	})
}

func TestPoissonIsReproducible(t *testing.T) {
	take := func(seed uint64) []time.Duration {
		var list []time.Duration
		for at := range Poisson(5, seed) {
			if list = append(list, at); len(list) == 100 {
				break
			}
		}
		return list
	}
	if !slices.Equal(take(1), take(1)) {
		t.Error("the same seed gave other moments")
	}
	if slices.Equal(take(1), take(2)) {
		t.Error("another seed gave the same moments")
	}
	if !slices.IsSorted(take(1)) {
		t.Error("the moments are not in order")
	}
}

// Exponential gaps have a standard deviation that equals their mean; a
// steady feed would have none.
func TestPoissonGaps(t *testing.T) {
	const n, rate = 100_000, 5
	var sum, squares float64
	last, count := time.Duration(0), 0
	for at := range Poisson(rate, 42) {
		gap := (at - last).Seconds()
		last = at
		sum += gap
		squares += gap * gap
		if count++; count == n {
			break
		}
	}
	mean := sum / n
	deviation := math.Sqrt(squares/n - mean*mean)
	if math.Abs(mean*rate-1) > 0.02 || math.Abs(deviation*rate-1) > 0.02 {
		t.Errorf("mean gap %.4f s, deviation %.4f s, want %.4f s both", mean, deviation, 1.0/rate)
	}
}

func TestPlay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &Feed{}
		start := time.Now()
		schedule := []time.Duration{100 * time.Millisecond, 100 * time.Millisecond, time.Second}
		go Play(t.Context(), f, start, slices.Values(schedule), 0)
		for i, want := range schedule {
			events, err := f.Wait(t.Context(), int64(i))
			if err != nil {
				t.Fatal(err)
			}
			e := events[0]
			if e.N != int64(i+1) || e.At != start.Add(want).UnixMicro() || time.Since(start) != want {
				t.Errorf("event %d was due at %v and came at %v, want both %v",
					e.N, time.UnixMicro(e.At).Sub(start), time.Since(start), want)
			}
		}
	})
}

// An event that is published late keeps the time it was due: otherwise the
// delay would be missing from the latency.
func TestPlayKeepsTheDueTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &Feed{}
		start := time.Now()
		time.Sleep(3 * time.Second) // the machine was busy
		Play(t.Context(), f, start, slices.Values([]time.Duration{time.Second}), 0)
		if at := time.UnixMicro(f.After(0)[0].At); !at.Equal(start.Add(time.Second)) {
			t.Errorf("due at %v, want %v", at.Sub(start), time.Second)
		}
	})
}

func TestPlayEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		f := &Feed{}
		Play(ctx, f, time.Now(), Poisson(5, 1), 0)
		if n := f.Last(); n < 200 || n > 400 {
			t.Errorf("%d events in a minute, want about 300", n)
		}
	})
}

// Bytes per event compare only if events are of one size.
func TestTicksAreOfOneLength(t *testing.T) {
	for n := range int64(2000) {
		if len(tick(n)) != len(tick(0)) {
			t.Fatalf("%q and %q differ in length", tick(n), tick(0))
		}
	}
}

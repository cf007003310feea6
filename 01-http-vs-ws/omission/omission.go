// Package omission shows coordinated omission: how a test that waits for an
// answer before it asks again hides the very delays that users suffer.
//
// One server stalls now and then, as servers do (a garbage collection, a
// lock, a disk). Two clients measure it at the same time, at the same rate:
//
//   - closed loop: ask, wait for the answer, ask again when the next is due.
//     While the server stalls the client does not ask, so a stall of a second
//     is one slow answer among hundreds.
//   - open loop: ask when it is due, whether or not the last answer is there,
//     and count from the moment it was due. Everybody who would have asked
//     during the stall is counted.
//
// Users are an open loop: they do not wait for each other.
package omission

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Config says how the server stalls and how it is asked.
type Config struct {
	Duration time.Duration // of the measurement
	Rate     float64       // requests a second of each client
	Every    time.Duration // from one stall to the next
	Stall    time.Duration // how long one takes
}

// Interval is the time between two requests.
func (c Config) Interval() time.Duration { return time.Duration(float64(time.Second) / c.Rate) }

// A Result is what the clients saw, in microseconds.
type Result struct {
	Closed    *hdrhistogram.Histogram // closed loop
	Corrected *hdrhistogram.Histogram // the same, with what it left out put back in by arithmetic
	Open      *hdrhistogram.Histogram // open loop
	Counted   time.Duration
}

// Measure runs both clients against one server, until the duration or the
// context ends. The progress may be nil.
func Measure(ctx context.Context, c Config, progress func(done time.Duration)) (*Result, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	start := time.Now()
	server := &http.Server{Handler: stalling(start, c), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }() // ends with Close
	defer server.Close()

	ctx, cancel := context.WithDeadline(ctx, start.Add(c.Duration))
	defer cancel()
	ask := asker("http://" + listener.Addr().String())
	result := &Result{}
	var clients sync.WaitGroup
	clients.Go(func() { result.Closed, result.Corrected = closedLoop(ctx, c, start, ask) })
	clients.Go(func() { result.Open = openLoop(ctx, c, start, ask) })
	for ctx.Err() == nil {
		if progress != nil {
			progress(time.Since(start))
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	result.Counted = min(time.Since(start), c.Duration)
	clients.Wait()
	return result, nil
}

// stalling answers at once, except in a stall: then every answer waits for
// its end.
func stalling(start time.Time, c Config) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		// The first stall begins when half of Every is over.
		phase := (time.Since(start) + c.Every/2) % c.Every
		if phase < c.Stall && time.Since(start) > c.Every/2 {
			time.Sleep(c.Stall - phase)
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// asker returns a function that makes one request.
func asker(url string) func() error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}, Timeout: time.Minute}
	return func() error {
		response, err := client.Get(url) // without a context: a request that began is waited for
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, response.Body)
		return response.Body.Close()
	}
}

// closedLoop asks at the rate, but never before it has the last answer.
func closedLoop(ctx context.Context, c Config, start time.Time, ask func() error) (plain, corrected *hdrhistogram.Histogram) {
	plain, corrected = histogram(), histogram()
	record := func(took time.Duration) {
		_ = plain.RecordValue(took.Microseconds())
		_ = corrected.RecordCorrectedValue(took.Microseconds(), c.Interval().Microseconds())
	}
	for due := start; wait(ctx, due); {
		asked := time.Now()
		if ask() == nil {
			record(time.Since(asked))
		}
		due = due.Add(c.Interval())
		if now := time.Now(); now.After(due) {
			due = now // while the server stalls, it asks less often
		}
	}
	return plain, corrected
}

// openLoop asks at the rate, come what may, and counts from when it was due.
func openLoop(ctx context.Context, c Config, start time.Time, ask func() error) *hdrhistogram.Histogram {
	h := histogram()
	var lock sync.Mutex
	record := func(took time.Duration) {
		lock.Lock()
		defer lock.Unlock()
		_ = h.RecordValue(took.Microseconds())
	}
	var pending sync.WaitGroup
	// snippet: open-loop
	for due := start; wait(ctx, due); due = due.Add(c.Interval()) {
		pending.Go(func() {
			if ask() == nil {
				record(time.Since(due)) // not since it was sent
			}
		})
	}
	// end snippet: open-loop
	pending.Wait()
	return h
}

// wait sleeps until a moment, and says whether the context lasted so long.
func wait(ctx context.Context, until time.Time) bool {
	select {
	case <-time.After(time.Until(until)):
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

func histogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, 10*time.Minute.Microseconds(), 3)
}

package measure

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// newHistogram counts latencies in microseconds, up to ten minutes, to three
// significant digits.
func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, 10*time.Minute.Microseconds(), 3)
}

func record(h *hdrhistogram.Histogram, d time.Duration) {
	d = min(max(d, time.Microsecond), 10*time.Minute)
	_ = h.RecordValue(d.Microseconds()) // within the bounds, so it fits
}

// A plan is when every event is due, from the start of a run. Numbers of
// events start at 1.
type plan struct {
	start       time.Time
	due         []time.Duration
	first, last int64 // the events that count: first <= n < last
}

func (p *plan) at(n int64) time.Time { return p.start.Add(p.due[n-1]) }

// A ledger keeps the books of one client: what came, how late, and whether
// once and in order. Latency counts from the moment the event was due, not
// from when somebody got round to sending it.
type ledger struct {
	plan *plan

	mu        sync.Mutex
	latency   *hdrhistogram.Histogram
	seen      map[int64]bool // counted events that came
	highest   int64
	repeated  int
	reordered int
}

func newLedger(p *plan) *ledger {
	return &ledger{plan: p, latency: newHistogram(), seen: make(map[int64]bool)}
}

// got enters the receipt of event n.
func (l *ledger) got(n int64, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n < l.plan.first || n >= l.plan.last {
		return // warm-up
	}
	if l.seen[n] {
		l.repeated++
		return
	}
	l.seen[n] = true
	if n < l.highest {
		l.reordered++
	}
	l.highest = max(l.highest, n)
	record(l.latency, now.Sub(l.plan.at(n)))
}

// lost is how many of the counted events before number end never came.
func (l *ledger) lost(end int64) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	lost := 0
	for n := l.plan.first; n < end; n++ {
		if !l.seen[n] {
			lost++
		}
	}
	return lost
}

// next is the number after the last event that came.
func (l *ledger) next() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.highest + 1
}

// Package delay counts delays, and says below which of them so many lie.
package delay

import (
	"math/bits"
	"time"
)

// A Histogram counts delays in steps of a microsecond, and from 64 µs on in
// steps of a thirty-second part: it stays small however many there are.
type Histogram struct {
	n     uint64
	most  time.Duration
	count [1200]uint64
}

// Add counts one.
func (h *Histogram) Add(d time.Duration) {
	h.n++
	h.most = max(h.most, d)
	h.count[step(d)]++
}

// step is where a delay is counted: its highest six bits, and how many
// are below them.
func step(d time.Duration) int {
	us := uint64(max(d, 0) / time.Microsecond)
	below := max(bits.Len64(us)-6, 0)
	return min(below*32+int(us>>below), len(Histogram{}.count)-1)
}

// middle is the delay that stands for all of a step.
func middle(step int) time.Duration {
	below := max(step/32-1, 0)
	us := uint64(step-below*32)<<below + 1<<below/2
	return time.Duration(us) * time.Microsecond
}

// Merge adds what another one has counted.
func (h *Histogram) Merge(o *Histogram) {
	h.n += o.n
	h.most = max(h.most, o.most)
	for i, n := range o.count {
		h.count[i] += n
	}
}

// Count is how many there are, and Max the longest.
func (h *Histogram) Count() uint64      { return h.n }
func (h *Histogram) Max() time.Duration { return h.most }

// Percentile is the delay that p percent don't exceed, 0 if there is none.
func (h *Histogram) Percentile(p float64) time.Duration {
	left := uint64(p / 100 * float64(h.n))
	for i, n := range h.count {
		if n > left {
			return min(middle(i), h.most)
		}
		left -= n
	}
	return h.most
}

// Milliseconds is how JSON and people get it.
func Milliseconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)) / float64(time.Millisecond)
}

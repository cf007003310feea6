package delay

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A percentile is within a thirty-second part of the exact one.
func TestPercentile(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var h, half Histogram
	var all []time.Duration
	for i := range 20_000 {
		d := time.Duration(rng.ExpFloat64() * float64(20*time.Millisecond))
		all = append(all, d)
		if i%2 == 0 {
			half.Add(d)
		} else {
			h.Add(d)
		}
	}
	h.Merge(&half)
	slices.Sort(all)
	for _, p := range []float64{0, 1, 50, 90, 99, 99.9, 100} {
		want := all[min(int(p/100*float64(len(all))), len(all)-1)]
		if got := h.Percentile(p); (got - want).Abs() > want/32+time.Microsecond {
			t.Errorf("p%v is %v, want %v", p, got, want)
		}
	}
	if h.Count() != 20_000 || h.Max() != all[len(all)-1] {
		t.Errorf("%d, at most %v", h.Count(), h.Max())
	}
}

func TestSteps(t *testing.T) {
	var none Histogram
	if d := none.Percentile(99); d != 0 {
		t.Errorf("of none: %v", d)
	}
	for _, d := range []time.Duration{-time.Second, 0, time.Microsecond, 63 * time.Microsecond, 64 * time.Microsecond, time.Hour, 1 << 62} {
		if got := middle(step(d)); d < 24*time.Hour && (got-max(d, 0)).Abs() > d.Abs()/32*33 {
			t.Errorf("%v is counted as %v", d, got)
		}
	}
	for i := 1; i < 1199; i++ {
		if middle(i) <= middle(i-1) || step(middle(i)) != i {
			t.Fatalf("step %d: %v after %v, counted as %d", i, middle(i), middle(i-1), step(middle(i)))
		}
	}
}

package report

import (
	"math"
	"slices"
	"time"

	"websocket.example/01-http-vs-ws/measure"
	"websocket.example/01-http-vs-ws/model"
)

// An axis is logarithmic: the transports are a thousand times apart, and on
// an even axis one of them would be a line at zero. All of them share it.
type axis struct{ low, high float64 } // milliseconds

// timeAxis holds all that was measured and nearly all that the model expects.
func timeAxis(s *measure.Summary) axis {
	var all []float64
	for _, r := range s.Rows {
		if r.Latency.TotalCount() > 0 {
			all = append(all, float64(r.Latency.Min())/1000, float64(r.Latency.Max())/1000)
		}
		all = append(all, quantile(r.Model, 0.01), float64(r.Model.Max())/float64(time.Millisecond))
	}
	all = slices.DeleteFunc(all, func(v float64) bool { return v < 0.001 }) // a model without delay says 0
	if len(all) == 0 {
		return axis{1, 1000}
	}
	a := axis{roundDown(slices.Min(all)), roundUp(slices.Max(all))}
	if a.high < 10*a.low {
		a.high = 10 * a.low
	}
	return a
}

// at is where a value stands on the axis, from 0 to 1.
func (a axis) at(v float64) float64 {
	if v <= a.low {
		return 0
	}
	return min(math.Log(v/a.low)/math.Log(a.high/a.low), 1)
}

// value is what stands at a place on the axis.
func (a axis) value(at float64) float64 { return a.low * math.Pow(a.high/a.low, at) }

func (a axis) decades() float64 { return math.Log10(a.high / a.low) }

// A tick is a round value on the axis. A minor one need not be labelled
// where room is short.
type tick struct {
	value float64
	minor bool
}

// ticks are at 1, 2, 5, 10 and so on, or only at the powers of ten if those
// are many.
func (a axis) ticks() []tick {
	steps := []float64{1, 2, 5}
	if a.decades() > 3.2 {
		steps = steps[:1]
	}
	var list []tick
	for decade := math.Floor(math.Log10(a.low) - 1); decade <= math.Ceil(math.Log10(a.high)); decade++ {
		for _, step := range steps {
			if v := step * math.Pow(10, decade); v > a.low*0.999 && v < a.high*1.001 {
				list = append(list, tick{v, step == 2 || step == 5 && a.decades() > 2.2})
			}
		}
	}
	return list
}

// round writes a round value: 0.1 ms, 20 ms, 5 s.
func (l *language) round(v float64) string {
	if v >= 1000 {
		return l.decimals(v/1000, 0) + nobreak + "s"
	}
	return l.decimals(v, 3) + nobreak + "ms"
}

func roundDown(v float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{5, 2} {
		if v >= step*decade {
			return step * decade
		}
	}
	return decade
}

func roundUp(v float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 2, 5} {
		if v <= step*decade {
			return step * decade
		}
	}
	return 10 * decade
}

// quantile inverts the model's distribution, in milliseconds.
func quantile(m model.Distribution, share float64) float64 {
	low, high := time.Duration(0), m.Max()
	for high-low > time.Microsecond {
		if middle := (low + high) / 2; m.CDF(middle) < share {
			low = middle
		} else {
			high = middle
		}
	}
	return float64(high) / float64(time.Millisecond)
}

package bench

import "math"

// An axis is where a plot begins and ends. Figures that are many times each
// other need a logarithmic one.
type axis struct {
	Log   bool      `json:"log"`
	Low   float64   `json:"low"`
	High  float64   `json:"high"`
	Ticks []float64 `json:"ticks"`
}

// tooFar is how many times the smallest figure the largest may be on a linear
// axis.
const tooFar = 6

// axisOf has room for all figures of all spreads, and for those besides: 1 is
// for ratios. What is no ratio has 0 on its axis, however far the largest is.
func axisOf(all []spread, besides ...float64) axis {
	low, high := math.Inf(1), math.Inf(-1)
	see := func(f float64) {
		if !math.IsNaN(f) && f > 0 {
			low, high = min(low, f), max(high, f)
		}
	}
	for _, f := range besides {
		see(f)
	}
	for _, s := range all {
		see(s.low)
		see(s.high)
		see(s.mid)
	}
	if low > high {
		low, high = 1, 1
	}
	if high <= tooFar*low || besides == nil {
		a := axis{High: high * 1.05}
		step := stepOf(high / 4)
		for i := 0.0; i*step <= a.High; i++ {
			a.Ticks = append(a.Ticks, math.Round(i*step*1e9)/1e9)
		}
		return a
	}
	a := axis{Log: true, Low: low / 1.2, High: high * 1.2}
	for decade := math.Floor(math.Log10(a.Low)); decade <= math.Log10(a.High); decade++ {
		for _, digit := range []float64{1, 2, 5} {
			if tick := digit * math.Pow(10, decade); tick >= a.Low && tick <= a.High {
				a.Ticks = append(a.Ticks, math.Round(tick*1e9)/1e9)
			}
		}
	}
	return a
}

// stepOf is 1, 2 or 5 times a power of ten: the first that is not below f.
func stepOf(f float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(f)))
	for _, digit := range []float64{1, 2, 5} {
		if digit*power >= f {
			return digit * power
		}
	}
	return 10 * power
}

// at is where a figure stands, from 0 to 1.
func (a axis) at(f float64) float64 {
	if a.Log {
		return min(1, max(0, math.Log(f/a.Low)/math.Log(a.High/a.Low)))
	}
	return min(1, max(0, f/a.High))
}

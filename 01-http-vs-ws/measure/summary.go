package measure

import (
	"math"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"websocket.example/01-http-vs-ws/model"
)

// A Figure is one number and how sure it is: the median of the runs and
// their range, or of a single run its value and, where that can be said, its
// 95 % confidence interval.
type Figure struct{ Median, Low, High float64 }

// Overlaps says whether two figures may be the same number.
func (f Figure) Overlaps(g Figure) bool { return f.Low <= g.High && g.Low <= f.High }

// A Row is what one transport did over all runs. Times are in milliseconds.
type Row struct {
	Name                              string
	Events, Lost, Repeated, Reordered int // of all runs together
	P50, P90, P99, Max, Mean          Figure
	Model                             model.Distribution
	Latency                           *hdrhistogram.Histogram // of all runs together, in microseconds

	UpPerEvent, DownPerEvent, RequestsPerEvent Figure // bytes, bytes, requests
	Connections                                int    // most of any run
	Idle                                       IdleMinute
	Died                                       error // the first death, if any
}

// ModelMean is the mean latency that the model expects, in milliseconds.
func (r Row) ModelMean() float64 { return milliseconds(r.Model.Mean()) }

// Off is how far the measured mean is from the model's, as a share of it.
// It is NaN on a link without delay, where the model says 0.
func (r Row) Off() float64 {
	if r.ModelMean() == 0 {
		return math.NaN()
	}
	return r.Mean.Median/r.ModelMean() - 1
}

// A Way is one way upstream. Times are in milliseconds.
type Way struct {
	Name  string
	N     int64
	P50   Figure
	Model float64
}

// The names of the ways, in the order of Summary.Upstream.
const (
	WayPostNew   = "post_new"
	WayPostKept  = "post_keepalive"
	WayWebSocket = "websocket"
)

// A Summary is what one or more runs of the same Config say together.
type Summary struct {
	Config
	Runs        int
	Counted     time.Duration // of all runs together
	Interrupted bool
	Rows        []Row
	Upstream    []Way
	Err         error // what died
}

// Row returns the row of a transport.
func (s *Summary) Row(name string) Row {
	i := slices.IndexFunc(s.Rows, func(r Row) bool { return r.Name == name })
	return s.Rows[i]
}

// Way returns a way upstream.
func (s *Summary) Way(name string) Way {
	i := slices.IndexFunc(s.Upstream, func(w Way) bool { return w.Name == name })
	return s.Upstream[i]
}

// Summarize puts runs of one Config together.
func Summarize(runs []*Run) *Summary {
	s := &Summary{Config: runs[0].Config, Runs: len(runs)}
	for i := range runs[0].Outcomes {
		outcomes := make([]Outcome, 0, len(runs))
		for _, r := range runs {
			outcomes = append(outcomes, r.Outcomes[i])
		}
		s.Rows = append(s.Rows, row(outcomes))
	}
	for _, r := range runs {
		s.Counted += r.Counted
		s.Interrupted = s.Interrupted || r.Interrupted
		if s.Err == nil {
			s.Err = r.Err()
		}
		if s.Err == nil {
			s.Err = r.Upstream.Died
		}
	}
	s.Upstream = ways(runs)
	return s
}

func row(outcomes []Outcome) Row {
	r := Row{Name: outcomes[0].Name, Model: outcomes[0].Model, Latency: newHistogram(), Idle: outcomes[0].Idle}
	for _, o := range outcomes {
		r.Events += o.Events
		r.Lost += o.Lost
		r.Repeated += o.Repeated
		r.Reordered += o.Reordered
		r.Connections = max(r.Connections, int(o.Cost.Connections))
		r.Latency.Merge(o.Latency)
		if r.Died == nil {
			r.Died = o.Died
		}
	}
	latency := func(of func(h *hdrhistogram.Histogram) float64) Figure {
		return median(outcomes, func(o Outcome) (float64, bool) {
			return of(o.Latency) / 1000, o.Latency.TotalCount() > 0
		})
	}
	quantile := func(q float64) Figure {
		return latency(func(h *hdrhistogram.Histogram) float64 { return float64(h.ValueAtQuantile(q)) })
	}
	r.P50, r.P90, r.P99 = quantile(50), quantile(90), quantile(99)
	r.Max = latency(func(h *hdrhistogram.Histogram) float64 { return float64(h.Max()) })
	r.Mean = latency(func(h *hdrhistogram.Histogram) float64 { return h.Mean() })
	if len(outcomes) == 1 {
		r.P50 = medianInterval(outcomes[0].Latency)
	}
	perEvent := func(of func(o Outcome) int64) Figure {
		return median(outcomes, func(o Outcome) (float64, bool) {
			return float64(of(o)) / float64(o.Events), o.Events > 0
		})
	}
	r.UpPerEvent = perEvent(func(o Outcome) int64 { return o.Cost.Up })
	r.DownPerEvent = perEvent(func(o Outcome) int64 { return o.Cost.Down })
	r.RequestsPerEvent = perEvent(func(o Outcome) int64 { return o.Cost.Requests })
	return r
}

func ways(runs []*Run) []Way {
	var list []Way
	for _, w := range []struct {
		name string
		of   func(u Upstream) *hdrhistogram.Histogram
		want func(m model.RoundTrips) time.Duration
	}{
		{WayPostNew, func(u Upstream) *hdrhistogram.Histogram { return u.PostNew }, func(m model.RoundTrips) time.Duration { return m.PostNew }},
		{WayPostKept, func(u Upstream) *hdrhistogram.Histogram { return u.PostKept }, func(m model.RoundTrips) time.Duration { return m.PostKept }},
		{WayWebSocket, func(u Upstream) *hdrhistogram.Histogram { return u.WebSocket }, func(m model.RoundTrips) time.Duration { return m.WebSocket }},
	} {
		way := Way{Name: w.name, Model: milliseconds(w.want(runs[0].Upstream.Model))}
		for _, r := range runs {
			way.N += w.of(r.Upstream).TotalCount()
		}
		way.P50 = median(runs, func(r *Run) (float64, bool) {
			h := w.of(r.Upstream)
			return float64(h.ValueAtQuantile(50)) / 1000, h.TotalCount() > 0
		})
		if len(runs) == 1 {
			way.P50 = medianInterval(w.of(runs[0].Upstream))
		}
		list = append(list, way)
	}
	return list
}

// median of a figure over the runs that have it, and their range.
func median[T any](all []T, of func(T) (float64, bool)) Figure {
	var values []float64
	for _, one := range all {
		if value, ok := of(one); ok {
			values = append(values, value)
		}
	}
	if len(values) == 0 {
		return Figure{}
	}
	slices.Sort(values)
	n := len(values)
	return Figure{(values[(n-1)/2] + values[n/2]) / 2, values[0], values[n-1]}
}

// medianInterval is the median of a single run with its 95 % confidence
// interval, in milliseconds. Of n independent values the number below the
// true median is binomial with mean n/2 and standard deviation √n/2, so the
// true median lies, in 95 of 100 cases, between the values of rank
// n/2 ± 1.96·√n/2. It needs no assumption about the shape.
func medianInterval(h *hdrhistogram.Histogram) Figure {
	n := float64(h.TotalCount())
	if n == 0 {
		return Figure{}
	}
	at := func(q float64) float64 {
		return float64(h.ValueAtQuantile(min(max(q, 0), 100))) / 1000
	}
	half := 98 / math.Sqrt(n) // percent
	return Figure{at(50), at(50 - half), at(50 + half)}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

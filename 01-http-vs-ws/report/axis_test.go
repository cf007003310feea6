package report

import (
	"math"
	"testing"
	"time"

	"websocket.example/01-http-vs-ws/measure"
	"websocket.example/01-http-vs-ws/model"
	"websocket.example/01-http-vs-ws/transport"
)

func TestAxis(t *testing.T) {
	a := axis{20, 2000}
	for _, v := range []float64{20, 35, 200, 535, 2000} {
		if got := a.value(a.at(v)); math.Abs(got-v) > 1e-6*v {
			t.Errorf("%g comes back as %g", v, got)
		}
	}
	if a.at(1) != 0 || a.at(1e6) != 1 {
		t.Error("what is outside is not at the edge")
	}
	var got []float64
	for _, tick := range a.ticks() {
		got = append(got, math.Round(tick.value))
	}
	want := []float64{20, 50, 100, 200, 500, 1000, 2000}
	if len(got) != len(want) {
		t.Fatalf("ticks at %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("ticks at %v, want %v", got, want)
		}
	}
}

// TestTimeAxis: the axis ends at round values around all there is to draw,
// even if that is nothing.
func TestTimeAxis(t *testing.T) {
	want := map[string]axis{
		"plain": {20, 2000}, "repeated": {2, 2000}, "interrupted": {20, 2000}, "loopback": {0.1, 1000},
	}
	for _, f := range fixtures {
		if a := timeAxis(f.read(t)); !near(a.low, want[f.name].low) || !near(a.high, want[f.name].high) {
			t.Errorf("%s has %v, want %v", f.name, a, want[f.name])
		}
	}
	nothing := &measure.Summary{Rows: []measure.Row{{Latency: newLatencies()}}}
	if a := timeAxis(nothing); a != (axis{1, 1000}) {
		t.Errorf("nothing is drawn on %v", a)
	}
	one := newLatencies()
	enter(t, one, 7)
	if a := timeAxis(&measure.Summary{Rows: []measure.Row{{Latency: one}}}); a.high < 10*a.low {
		t.Errorf("one event is drawn on %v", a)
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9*b }

func TestQuantile(t *testing.T) {
	c := config(t, "4g")
	m := model.Downstream(transport.ShortPoll, model.Conditions{Link: c.Link, Poll: c.Poll, Rate: c.Rate})
	if got := quantile(m, 0.5); math.Abs(got-milliseconds(m.Mean())) > 0.1 {
		t.Errorf("the median of a symmetric distribution is %g, its mean %v", got, m.Mean())
	}
	if got := time.Duration(quantile(m, 1) * float64(time.Millisecond)); got > m.Max()+time.Millisecond {
		t.Errorf("all came by %v, the model's longest is %v", got, m.Max())
	}
}

package measure

import (
	"slices"
	"testing"
	"time"

	"websocket.example/01-http-vs-ws/lab"
	"websocket.example/01-http-vs-ws/link"
	"websocket.example/01-http-vs-ws/model"
	"websocket.example/01-http-vs-ws/transport"
)

// madeUp is a run with the latencies given, in milliseconds, for the
// transports in their order.
func madeUp(n int, latencies ...int) *Run {
	r := &Run{Config: quick, Counted: quick.Duration, Upstream: newUpstream().counts}
	r.Link = link.Settings{RTT: 70 * time.Millisecond}
	for i, t := range transport.All {
		o := Outcome{Name: t.Name, Latency: newHistogram(), Events: n, Model: r.model(t.Name), Cost: lab.Cost{Up: int64(100 * n), Down: int64(100 * n)}}
		for range n {
			record(o.Latency, time.Duration(latencies[i])*time.Millisecond)
		}
		r.Outcomes = append(r.Outcomes, o)
	}
	r.Upstream.Model = model.Upstream(r.Link, false)
	return r
}

func kinds(findings []Finding) []Kind {
	var list []Kind
	for _, f := range findings {
		list = append(list, f.Kind)
	}
	return list
}

func TestSummarizeTakesMedians(t *testing.T) {
	s := Summarize([]*Run{madeUp(20, 500, 40, 30, 35), madeUp(20, 700, 40, 30, 37), madeUp(20, 600, 40, 30, 36)})
	ws := s.Row(transport.WebSocket)
	if got := ws.P50; int(got.Median+.5) != 36 || int(got.Low+.5) != 35 || int(got.High+.5) != 37 {
		t.Errorf("median %v", got)
	}
	if ws.Events != 60 || ws.Latency.TotalCount() != 60 || s.Runs != 3 || s.Counted != 3*time.Second {
		t.Errorf("%d events, %d latencies, %d runs, %v", ws.Events, ws.Latency.TotalCount(), s.Runs, s.Counted)
	}
}

// Words that compare are used only where the intervals do not overlap.
func TestVerdictComparesOnlyWhatDiffers(t *testing.T) {
	s := Summarize([]*Run{madeUp(20, 500, 60, 35, 36), madeUp(20, 600, 60, 37, 34)})
	var compared []Finding
	for _, f := range s.Verdict() {
		if f.Kind == Sooner || f.Kind == AsFast {
			compared = append(compared, f)
		}
	}
	want := []struct {
		kind Kind
		a, b string
	}{
		{Sooner, transport.WebSocket, transport.ShortPoll},
		{Sooner, transport.WebSocket, transport.LongPoll},
		{AsFast, transport.WebSocket, transport.SSE}, // 34 to 36 against 35 to 37
	}
	for i, w := range want {
		if f := compared[i]; f.Kind != w.kind || f.A != w.a || f.B != w.b {
			t.Errorf("finding %d is %+v, want %v", i, f, w)
		}
	}
}

// The faster one is named first, even if it is not WebSocket.
func TestVerdictMaySpeakAgainstWebSocket(t *testing.T) {
	s := Summarize([]*Run{madeUp(20, 500, 60, 30, 50)})
	i := slices.IndexFunc(s.Verdict(), func(f Finding) bool { return f.Kind == Sooner && f.A == transport.SSE && f.B == transport.WebSocket })
	if i < 0 || !slices.Contains(kinds(s.Verdict()), SSEIsEnough) {
		t.Errorf("the verdict is %v", s.Verdict())
	}
}

func TestVerdictOnLittleOrBrokenData(t *testing.T) {
	if got := kinds(Summarize([]*Run{madeUp(3, 500, 60, 30, 30)}).Verdict()); !slices.Contains(got, TooFew) || slices.Contains(got, Sooner) {
		t.Errorf("of 3 events it says %v", got)
	}
	r := madeUp(20, 500, 60, 30, 30)
	r.Outcomes[2].Lost = 1
	if got := kinds(Summarize([]*Run{r}).Verdict()); !slices.Contains(got, Incomplete) || slices.Contains(got, NoTrouble) {
		t.Errorf("of a run with a loss it says %v", got)
	}
	if got := kinds(Summarize([]*Run{madeUp(20, 500, 60, 30, 300)}).Verdict()); !slices.Contains(got, OffModel) {
		t.Errorf("of a WebSocket far off its model it says %v", got)
	}
}

// The interval of a median holds the true one in 95 of 100 cases.
func TestMedianInterval(t *testing.T) {
	h := newHistogram()
	for i := range 100 {
		record(h, time.Duration(i+1)*time.Millisecond)
	}
	got := medianInterval(h)
	if int(got.Median+.5) != 50 || int(got.Low+.5) != 40 || int(got.High+.5) != 60 { // n/2 ± 1.96·√n/2 = 50 ± 9.8
		t.Errorf("%+v", got)
	}
	if got := medianInterval(newHistogram()); got != (Figure{}) {
		t.Errorf("of nothing: %+v", got)
	}
}

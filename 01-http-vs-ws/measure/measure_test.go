package measure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/01-http-vs-ws/lab"
	"websocket.example/01-http-vs-ws/link"
	"websocket.example/01-http-vs-ws/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// quick is a real measurement, over real TCP, that takes little time.
var quick = Config{
	Network: "loopback", Poll: 100 * time.Millisecond, Keepalive: 30 * time.Second,
	Rate: 100, Seed: 1, Duration: time.Second, Headers: transport.Browser,
}

func TestLedger(t *testing.T) {
	for _, row := range []struct {
		name                      string
		got                       []int64
		seen                      int
		lost, repeated, reordered int
	}{
		{"all in order", []int64{1, 2, 3, 4, 5, 6}, 4, 0, 0, 0},
		{"nothing", nil, 0, 4, 0, 0},
		{"only the warm-up", []int64{1, 6}, 0, 4, 0, 0},
		{"one lost", []int64{2, 3, 5}, 3, 1, 0, 0},
		{"one again", []int64{2, 3, 3, 4, 5}, 4, 0, 1, 0},
		{"one late", []int64{2, 4, 3, 5}, 4, 0, 0, 1},
		{"late, then again", []int64{2, 4, 3, 3, 5, 4}, 4, 0, 2, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := &plan{start: time.Now(), first: 2, last: 6}
			for n := range 6 {
				p.due = append(p.due, time.Duration(n)*time.Second)
			}
			l := newLedger(p)
			for _, n := range row.got {
				l.got(n, p.at(n).Add(7*time.Millisecond))
			}
			if len(l.seen) != row.seen || l.lost(p.last) != row.lost || l.repeated != row.repeated || l.reordered != row.reordered {
				t.Errorf("seen %d, lost %d, repeated %d, reordered %d", len(l.seen), l.lost(p.last), l.repeated, l.reordered)
			}
			if l.latency.TotalCount() != int64(row.seen) || row.seen > 0 && l.latency.Min()/10 != 700 {
				t.Errorf("%d latencies from %d µs", l.latency.TotalCount(), l.latency.Min())
			}
		})
	}
}

func TestPlan(t *testing.T) {
	c := quick
	p := makePlan(c)
	if p.first < 2 || p.last <= p.first || int(p.last) != len(p.due)+1 {
		t.Fatalf("first %d, last %d of %d", p.first, p.last, len(p.due))
	}
	for n := int64(1); n < p.last; n++ {
		offset := p.at(n).Sub(p.start)
		if counts := offset >= c.Warmup() && offset < c.Warmup()+c.Duration; counts != (n >= p.first) {
			t.Errorf("event %d at %v counts: %t", n, offset, !counts)
		}
	}
}

// The whole of it, over real TCP, with and without TLS.
func TestMeasure(t *testing.T) {
	for _, tls := range []bool{false, true} {
		t.Run(fmt.Sprintf("TLS %t", tls), func(t *testing.T) {
			c := quick
			c.TLS = tls
			c.Link = link.Settings{RTT: 10 * time.Millisecond}
			var last time.Duration
			run, err := Measure(t.Context(), c, func(done, total time.Duration, _ string) {
				if done < last || done > total {
					t.Errorf("progress went from %v to %v of %v", last, done, total)
				}
				last = done
			})
			if err != nil || run.Err() != nil || run.Interrupted {
				t.Fatalf("%v, %v, interrupted %t", err, run.Err(), run.Interrupted)
			}
			s := Summarize([]*Run{run})
			for _, r := range s.Rows {
				if r.Events < 50 || r.Lost+r.Repeated+r.Reordered > 0 {
					t.Errorf("%s: %d events, %d lost, %d repeated, %d reordered", r.Name, r.Events, r.Lost, r.Repeated, r.Reordered)
				}
				if r.P50.Median < 5 { // half a round trip: nothing is faster than the link
					t.Errorf("%s: a median of %.2f ms", r.Name, r.P50.Median)
				}
				if r.Connections != 1 {
					t.Errorf("%s used %d connections", r.Name, r.Connections)
				}
				if !r.Idle.Measured {
					t.Errorf("%s: the idle cost was not measured", r.Name)
				}
			}
			if ws := s.Row(transport.WebSocket); ws.UpPerEvent.Median > 1 || ws.RequestsPerEvent.Median > 0 || ws.DownPerEvent.Median < 70 {
				t.Errorf("websocket: %v bytes up, %v down, %v requests per event", ws.UpPerEvent, ws.DownPerEvent, ws.RequestsPerEvent)
			}
			want := 2 // round trips of a POST on a new connection
			if tls {
				want = 3
			}
			if got := s.Way(WayPostNew).P50.Median; got < float64(want*10) {
				t.Errorf("a POST on a new connection took %.1f ms, less than %d round trips", got, want)
			}
		})
	}
}

// What an idle exchange costs is exact: its bytes are the protocol's.
func TestIdle(t *testing.T) {
	c := quick
	c.Poll, c.Link.RTT = time.Second, 0
	costs := measureIdle(t.Context(), c)
	ping := costs.minute(transport.WebSocket, c)
	if ping != (IdleMinute{true, 0, 2 * 6, 2 * 2}) { // RFC 6455, section 5.2: masked 6 bytes, unmasked 2
		t.Errorf("two pings with their pongs: %+v", ping)
	}
	comment := costs.minute(transport.SSE, c)
	if comment != (IdleMinute{true, 0, 0, 2 * 8}) { // ":\n\n" as an HTTP chunk: "3\r\n:\n\n\r\n"
		t.Errorf("two comments: %+v", comment)
	}
	poll, long := costs.minute(transport.ShortPoll, c), costs.minute(transport.LongPoll, c)
	if poll.Requests != 60 || long.Requests != 2 || poll.Up < 60*400 || long.Up < 2*400 {
		t.Errorf("short poll %+v, long poll %+v", poll, long)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := measureIdle(ctx, c).minute(transport.SSE, c); got.Measured {
		t.Errorf("an interrupted measurement gave %+v", got)
	}
}

// A transport that dies is reported, and the others go on.
func TestTransportDies(t *testing.T) {
	run, err := measure(t.Context(), quick, nil, func(l *lab.Lab) {
		time.Sleep(quick.Warmup() + quick.Duration/2)
		l.Cut(transport.SSE)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Err(); !errors.Is(err, ErrDied) || !strings.Contains(err.Error(), "sse died during the run after") {
		t.Errorf("the error is %v", err)
	}
	for _, o := range run.Outcomes {
		if died := o.Name == transport.SSE; died != (o.Lost > 0) || died != (o.Died != nil) {
			t.Errorf("%s: lost %d, died: %v", o.Name, o.Lost, o.Died)
		}
	}
	s := Summarize([]*Run{run})
	if s.Err == nil || !slices.ContainsFunc(s.Verdict(), func(f Finding) bool { return f.Kind == Died && f.A == transport.SSE }) {
		t.Errorf("the summary says %v, %v", s.Err, s.Verdict())
	}
}

// Ctrl-C: what was measured so far counts, and what was on its way is not lost.
func TestInterrupted(t *testing.T) {
	c := quick
	c.Duration = time.Minute
	c.Poll = 300 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	run, err := Measure(ctx, c, func(done, _ time.Duration, _ string) {
		if done >= c.Warmup()+time.Second {
			cancel()
		}
	})
	if err != nil || !run.Interrupted || run.Counted < 900*time.Millisecond || run.Counted > 10*time.Second {
		t.Fatalf("%v, interrupted %t, counted %v", err, run.Interrupted, run.Counted)
	}
	for _, o := range run.Outcomes {
		if o.Events == 0 || o.Lost > 0 {
			t.Errorf("%s: %d events, %d lost", o.Name, o.Events, o.Lost)
		}
	}
}

func TestInterruptedInTheWarmUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	run, err := Measure(ctx, quick, nil)
	if err != nil || !run.Interrupted || run.Counted != 0 {
		t.Fatalf("%v, interrupted %t, counted %v", err, run.Interrupted, run.Counted)
	}
	s := Summarize([]*Run{run})
	if got := s.Verdict(); len(got) == 0 || got[len(got)-1].Kind != TooFew {
		t.Errorf("the verdict of nothing is %v", got)
	}
}

package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"websocket.example/01-http-vs-ws/link"
	"websocket.example/01-http-vs-ws/transport"
)

var conditions = []Conditions{
	{link.Settings{}, time.Second, 5},
	{link.Settings{RTT: 70 * time.Millisecond, Jitter: 20 * time.Millisecond}, time.Second, 5},
	{link.Settings{RTT: 600 * time.Millisecond}, 100 * time.Millisecond, 5},
	{link.Settings{RTT: 300 * time.Millisecond, Jitter: 300 * time.Millisecond}, 2 * time.Second, 50},
	{link.Settings{RTT: 10 * time.Millisecond}, 10 * time.Millisecond, 0.5},
}

// simulate plays n events against a transport, answer by answer and without
// the derivation, and returns their latencies.
func simulate(name string, c Conditions, n int) []time.Duration {
	random := rand.New(rand.NewPCG(1, 2))
	rtt, jitter := c.Link.RTT.Seconds(), c.Link.OneWayJitter().Seconds()
	interval := max(c.Poll.Seconds(), rtt)
	due := make([]float64, n)
	now := 0.0
	for i := range due {
		now += random.ExpFloat64() / c.Rate
		due[i] = now
	}
	var latencies []time.Duration
	ready := 0.0 // when the next request is at the server
	for i := 0; i < n; {
		leaves := due[i]
		switch name {
		case transport.ShortPoll:
			leaves = math.Ceil(due[i]/interval) * interval
		case transport.LongPoll:
			leaves = max(ready, due[i])
			ready = leaves + rtt
		}
		for ; i < n && due[i] <= leaves; i++ { // one answer takes all there are
			travels := rtt/2 + jitter*(2*random.Float64()-1)
			latencies = append(latencies, seconds(leaves-due[i]+travels))
		}
	}
	return latencies
}

func TestAgreesWithASimulation(t *testing.T) {
	const n = 200_000
	for _, c := range conditions {
		for _, tr := range transport.All {
			t.Run(fmt.Sprintf("%s/%v/poll %v/%g per s", tr.Name, c.Link, c.Poll, c.Rate), func(t *testing.T) {
				expected := Downstream(tr.Name, c)
				latencies := simulate(tr.Name, c, n)
				slices.Sort(latencies)
				var sum time.Duration
				for _, l := range latencies {
					sum += l
				}
				mean := sum / time.Duration(n)
				if off := (mean - expected.Mean()).Abs(); off > expected.Mean()/50+time.Microsecond {
					t.Errorf("mean %v, the model says %v", mean, expected.Mean())
				}
				if longest := latencies[n-1]; longest > expected.Max()+time.Microsecond {
					t.Errorf("the longest is %v, the model says %v at most", longest, expected.Max())
				}
				for share := 0.05; share < 1; share += 0.1 { // the whole shape
					value := latencies[int(share*n)]
					below, above := expected.CDF(value-time.Microsecond), expected.CDF(value+time.Microsecond)
					if below > share+0.01 || above < share-0.01 {
						t.Errorf("%.0f %% are within %v, the model says %.1f to %.1f %%", share*100, value, below*100, above*100)
					}
				}
			})
		}
	}
}

func TestMean(t *testing.T) {
	link4g := link.Settings{RTT: 70 * time.Millisecond}
	for _, row := range []struct {
		name string
		Conditions
		want time.Duration
	}{
		{transport.ShortPoll, Conditions{link4g, time.Second, 5}, 535 * time.Millisecond},
		{transport.ShortPoll, Conditions{link4g, 10 * time.Millisecond, 5}, 70 * time.Millisecond}, // as fast as answers come
		{transport.LongPoll, Conditions{link4g, time.Second, 0.001}, 35 * time.Millisecond},        // alone, an event does not wait
		{transport.LongPoll, Conditions{link4g, time.Second, 1e6}, 70 * time.Millisecond},          // in a crowd all wait for the answers
		{transport.SSE, Conditions{link4g, time.Second, 5}, 35 * time.Millisecond},
		{transport.WebSocket, Conditions{link4g, time.Second, 5}, 35 * time.Millisecond},
	} {
		if got := Downstream(row.name, row.Conditions).Mean(); (got - row.want).Abs() > 20*time.Microsecond {
			t.Errorf("%s at %v: %v, want %v", row.name, row.Conditions, got, row.want)
		}
	}
}

func TestUpstream(t *testing.T) {
	s := link.Settings{RTT: 70 * time.Millisecond}
	if got, want := Upstream(s, false), (RoundTrips{2 * s.RTT, s.RTT, s.RTT}); got != want {
		t.Errorf("%v, want %v", got, want)
	}
	if got, want := Upstream(s, true), (RoundTrips{3 * s.RTT, s.RTT, s.RTT}); got != want {
		t.Errorf("with TLS %v, want %v", got, want)
	}
}

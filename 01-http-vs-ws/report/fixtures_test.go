package report

import (
	"bytes"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"websocket.example/01-http-vs-ws/lab"
	"websocket.example/01-http-vs-ws/link"
	"websocket.example/01-http-vs-ws/measure"
	"websocket.example/01-http-vs-ws/model"
	"websocket.example/01-http-vs-ws/transport"
)

// The fixtures are measurements that nobody made: latencies stand evenly
// spread over the model's distribution, a little late.
var fixtures = []fixture{
	{"plain", func(t *testing.T) *measure.Summary {
		return measure.Summarize([]*measure.Run{fakeRun(t, config(t, "4g"), 75, 1.2)})
	}},
	{"repeated", func(t *testing.T) *measure.Summary {
		var runs []*measure.Run
		c := config(t, "wifi")
		c.TLS, c.Headers, c.Rate = true, transport.Bare, 10
		for i, late := range []float64{0.9, 1.4, 2.1, 0.7, 1.2} {
			runs = append(runs, fakeRun(t, c, 140+10*i, late))
		}
		return measure.Summarize(runs)
	}},
	{"interrupted", func(t *testing.T) *measure.Summary {
		r := fakeRun(t, config(t, "4g"), 31, 2)
		r.Interrupted, r.Counted = true, 6200*time.Millisecond
		long := &r.Outcomes[1]
		long.Died = errors.New(`after 3.1 s: Get "http://127.0.0.1:4711/long-poll?after=17": EOF`)
		long.Latency, long.Events, long.Lost = newLatencies(), 0, 14
		long.Cost = lab.Cost{Connections: 1}
		r.Outcomes[2].Repeated, r.Outcomes[2].Reordered = 1, 2
		for i := range r.Outcomes {
			r.Outcomes[i].Idle = measure.IdleMinute{}
		}
		r.Upstream.WebSocket.Reset()
		return measure.Summarize([]*measure.Run{r})
	}},
	{"loopback", func(t *testing.T) *measure.Summary {
		return measure.Summarize([]*measure.Run{fakeRun(t, config(t, "loopback"), 400, 0.14)})
	}},
}

func config(t *testing.T, network string) measure.Config {
	t.Helper()
	preset, err := link.Named(network)
	if err != nil {
		t.Fatal(err)
	}
	return measure.Config{
		Network: network, Link: preset.Settings, Poll: time.Second, Keepalive: 30 * time.Second,
		Rate: 5, Seed: 1, Duration: 15 * time.Second, Headers: transport.Browser,
	}
}

type fixture struct {
	name string
	make func(t *testing.T) *measure.Summary // one's own, to change
}

var (
	summaries = make(map[string]*measure.Summary)
	pages     = make(map[string][]byte)
)

// read is a summary that all tests share.
func (f fixture) read(t *testing.T) *measure.Summary {
	t.Helper()
	if summaries[f.name] == nil {
		summaries[f.name] = f.make(t)
	}
	return summaries[f.name]
}

// page is its page, which they share as well.
func (f fixture) page(t *testing.T) []byte {
	t.Helper()
	if pages[f.name] == nil {
		var b bytes.Buffer
		o := HTMLOptions{}
		if f.name == "plain" { // one page shows a time
			o.When = time.Date(2021, time.August, 27, 19, 30, 0, 0, time.UTC)
		}
		if err := HTML(&b, f.read(t), o); err != nil {
			t.Fatal(err)
		}
		pages[f.name] = b.Bytes()
	}
	return pages[f.name]
}

// fakeRun is a run of n events by each transport, all later than the model
// by so many milliseconds.
func fakeRun(t *testing.T, c measure.Config, n int, late float64) *measure.Run {
	t.Helper()
	r := &measure.Run{Config: c, Counted: c.Duration}
	costs := map[string]lab.Cost{
		transport.ShortPoll: {Requests: 15, Connections: 1, Up: 7800, Down: 7500},
		transport.LongPoll:  {Requests: int64(n) - 2, Connections: 1, Up: int64(n) * 498, Down: int64(n) * 204},
		transport.SSE:       {Connections: 1, Down: int64(n) * 93},
		transport.WebSocket: {Connections: 1, Down: int64(n) * 75},
	}
	idle := map[string]measure.IdleMinute{
		transport.ShortPoll: {Measured: true, Requests: 60, Up: 31200, Down: 8100},
		transport.LongPoll:  {Measured: true, Requests: 1.995, Up: 1035.6, Down: 269.4},
		transport.SSE:       {Measured: true, Down: 16},
		transport.WebSocket: {Measured: true, Up: 12, Down: 4},
	}
	for i, way := range transport.All {
		o := measure.Outcome{
			Name: way.Name, Events: n, Latency: newLatencies(), Cost: costs[way.Name], Idle: idle[way.Name],
			Model: model.Downstream(way.Name, model.Conditions{Link: c.Link, Poll: c.Poll, Rate: c.Rate}),
		}
		for k := range n {
			share := (float64(k) + 0.5) / float64(n)
			jiggle := 0.1 * late * math.Sin(float64(7*k+i)) // without it, steps would be too even
			enter(t, o.Latency, quantile(o.Model, share)+late+jiggle)
		}
		r.Outcomes = append(r.Outcomes, o)
	}
	trips := model.Upstream(c.Link, c.TLS)
	r.Upstream = measure.Upstream{PostNew: newLatencies(), PostKept: newLatencies(), WebSocket: newLatencies(), Model: trips}
	for k := range 25 {
		spread := (float64(k) - 12) / 12 * milliseconds(c.Link.Jitter)
		enter(t, r.Upstream.PostNew, milliseconds(trips.PostNew)+1.5*late+spread/2)
		enter(t, r.Upstream.PostKept, milliseconds(trips.PostKept)+late+spread/2)
		enter(t, r.Upstream.WebSocket, milliseconds(trips.WebSocket)+0.8*late+spread/2)
	}
	return r
}

func newLatencies() *hdrhistogram.Histogram { return hdrhistogram.New(1, 600_000_000, 3) }

func enter(t *testing.T, h *hdrhistogram.Histogram, ms float64) {
	t.Helper()
	if err := h.RecordValue(max(1, int64(ms*1000))); err != nil {
		t.Fatal(err)
	}
}

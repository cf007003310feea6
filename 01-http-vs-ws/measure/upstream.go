package measure

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"websocket.example/01-http-vs-ws/lab"
	"websocket.example/01-http-vs-ws/model"
	"websocket.example/01-http-vs-ws/transport"
)

// Upstream is how long a message to the server and its answer took, in
// microseconds, by way.
type Upstream struct {
	PostNew, PostKept, WebSocket *hdrhistogram.Histogram
	Model                        model.RoundTrips
	Died                         error
}

type upstream struct {
	mu     sync.Mutex
	counts Upstream
}

func newUpstream() *upstream {
	return &upstream{counts: Upstream{
		PostNew: newHistogram(), PostKept: newHistogram(), WebSocket: newHistogram(),
	}}
}

// measure sends a message each way, one after the other, again and again. A
// way is tried only when the others are quiet, so that they do not share the
// machine at the moment that counts.
func (u *upstream) measure(ctx context.Context, c Config, bench *lab.Lab, p *plan) {
	u.counts.Model = model.Upstream(c.Link, c.TLS)
	err := u.loop(ctx, c, bench, p)
	if ctx.Err() == nil && err != nil {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.counts.Died = fmt.Errorf("upstream %w: %w", ErrDied, err)
	}
}

func (u *upstream) loop(ctx context.Context, c Config, bench *lab.Lab, p *plan) error {
	client := transport.NewClient(bench.Lanes[upstreamLane].URL(), nil, bench.Trust)
	client.Header = c.Headers
	ways, err := transport.OpenUpstream(ctx, client)
	if err != nil {
		return err
	}
	defer ways.Close()
	for {
		for _, way := range []struct {
			send func(context.Context) (time.Duration, error)
			into *hdrhistogram.Histogram
		}{
			{ways.PostNew, u.counts.PostNew},
			{ways.PostKept, u.counts.PostKept},
			{ways.Message, u.counts.WebSocket},
		} {
			since := time.Since(p.start)
			took, err := way.send(ctx)
			if err != nil {
				return err
			}
			if since >= c.Warmup() && since < c.Warmup()+c.Duration {
				u.mu.Lock()
				record(way.into, took)
				u.mu.Unlock()
			}
			if err := pause(ctx, 100*time.Millisecond); err != nil {
				return err
			}
		}
	}
}

func (u *upstream) result() Upstream {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.counts
}

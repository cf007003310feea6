package measure

import (
	"context"
	"sync"
	"time"

	"websocket.example/01-http-vs-ws/feed"
	"websocket.example/01-http-vs-ws/lab"
	"websocket.example/01-http-vs-ws/transport"
)

// An IdleMinute is what a client costs in a minute in which nothing happens.
//
// What one exchange costs is measured: an empty poll, a long poll that ran
// out, an SSE comment, a ping with its pong. How many there are in a minute
// is arithmetic, because nobody wants to wait for it: one for each poll
// interval, or one for each keep-alive.
type IdleMinute struct {
	Measured           bool // false when the run ended before
	Requests, Up, Down float64
}

type idleCosts map[string]lab.Cost

// fast is the interval of polls and keep-alives while idle costs are
// measured. Bytes depend neither on it nor on the link.
const fast = 50 * time.Millisecond

// measureIdle follows a feed in which nothing happens.
func measureIdle(ctx context.Context, c Config) idleCosts {
	ctx, stop := context.WithCancel(ctx)
	server := &transport.Server{Feed: &feed.Feed{}, Keepalive: fast}
	var names []string
	for _, t := range transport.All {
		names = append(names, t.Name)
	}
	bench, err := lab.Start(server.Handler(), names, lab.Options{TLS: c.TLS})
	if err != nil {
		stop()
		return nil
	}
	var clients sync.WaitGroup
	for _, t := range transport.All {
		clients.Go(func() {
			client := transport.NewClient(bench.Lanes[t.Name].URL(), nil, bench.Trust)
			client.Poll, client.Header = fast, c.Headers
			defer client.Close()
			_ = t.Follow(ctx, client, 0, func(feed.Event) {})
		})
	}
	costs := between(ctx, bench, 5*fast+fast/2, 15*fast+fast/2)
	stop()
	clients.Wait()
	bench.Close()
	return costs
}

// between is what every lane costs from one moment to another.
func between(ctx context.Context, bench *lab.Lab, from, to time.Duration) idleCosts {
	before, costs := make(idleCosts), make(idleCosts)
	if pause(ctx, from) != nil {
		return nil
	}
	for name, lane := range bench.Lanes {
		before[name] = quiet(ctx, lane)
	}
	if pause(ctx, to-from) != nil {
		return nil
	}
	for name, lane := range bench.Lanes {
		for {
			cost := quiet(ctx, lane).Since(before[name])
			if cost.Requests == 0 || cost.Requests == cost.Writes { // each has its answer
				costs[name] = cost
				break
			}
			if ctx.Err() != nil {
				return nil
			}
		}
	}
	return costs
}

// quiet reads the cost of a lane between two exchanges: when it has not
// moved for a moment.
func quiet(ctx context.Context, lane *lab.Lane) lab.Cost {
	cost := lane.Cost()
	for pause(ctx, fast/5) == nil {
		now := lane.Cost()
		if now == cost {
			break
		}
		cost = now
	}
	return cost
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// minute is the cost of a minute, nothing if it was not measured.
func (costs idleCosts) minute(name string, c Config) IdleMinute {
	cost, ok := costs[name]
	if !ok || cost.Writes == 0 {
		return IdleMinute{}
	}
	every := c.Keepalive
	switch name {
	case transport.ShortPoll:
		every = max(c.Poll, c.Link.RTT)
	case transport.LongPoll:
		every += c.Link.RTT
	}
	exchanges := time.Minute.Seconds() / every.Seconds()
	each := func(n int64) float64 { return float64(n) / float64(cost.Writes) * exchanges }
	return IdleMinute{true, each(cost.Requests), each(cost.Up), each(cost.Down)}
}

// Package measure runs the comparison: the same events, at the same time,
// over the same link, to one client of each transport.
package measure

import (
	"time"

	"websocket.example/01-http-vs-ws/link"
	"websocket.example/01-http-vs-ws/model"
	"websocket.example/01-http-vs-ws/transport"
)

// Config says what to measure.
type Config struct {
	Network   string // the name of the link, for the reader
	Link      link.Settings
	Poll      time.Duration // interval of short polling
	Keepalive time.Duration // how long a connection may be silent
	Rate      float64       // events per second, in the mean
	Seed      uint64        // of the moments of the events
	Duration  time.Duration // how long is counted, after the warm-up
	Headers   transport.HeaderSet
	TLS       bool
}

// Warmup is how long events run before they count: time to open every
// connection, four round trips with TLS, and a second for the machine.
func (c Config) Warmup() time.Duration { return time.Second + 5*c.Link.RTT }

// drain is how long to wait at the end for the last events to arrive.
func (c Config) drain() time.Duration {
	return c.model(transport.ShortPoll).Max() + c.Link.RTT + 2*time.Second
}

// Total is how long a run takes at most.
func (c Config) Total() time.Duration { return c.Warmup() + c.Duration + c.drain() }

func (c Config) model(name string) model.Distribution {
	return model.Downstream(name, model.Conditions{Link: c.Link, Poll: c.Poll, Rate: c.Rate})
}

// Package model says what latency each transport should have, from the poll
// interval and the network alone. If the measurement agrees, the figures
// were understood; if not, something is going on that deserves a look.
//
// Let o be the one-way delay, so that a round trip R is 2o; T the poll
// interval; and let events come at random, r of them a second.
//
// WebSocket, SSE: an event sets off at once.
//
//	latency = o
//
// Short polling: requests reach the server every T, and an event waits for
// the next one. As events come at random, each moment of the interval is
// equally likely. (When R > T the answer is what is waited for: T is then R.)
//
//	latency = o + U(0, T)        mean o + T/2
//
// Long polling: an event that finds a request waiting sets off at once. The
// answer then travels to the client and the next request back, R in all, and
// in that time there is no request. Look at one cycle, from one answer to the
// next. In its R without a request n events come, rR in the mean. If n > 0
// they wait evenly between 0 and R and share the next answer. If n = 0, the
// chance of which is exp(-rR), the next event finds a request waiting. So a
// cycle serves rR + exp(-rR) events in the mean, rR of them late.
//
//	latency = o + U(0, R)        for rR / (rR + exp(-rR)) of the events
//	          o                  for the others
//
// Jitter spreads o evenly, which changes the shape and not the mean.
//
// Left out: the time that bytes take to be sent at the link's bandwidth (a
// fraction of a millisecond on all presets but 3g), the work of client and
// server, and retransmissions, which loopback does not have.
package model

import (
	"math"
	"time"

	"websocket.example/01-http-vs-ws/link"
	"websocket.example/01-http-vs-ws/transport"
)

// Conditions are what the model knows.
type Conditions struct {
	Link link.Settings
	Poll time.Duration // T
	Rate float64       // r, events per second
}

// A Distribution of latencies: a delay, and for some events a wait before it.
type Distribution struct {
	oneWay, jitter float64 // seconds; the delay is even in oneWay ± jitter
	wait           float64 // seconds; the wait is even between 0 and this
	waiting        float64 // the share of the events that wait
}

// Downstream is the distribution of the latency from an event on the server
// to its receipt, for a transport by its name.
func Downstream(name string, c Conditions) Distribution {
	d := Distribution{oneWay: c.Link.OneWay().Seconds(), jitter: c.Link.OneWayJitter().Seconds()}
	switch rtt := c.Link.RTT.Seconds(); name {
	case transport.ShortPoll:
		d.wait = max(c.Poll.Seconds(), rtt)
		d.waiting = 1
	case transport.LongPoll:
		d.wait = rtt
		late := c.Rate * rtt
		d.waiting = late / (late + math.Exp(-late))
	}
	return d
}

// Mean latency.
func (d Distribution) Mean() time.Duration {
	return seconds(d.oneWay + d.waiting*d.wait/2)
}

// Max is the longest latency that can be.
func (d Distribution) Max() time.Duration {
	longest := d.oneWay + d.jitter
	if d.waiting > 0 {
		longest += d.wait
	}
	return seconds(longest)
}

// CDF is the share of the events with a latency of at most t.
func (d Distribution) CDF(t time.Duration) float64 {
	x := t.Seconds() - (d.oneWay - d.jitter)
	return d.waiting*sumOfEven(x, d.wait, 2*d.jitter) + (1-d.waiting)*sumOfEven(x, 0, 2*d.jitter)
}

// sumOfEven is the probability that U(0,a) + U(0,b) is at most x.
func sumOfEven(x, a, b float64) float64 {
	const nothing = 1e-9
	if a < b {
		a, b = b, a
	}
	square := func(x float64) float64 { x = max(x, 0); return x * x }
	switch {
	case a < nothing: // a step
		if x >= 0 {
			return 1
		}
		return 0
	case b < nothing: // a ramp
		return min(max(x/a, 0), 1)
	}
	area := square(x) - square(x-a) - square(x-b) + square(x-a-b)
	return min(max(area/(2*a*b), 0), 1)
}

// RoundTrips are what one message upstream and its answer cost.
type RoundTrips struct{ PostNew, PostKept, WebSocket time.Duration }

// Upstream derives them: opening a TCP connection costs one round trip, TLS
// 1.3 another one, and the message with its answer the last.
func Upstream(s link.Settings, tls bool) RoundTrips {
	opening := s.RTT
	if tls {
		opening += s.RTT
	}
	return RoundTrips{PostNew: opening + s.RTT, PostKept: s.RTT, WebSocket: s.RTT}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

package main

import (
	"context"
	"time"

	"websocket.example/01-http-vs-ws/omission"
)

const omissionLesson = `
Usage: go run ./01-http-vs-ws omission [flags]

Measures one server, which stalls now and then, in two ways at the same time.
The closed loop waits for an answer before it asks again, so it asks least when
the server is at its worst. The open loop asks when it is due, as users do. Both
are right about what they measured; only one measured what users feel.

  go run ./01-http-vs-ws omission -stall 200ms -every 1s
`

func omissionCommand(ctx context.Context, args []string, t terminal) error {
	fs := newFlags("omission", omissionLesson, t)
	duration := durationFlag(fs, "duration", 10*time.Second, time.Second, time.Hour, "`time` to measure")
	rate := numberFlag(fs, "rate", 100, 1, 1000, "`number` of requests a second, of each client")
	every := durationFlag(fs, "every", 5*time.Second, 100*time.Millisecond, time.Hour, "`time` from one stall to the next")
	stall := durationFlag(fs, "stall", time.Second, time.Millisecond, time.Minute, "`time` that a stall takes")
	if err := fs.parse(args); err != nil {
		return err
	}
	c := omission.Config{Duration: *duration, Rate: *rate, Every: *every, Stall: *stall}
	switch {
	case c.Stall >= c.Every:
		return wrong("-stall, -every: a server that stalls for %v every %v never answers: give a shorter -stall", c.Stall, c.Every)
	case c.Duration < c.Every:
		return wrong("-duration, -every: %v may be over before the first stall: give a -duration of at least %v", c.Duration, c.Every)
	}
	bar := newBar(t.err)
	result, err := omission.Measure(ctx, c, func(done time.Duration) { bar.at(done, c.Duration, "measuring") })
	bar.done()
	if err != nil {
		return err
	}
	omission.Text(t.out, c, result)
	return nil
}

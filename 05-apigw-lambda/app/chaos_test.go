package app_test

import (
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/05-apigw-lambda/app"
	"websocket.example/05-apigw-lambda/store/memory"
	"websocket.example/05-apigw-lambda/store/storetest"
)

// Many people talk at once, through functions that run at once and die, a
// store and posts that fail, connections that break: nobody lacks a message
// that stays or comes back, and nobody has one twice.
func TestNothingIsLost(t *testing.T) {
	pace := storetest.Pace{Tick: 200 * time.Millisecond, Ping: 25 * time.Second, Resend: 15 * time.Second, Ticks: 1000, Talk: 30, Drop: 3}
	delay, hang := 20*time.Millisecond, 6*time.Second
	for name, f := range map[string]storetest.Faults{
		"calm":      {Delay: delay},
		"killed":    {Kill: 20, Delay: delay, Hang: hang},
		"store":     {Store: 30, Delay: delay},
		"posts":     {Post: 50, Throttle: 50, Slow: 10, Delay: delay, Hang: hang},
		"gone":      {Gone: 10, Orphan: 500, Delay: delay},
		"all":       {Kill: 5, Store: 10, Post: 20, Throttle: 20, Gone: 3, Slow: 10, Orphan: 300, Delay: delay, Hang: hang},
		"slow":      {Kill: 5, Post: 20, Delay: time.Second, Hang: hang},
		"very slow": {Kill: 5, Post: 20, Slow: 300, Delay: 100 * time.Millisecond, Hang: 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				storetest.Chaos(t, memory.New(), 8, pace, f, app.Options{Turn: 10 * time.Second, Patience: 3 * time.Second})
			})
		})
	}
}

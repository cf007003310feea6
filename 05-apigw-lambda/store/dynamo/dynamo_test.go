package dynamo_test

import (
	"testing"
	"time"

	"websocket.example/05-apigw-lambda/app"
	"websocket.example/05-apigw-lambda/store/storetest"
)

func TestDynalite(t *testing.T) {
	t.Parallel()
	s := dynalite(t)
	storetest.Run(t, s)
	storetest.Killed(t, s, 4)
}

func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	s := dynalite(t)
	// Not so quick that what is sent again is too much for one process.
	pace := storetest.Pace{Tick: 20 * time.Millisecond, Ping: 500 * time.Millisecond, Resend: 1500 * time.Millisecond, Ticks: 50, Talk: 80, Drop: 5}
	f := storetest.Faults{Kill: 5, Store: 10, Post: 20, Throttle: 20, Gone: 3, Slow: 10, Orphan: 300, Delay: time.Millisecond, Hang: 100 * time.Millisecond}
	storetest.Chaos(t, s, 4, pace, f, app.Options{Turn: time.Second, Patience: 150 * time.Millisecond})
}

func TestMoto(t *testing.T) {
	t.Parallel()
	storetest.Run(t, moto(t))
}

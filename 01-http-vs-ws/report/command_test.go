package report

import (
	"testing"
	"time"

	"websocket.example/01-http-vs-ws/link"
)

func TestCommand(t *testing.T) {
	s := fixtures[0].make(t)
	check := func(want string) {
		t.Helper()
		if got := command(s); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	check("go run ./01-http-vs-ws -net 4g -poll 1s -rate 5 -seed 1 -duration 15s -headers browser")

	s.Network, s.Link = "custom", link.Settings{RTT: 80 * time.Millisecond, Bandwidth: 1_600_000}
	s.Keepalive, s.TLS, s.Runs, s.Rate = time.Minute, true, 5, 0.5
	check("go run ./01-http-vs-ws -rtt 80ms -jitter 0s -bandwidth 1.6M -poll 1s -rate 0.5 -seed 1 " +
		"-duration 15s -headers browser -keepalive 1m0s -tls -repeat 5")

	// A preset that was changed is not that preset any more.
	s.Network = "4g"
	if got := command(s); got[:len("go run ./01-http-vs-ws -rtt")] != "go run ./01-http-vs-ws -rtt" {
		t.Error(got)
	}
}

func TestRate(t *testing.T) {
	for bits, want := range map[int64]string{
		0: "0", 8001: "8001", 500_000: "500k", 1_600_000: "1.6M", 12_000_000: "12M", 1_234_500: "1234.5k",
	} {
		if got := rate(bits); got != want {
			t.Errorf("%d is written %s, want %s", bits, got, want)
		}
	}
}

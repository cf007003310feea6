package load

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/wsconn"
)

// echoServer serves until the test ends. wrong spoils its answers.
func echoServer(t *testing.T, s *server.Server, wrong bool) string {
	t.Helper()
	s.Handler = func(c *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
		return func(op frame.Opcode, message []byte) error {
			if wrong {
				message[0]++
			}
			return c.Write(context.Background(), op, message)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(l) }() // until Shutdown
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func crowd(t *testing.T, addr string, n int) *Crowd {
	t.Helper()
	c, err := NewCrowd(t.Context(), addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Open(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCrowd(t *testing.T) {
	c := crowd(t, echoServer(t, &server.Server{}, false), 150)
	if err := c.EchoAll(t.Context()); err != nil {
		t.Error(err)
	}
	delays, unanswered := c.Echo(t.Context(), 5000, 50*time.Millisecond)
	if len(delays) < 50 || unanswered != 0 { // 250 on the average
		t.Errorf("%d echoes, %d unanswered", len(delays), unanswered)
	}
	for _, d := range delays {
		if d <= 0 || d > 5*time.Second {
			t.Errorf("a delay of %v", d)
		}
	}
	if open, _, lost, why := c.Count(); open != 150 || lost != 0 || why != nil {
		t.Errorf("%d open, %d lost: %v", open, lost, why)
	}
}

// A server that pings whoever is silent, and cuts off who does not answer,
// keeps the crowd.
func TestCrowdAnswersPings(t *testing.T) {
	c := crowd(t, echoServer(t, &server.Server{Ping: 50 * time.Millisecond, Idle: 2 * time.Second}, false), 20)
	for {
		open, pings, lost, why := c.Count()
		if lost > 0 {
			t.Fatalf("%d of 20 were cut off: %v", lost, why)
		}
		if pings >= 3*open { // so the earlier ones were answered: Count sees both
			break
		}
		time.Sleep(time.Millisecond) // until they are there, however long that takes
	}
	if err := c.EchoAll(t.Context()); err != nil {
		t.Error(err)
	}
}

// What a server does wrong has a name.
func TestCrowdNotices(t *testing.T) {
	c := crowd(t, echoServer(t, &server.Server{}, true), 1)
	if err := c.EchoAll(t.Context()); err == nil || !strings.Contains(err.Error(), "another message came back") {
		t.Errorf("a changed echo: %v", err)
	}
	if _, any := c.pick(); any {
		t.Error("a connection was picked that has none of our trust")
	}

	addr := echoServer(t, &server.Server{MaxConns: 3}, false)
	c, err := NewCrowd(t.Context(), addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Open(t.Context(), 10); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("a server that is full: %v", err)
	}
	if open, _, _, _ := c.Count(); open == 0 {
		t.Error("those that were open are gone")
	}
	c.MayGrow = func() error { return errEnough }
	if err := c.Open(t.Context(), 1); !errors.Is(err, errEnough) {
		t.Errorf("got %v", err)
	}
}

var errEnough = errors.New("enough")

func TestCrowdStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, err := NewCrowd(ctx, echoServer(t, &server.Server{}, false))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.MayGrow = func() error {
		if open, _, _, _ := c.Count(); open >= 64 {
			cancel()
		}
		return nil
	}
	err = c.Open(ctx, 1000)
	if open, _, _, _ := c.Count(); !errors.Is(err, context.Canceled) || open >= 1000 {
		t.Errorf("%d open: %v", open, err)
	}
}

func TestSources(t *testing.T) {
	c := &Crowd{PerHost: 10000}
	if got := c.Sources(10000); got != 1 {
		t.Errorf("%d sources", got)
	}
	for i, want := range map[int]string{0: "127.0.0.1", 99: "127.0.0.100", 100: "127.0.0.1"} {
		if got := c.Source(i, 1_000_000).String(); got != want {
			t.Errorf("%d: %s, want %s", i, got, want)
		}
	}
	if got := c.Source(299, 3_000_000).String(); got != "127.0.1.44" {
		t.Error(got)
	}
}

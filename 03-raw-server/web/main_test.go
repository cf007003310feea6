package web

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/wsconn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// attach serves a page as the command does, on a listener or on a free port.
func attach(t *testing.T, o Options, listener net.Listener) (base string, stop func()) {
	t.Helper()
	if listener == nil {
		var err error
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	page := New(o)
	var s server.Server
	page.Attach(&s)
	done := make(chan error)
	go func() { done <- s.Serve(listener) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.Shutdown(ctx)
		if err := <-done; !errors.Is(err, server.ErrClosed) {
			t.Error(err)
		}
		page.Close()
	}
	t.Cleanup(stop)
	return "http://" + listener.Addr().String(), stop
}

// behindHTTP serves a page as the slides do: by net/http, behind a prefix.
func behindHTTP(t *testing.T, o Options) (base string) {
	t.Helper()
	page := New(o)
	mux := http.NewServeMux()
	mux.Handle("/03/live/", http.StripPrefix("/03/live", page))
	s := httptest.NewServer(mux)
	t.Cleanup(func() {
		page.Close()
		s.Close()
	})
	return s.URL + "/03/live"
}

// everywhere runs a test both ways.
func everywhere(t *testing.T, o Options, test func(t *testing.T, base string)) {
	t.Run("server", func(t *testing.T) {
		base, _ := attach(t, o, nil)
		test(t, base)
	})
	t.Run("net/http", func(t *testing.T) { test(t, behindHTTP(t, o)) })
}

// dial connects as a page of the server does, offering compression.
func dial(t *testing.T, base, path string) *wsconn.Conn {
	t.Helper()
	origin, _, _ := strings.Cut(strings.TrimPrefix(base, "http://"), "/")
	c, err := wsconn.Dial(t.Context(), strings.Replace(base, "http", "ws", 1)+path, &wsconn.DialOptions{
		Compress:  true,
		Handshake: handshake.DialOptions{Header: http.Header{"Origin": {"http://" + origin}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.NetConn().Close() })
	return c
}

// A told page is what the server tells, as a test reads it.
type told struct {
	seen
	ID     string `json:"id"`
	Agreed string `json:"agreed"`
	Do     string `json:"do"`
	Why    string `json:"why"`
}

func next(t *testing.T, c *wsconn.Conn) (m told) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, text, err := c.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return m
}

// until reads until the page is told something of a type.
func until(t *testing.T, c *wsconn.Conn, kind string) told {
	t.Helper()
	for {
		if m := next(t, c); m.Type == kind {
			return m
		}
	}
}

func send(t *testing.T, c *wsconn.Conn, text string) {
	t.Helper()
	if err := c.Write(t.Context(), frame.Text, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// receive reads the next message.
func receive(t *testing.T, c *wsconn.Conn) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, message, err := c.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return string(message)
}

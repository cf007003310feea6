package web

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"

	"websocket.example/02-handshake/narrate"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// mount serves a page behind a prefix, as the slides do.
func mount(t *testing.T, o Options) string {
	page := NewPage(o)
	server := httptest.NewServer(http.StripPrefix("/02/live", page))
	t.Cleanup(func() {
		page.Close()
		server.Close()
	})
	return server.URL + "/02/live"
}

// front serves a page with its own listener, as the command does.
func front(t *testing.T, o Options) (url string, told <-chan *narrate.Story) {
	stories := make(chan *narrate.Story, 64)
	o.Tell = func(s *narrate.Story) { stories <- s }
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	page := NewPage(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- page.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		page.Close()
	})
	return "http://" + listener.Addr().String(), stories
}

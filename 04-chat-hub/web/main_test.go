package web

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/04-chat-hub/hub"
	"websocket.example/04-chat-hub/log/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A site is the page and a hub behind one address. Its hub can be restarted,
// and its connections cut.
type site struct {
	t     *testing.T
	url   string
	store *memory.Store
	lines *lines
	posts int // so far, see post

	mu  sync.Mutex
	hub *hub.Hub // nil while it is stopped
}

// serve starts one.
func serve(t *testing.T, o Options) *site {
	t.Helper()
	s := &site{t: t, store: memory.NewServer().Open(), lines: &lines{}}
	s.start()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ws", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		h := s.hub
		s.mu.Unlock()
		if h == nil {
			http.Error(w, "the hub is stopped", http.StatusServiceUnavailable)
			return
		}
		h.ServeHTTP(w, r)
	})
	mux.Handle("/", Handler(o))
	mux.Handle("/04/", http.StripPrefix("/04", mux))
	server := httptest.NewUnstartedServer(mux)
	s.lines.Listener = server.Listener
	server.Listener = s.lines
	server.Start()
	s.url = server.URL
	t.Cleanup(func() {
		s.stop()
		server.Close()
		if err := s.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *site) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hub = hub.New(hub.Options{Store: s.store, Log: slog.New(slog.DiscardHandler)})
}

// stop shuts the hub down; the page is still served.
func (s *site) stop() {
	s.mu.Lock()
	h := s.hub
	s.hub = nil
	s.mu.Unlock()
	if h == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = h.Shutdown(ctx) // browsers may be gone, or cut off
}

// lines are the TCP connections of a server.
type lines struct {
	net.Listener
	mu   sync.Mutex
	all  []net.Conn
	down bool
}

func (l *lines) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, c)
	if l.down {
		_ = c.Close()
	}
	return c, nil
}

// cut breaks all connections, and lets none come until mend.
func (l *lines) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = true
	for _, c := range l.all {
		_ = c.Close()
	}
	l.all = nil
}

func (l *lines) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = false
}

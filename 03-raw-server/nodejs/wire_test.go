package nodejs

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"

	"websocket.example/03-raw-server/workbench/tap"
)

// A wire is a tap between a client and a server, and can be cut.
type wire struct {
	URL string // as that of the server, with the tap's address

	log      tap.Log
	mu       sync.Mutex
	watching func(tap.Event)
	listener *tracker
}

// newWire puts a tap before a server.
func newWire(t *testing.T, server string) *wire {
	t.Helper()
	w := &wire{}
	between, err := tap.New(server, w.see)
	if err != nil {
		t.Fatal(err)
	}
	between.Keep = 128 << 10
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.listener = track(l)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- between.Serve(ctx, w.listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	w.URL = at(t, server, l.Addr().String())
	return w
}

// at is a URL with another address.
func at(t *testing.T, from, host string) string {
	t.Helper()
	u, err := url.Parse(from)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = host
	return u.String()
}

func (w *wire) see(e tap.Event) {
	w.log.See(e)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.watching != nil {
		w.watching(e)
	}
}

// watch has a test told what goes through from now on.
func (w *wire) watch(told func(tap.Event)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watching = told
}

// cut breaks every connection, without a word to the client.
func (w *wire) cut() { w.listener.cut() }

// seen returns what went through when everybody has hung up. Call it when the
// client has ended.
func (w *wire) seen(t *testing.T) []tap.Event {
	t.Helper()
	late := time.AfterFunc(patience, func() {
		t.Error("a connection stays open")
		w.cut()
	})
	defer late.Stop()
	w.listener.wait()
	return w.log.Events()
}

// A tracker is a listener that knows which of its connections are open.
type tracker struct {
	net.Listener
	mu   sync.Mutex
	less *sync.Cond
	open map[*tracked]bool
}

func track(l net.Listener) *tracker {
	t := &tracker{Listener: l, open: map[*tracked]bool{}}
	t.less = sync.NewCond(&t.mu)
	return t
}

func (t *tracker) Accept() (net.Conn, error) {
	nc, err := t.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &tracked{nc.(*net.TCPConn), t}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open[c] = true
	return c, nil
}

func (t *tracker) cut() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for c := range t.open {
		c.TCPConn.Close()
	}
}

func (t *tracker) wait() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.open) > 0 {
		t.less.Wait()
	}
}

type tracked struct {
	*net.TCPConn
	by *tracker
}

func (c *tracked) Close() error {
	defer c.by.less.Broadcast()
	c.by.mu.Lock()
	defer c.by.mu.Unlock()
	delete(c.by.open, c)
	return c.TCPConn.Close()
}

// oldProxy is a proxy that lets no WebSocket through: it knows HTTP only. It
// returns the URL of the same server behind it.
func oldProxy(t *testing.T, server string) string {
	t.Helper()
	u, err := url.Parse(at(t, "http://host", "127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	if target, err := url.Parse(server); err != nil {
		t.Fatal(err)
	} else {
		u.Host = target.Host
	}
	pass := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(u) },
		FlushInterval: -1, // a streamed answer, as it comes
		Transport:     &http.Transport{DisableKeepAlives: true},
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			http.Error(w, "no upgrade here", http.StatusBadRequest)
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return at(t, server, s.Listener.Addr().String())
}

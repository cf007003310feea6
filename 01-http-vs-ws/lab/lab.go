// Package lab sets up the comparison: one HTTP server, and a lane of its own
// for each transport, so that what a transport costs can be told apart.
//
//	client --- link (toxiproxy) --- listener (counts) --- the one server
//	client --- link (toxiproxy) --- listener (counts) ---'
package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"websocket.example/01-http-vs-ws/link"
)

// A Lane is one way to reach the server. All that goes through it is
// delayed by its link and counted at the server's sockets.
type Lane struct {
	link.Counter // of requests, connections and bytes; a WebSocket handshake is one request

	proxy  *link.Proxy
	scheme string
}

// URL is where a client finds the server: http://host:port.
func (l *Lane) URL() string { return l.scheme + "://" + l.Addr() }

// Addr is host:port.
func (l *Lane) Addr() string { return l.proxy.Addr() }

// A Cost is what has gone through a lane up to now.
type Cost struct {
	Requests, Connections, Up, Down, Writes int64
}

// Cost reads the counters.
func (l *Lane) Cost() Cost {
	return Cost{l.Requests.Load(), l.Connections.Load(), l.Up.Load(), l.Down.Load(), l.Writes.Load()}
}

// Since is the part of a cost that came after an earlier reading.
func (c Cost) Since(earlier Cost) Cost {
	return Cost{
		c.Requests - earlier.Requests, c.Connections - earlier.Connections,
		c.Up - earlier.Up, c.Down - earlier.Down, c.Writes - earlier.Writes,
	}
}

// A Lab is a running server with its lanes.
type Lab struct {
	Lanes map[string]*Lane
	Trust *tls.Config // what a client must trust; nil without TLS

	server *http.Server
	stop   context.CancelFunc // ends the context of every request
}

// Options say how the server is reached.
type Options struct {
	Host string // where the lanes listen; empty is 127.0.0.1
	Link link.Settings
	TLS  bool
}

// counterKey is the key of a connection's counter in the context of its requests.
type counterKey struct{}

// Start serves the handler on one lane for each name.
func Start(handler http.Handler, names []string, o Options) (*Lab, error) {
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	ctx, stop := context.WithCancel(context.Background())
	lab := &Lab{Lanes: make(map[string]*Lane), stop: stop}
	lab.server = &http.Server{
		BaseContext:       func(net.Listener) context.Context { return ctx },
		Handler:           countRequests(handler),
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog:          discardLog,
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, counterKey{}, link.CounterOf(conn))
		},
	}
	scheme := "http"
	var certificate *tls.Config
	if o.TLS {
		scheme = "https"
		var err error
		if certificate, lab.Trust, err = selfSigned(o.Host); err != nil {
			stop()
			return nil, err
		}
	}
	for _, name := range names {
		lane := &Lane{scheme: scheme}
		if err := lab.open(lane, o, certificate); err != nil {
			lab.Close()
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		lab.Lanes[name] = lane
	}
	return lab, nil
}

// open starts to serve a lane, and puts its link in front.
func (lab *Lab) open(lane *Lane, o Options, certificate *tls.Config) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	lane.proxy, err = link.Listen(net.JoinHostPort(o.Host, "0"), listener.Addr().String(), o.Link)
	if err != nil {
		listener.Close()
		return err
	}
	counted := link.Count(listener, &lane.Counter)
	if certificate != nil {
		counted = tls.NewListener(counted, certificate)
	}
	go func() {
		if err := lab.server.Serve(counted); !errors.Is(err, http.ErrServerClosed) {
			panic(err) // a loopback listener that we opened does not fail
		}
	}()
	return nil
}

// SetLink changes round trip and jitter of every lane at once.
func (lab *Lab) SetLink(s link.Settings) {
	for _, lane := range lab.Lanes {
		lane.proxy.Set(s)
	}
}

// Close ends every connection and stops listening.
func (lab *Lab) Close() {
	for _, lane := range lab.Lanes {
		lane.proxy.Close()
	}
	lab.stop()
	lab.server.Close()
}

// Cut closes one lane for good, as a network does that fails.
func (lab *Lab) Cut(name string) { lab.Lanes[name].proxy.Close() }

func countRequests(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Context().Value(counterKey{}).(*link.Counter).Requests.Add(1)
		next.ServeHTTP(w, r)
	}
}

// Package transport carries the events of one feed from a server to a client
// in four ways. Each way is one file that holds its server half and its
// client half, so that the two can be read together:
//
//	shortpoll.go  the client asks again and again, the server answers at once
//	longpoll.go   the client asks, the server answers when there is something
//	sse.go        the client asks once, the answer never ends (Server-Sent Events)
//	websocket.go  the client asks once, then both may send at any time
//
// upstream.go is the other direction: one small message to the server and
// its answer back.
package transport

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gorilla/websocket"

	"websocket.example/01-http-vs-ws/feed"
)

// The names of the transports, in the order in which they are shown.
const (
	ShortPoll = "short-poll"
	LongPoll  = "long-poll"
	SSE       = "sse"
	WebSocket = "websocket"
)

// A Transport is one way to carry events.
type Transport struct {
	Name   string
	Follow Follow
	serve  func(s *Server) http.HandlerFunc
}

// Follow hands on every event after a number, in order, until the context
// ends or the connection fails. It always returns an error that says why.
type Follow func(ctx context.Context, c *Client, after int64, got func(feed.Event)) error

// All transports, in the order in which they are shown.
var All = []Transport{
	{ShortPoll, followShortPoll, (*Server).shortPoll},
	{LongPoll, followLongPoll, (*Server).longPoll},
	{SSE, followSSE, (*Server).sse},
	{WebSocket, followWebSocket, (*Server).websocket},
}

// A Server is the server half of every transport.
type Server struct {
	Feed *feed.Feed

	// Keepalive is how long a connection may be silent: a long poll is then
	// answered empty, SSE sends a comment, WebSocket a ping. Proxies cut
	// connections that are silent for longer, often after a minute.
	Keepalive time.Duration

	// Origin says which pages may use the server from a browser; pages of
	// the server's own origin always may.
	Origin func(origin string) bool
}

// Handler serves every transport under its name, and the upstream endpoints.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, t := range All {
		mux.HandleFunc("GET /"+t.Name, s.allow(t.serve(s)))
	}
	mux.HandleFunc("POST "+upstreamPost, s.allow(upstreamAnswer))
	mux.HandleFunc("GET "+upstreamSocket, s.upstreamEcho)
	return mux
}

// allow lets pages of the allowed origins read the answers (CORS).
func (s *Server) allow(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if origin := r.Header.Get("Origin"); origin != "" && s.Origin != nil && s.Origin(origin) {
			w.Header().Set("Access-Control-Allow-Origin", origin)
		}
		w.Header().Set("Cache-Control", "no-store")
		next(w, r)
	}
}

// upgrader switches a request to WebSocket. Browsers do not apply CORS to
// WebSocket: the server itself must look at the Origin header.
func (s *Server) upgrader() *websocket.Upgrader {
	return &websocket.Upgrader{CheckOrigin: func(r *http.Request) bool {
		origin := r.Header.Get("Origin")
		own, err := url.Parse(origin)
		return origin == "" || err == nil && own.Host == r.Host || s.Origin != nil && s.Origin(origin)
	}}
}

// cursor is the number of the last event that the client has.
func cursor(r *http.Request) int64 {
	n, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// A Client is the client half of every transport. It keeps its connections,
// so give each transport that is to be compared a Client of its own.
type Client struct {
	URL    string        // where the server is: http://host:port or https://host:port
	Poll   time.Duration // how often short polling asks
	Header HeaderSet     // what every request carries besides the necessary

	http   *http.Client
	dialer *websocket.Dialer
}

// Dial opens the connections of a Client.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// NewClient makes a client that dials as told, and trusts what trust says
// when the URL is https. A nil dial is that of package net.
func NewClient(address string, dial Dial, trust *tls.Config) *Client {
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	return &Client{
		URL:  address,
		Poll: time.Second,
		http: &http.Client{Transport: &http.Transport{
			DialContext:         dial,
			TLSClientConfig:     trust,
			MaxIdleConnsPerHost: 4,
		}},
		dialer: &websocket.Dialer{NetDialContext: dial, TLSClientConfig: trust},
	}
}

// Close closes the connections that are kept for the next request.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// get asks for the events after a number. A body is the caller's to close.
func (c *Client) get(ctx context.Context, name string, after int64) (*http.Response, error) {
	address := fmt.Sprintf("%s/%s?after=%d", c.URL, name, after)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header = c.Header.request(c.URL, name)
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, fmt.Errorf("GET %s: the server answered %s", address, response.Status)
	}
	return response, nil
}

// poll makes one request and hands on the events of its answer. It returns
// the number of the last one.
func (c *Client) poll(ctx context.Context, name string, after int64, got func(feed.Event)) (int64, error) {
	response, err := c.get(ctx, name, after)
	if err != nil {
		return after, err
	}
	defer response.Body.Close()
	var events []feed.Event
	if err := json.NewDecoder(response.Body).Decode(&events); err != nil {
		return after, fmt.Errorf("%s: the answer is not a list of events: %w", name, err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil { // to the end, or the connection is not used again
		return after, err
	}
	for _, e := range events {
		got(e)
		after = e.N
	}
	return after, nil
}

// answer writes a list of events as one JSON array.
func answer(w http.ResponseWriter, events []feed.Event) {
	if events == nil {
		events = []feed.Event{}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(events) // fails only when the client has gone
}

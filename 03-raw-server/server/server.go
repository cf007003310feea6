// Package server accepts WebSocket connections on a net.Listener.
//
// There is no net/http in it, and that is the point: a connection that
// net/http has handed over keeps its buffers, its request and a deep stack
// for life. Here the handshake runs in a goroutine that ends with it, and
// the one that stays has little to remember.
package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// A Server serves WebSocket connections. Set its fields before Serve.
type Server struct {
	// Handler is asked for each new connection, and returns who handles its
	// messages. It may keep the connection to write to it at any time, until
	// Ended is told.
	Handler func(c *wsconn.Conn, h *handshake.Handshake) wsconn.Handler

	// Decide is Handshake.Decide for those who want to see the connection as
	// well, for its address. Unmade is told when one that it took was not
	// made, because the client did not wait for the answer. Nil is nobody.
	Decide func(ctx context.Context, nc net.Conn, h *handshake.Handshake) *handshake.Refusal
	Unmade func(nc net.Conn)

	// Ended is told that a connection is over, and why. Nil is nobody.
	Ended func(c *wsconn.Conn, err error)

	// Trace is asked for each new connection who is shown its frames. Nil is
	// nobody.
	Trace func(nc net.Conn, h *handshake.Handshake) wsconn.Trace

	// Plain answers requests that do not ask for WebSocket, such as those for
	// a page. Nil refuses them.
	Plain http.Handler

	Handshake handshake.Options // what is accepted; its Extensions are the server's
	Conn      wsconn.Options    // what connections put up with
	Compress  bool              // accept permessage-deflate, as Conn.Deflate says

	MaxConns int           // how many at once, more are told 503; 0 is no limit
	Ping     time.Duration // how long a connection may be silent before it is asked; 0 is 30 s
	Idle     time.Duration // how long before it is cut off; 0 is 2 min

	mu        sync.Mutex
	listeners map[net.Listener]bool
	conns     []*served         // in no order
	pending   map[net.Conn]bool // not served yet: whether the handshake is still going on
	refused   map[net.Conn]bool
	stopping  bool
	empty     chan struct{} // closed when the last connection has gone, after Shutdown
	sweeping  chan struct{} // closed to end the sweeper
	web       *web          // serves Plain
}

// ErrClosed is what Serve returns after Shutdown.
var ErrClosed = errors.New("server: closed")

// Serve accepts connections until Shutdown, or until the listener fails.
func (s *Server) Serve(l net.Listener) error {
	if !s.open(l) {
		l.Close()
		return ErrClosed
	}
	for wait := 5 * time.Millisecond; ; {
		nc, err := l.Accept()
		if err != nil {
			if s.isStopping() {
				return ErrClosed
			}
			if passing, is := errors.AsType[net.Error](err); is && passing.Timeout() || isOutOfFiles(err) {
				time.Sleep(wait) // connections will end
				wait = min(2*wait, time.Second)
				continue
			}
			return fmt.Errorf("server: %w", err)
		}
		wait = 5 * time.Millisecond
		go s.admit(nc)(nc)
	}
}

// welcome does the handshake. Its goroutine, with the deep stack of that, is
// not the connection's.
func (s *Server) welcome(nc net.Conn) {
	var agreed wsconn.Agreed
	options := s.Handshake
	options.Extensions = nil
	if s.Compress {
		options.Extensions = wsconn.Negotiate(&s.Conn.Deflate, &agreed)
	}
	taken := false
	if s.Decide != nil {
		options.Decide = func(ctx context.Context, h *handshake.Handshake) *handshake.Refusal {
			refusal := s.Decide(ctx, nc, h)
			taken = refusal == nil
			return refusal
		}
	}
	asking := nc
	var again *replay
	if s.Plain != nil {
		if again = s.sortOut(nc); again == nil {
			return
		}
		asking = again
	}
	h, err := options.Accept(context.Background(), asking)
	if err != nil {
		nc.Close()
		if taken && s.Unmade != nil {
			s.Unmade(nc)
		}
		s.dismiss(nc)
		return
	}
	s.accepted(nc)
	agreed.Rest = h.Rest
	if again != nil {
		agreed.Rest = append(agreed.Rest, again.first...)
	}
	if s.Trace != nil {
		agreed.Trace = s.Trace(nc, h)
	}
	c := wsconn.New(nc, wsconn.Server, &s.Conn, agreed)
	handle := s.Handler(c, h)
	s.keep(nc, c, handle)
}

// refuse answers a connection that is one too many.
func (s *Server) refuse(nc net.Conn) {
	full := handshake.Options{
		Timeout: 5 * time.Second,
		Decide: func(context.Context, *handshake.Handshake) *handshake.Refusal {
			return &handshake.Refusal{
				Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"5"}},
				Body: "too many connections: try again later\n",
			}
		},
	}
	_, _ = full.Accept(context.Background(), nc) // it always ends in an error
	nc.Close()
	s.dismiss(nc)
}

// Shutdown stops accepting, tells every connection that the server is going
// away, and waits for them to close. When the context ends it cuts off those
// that are left, and returns the context's error; for a handler that is busy
// just then it does not wait.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	first := !s.stopping
	s.stopping = true
	if first {
		s.empty = make(chan struct{})
		if s.sweeping != nil {
			close(s.sweeping)
		}
		for l := range s.listeners {
			l.Close()
		}
		for nc, shaking := range s.pending {
			if shaking {
				nc.Close()
			}
		}
		for nc := range s.refused {
			nc.Close()
		}
		if s.web != nil {
			s.web.stop()
		}
		for _, e := range s.conns {
			go e.conn.Close(frame.GoingAway, "the server is shutting down") // Each learns of it
		}
		s.checkEmpty()
	}
	empty := s.empty
	s.mu.Unlock()
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for nc := range s.pending {
		nc.Close()
	}
	for _, e := range s.conns {
		e.conn.Abort()
	}
	return ctx.Err()
}

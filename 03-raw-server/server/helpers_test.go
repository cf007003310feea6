package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/internal/memnet"
	"websocket.example/03-raw-server/wsconn"
)

// patience is how long a test waits for what should have come at once.
const patience = 20 * time.Second

// A running server, in memory or on loopback, and what it told of its end.
type running struct {
	*Server
	t      testing.TB
	addr   string
	dial   func(ctx context.Context, network, addr string) (net.Conn, error)
	served chan error

	mu    sync.Mutex
	ended []error
}

func echo(c *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
	return func(op frame.Opcode, message []byte) error {
		return c.Write(context.Background(), op, message)
	}
}

func start(t testing.TB, s *Server, l net.Listener) *running {
	r := &running{Server: s, t: t, addr: l.Addr().String(), served: make(chan error, 1)}
	r.dial = new(net.Dialer).DialContext
	if memory, is := l.(*memnet.Listener); is {
		r.dial = memory.Dial
	}
	if s.Handler == nil {
		s.Handler = echo
	}
	told := s.Ended
	s.Ended = func(c *wsconn.Conn, err error) {
		if told != nil {
			told(c, err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.ended = append(r.ended, err)
	}
	go func() { r.served <- s.Serve(l) }()
	return r
}

// inMemory starts a server for tests in virtual time.
func inMemory(t testing.TB, s *Server) *running {
	return start(t, s, memnet.Listen())
}

// onLoopback starts a server on TCP.
func onLoopback(t testing.TB, s *Server) *running {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return start(t, s, l)
}

// stop shuts the server down, with all the time that it needs.
func (r *running) stop() {
	r.t.Helper()
	if err := r.Shutdown(context.Background()); err != nil {
		r.t.Errorf("Shutdown: %v", err)
	}
	r.wantServed()
}

func (r *running) wantServed() {
	r.t.Helper()
	if err := <-r.served; !errors.Is(err, ErrClosed) {
		r.t.Errorf("Serve: %v", err)
	}
}

// reasons are what Ended was told.
func (r *running) reasons() []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]error(nil), r.ended...)
}

func (r *running) dialOptions() handshake.DialOptions {
	return handshake.DialOptions{
		NetDial: r.dial,
		Proxy:   func(*http.Request) (*url.URL, error) { return nil, nil }, // whatever the environment says
	}
}

// client connects as one that knows what it does.
func (r *running) client(o *wsconn.DialOptions) *wsconn.Conn {
	r.t.Helper()
	c, err := r.tryClient(o)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

func (r *running) tryClient(o *wsconn.DialOptions) (*wsconn.Conn, error) {
	var options wsconn.DialOptions
	if o != nil {
		options = *o
	}
	options.Handshake = r.dialOptions()
	return wsconn.Dial(context.Background(), "ws://"+r.addr+"/", &options)
}

// raw connects as one that sees and sends frames.
func (r *running) raw() *rawClient {
	r.t.Helper()
	o := r.dialOptions()
	nc, h, err := handshake.Dial(context.Background(), "ws://"+r.addr+"/", &o)
	if err != nil {
		r.t.Fatal(err)
	}
	return &rawClient{r.t, nc, h.Rest}
}

type rawClient struct {
	t   testing.TB
	nc  net.Conn
	buf []byte
}

func (c *rawClient) send(op frame.Opcode, payload string) {
	c.t.Helper()
	b := frame.Append(nil, frame.Header{Fin: true, Opcode: op, Masked: true, Length: uint64(len(payload))})
	if _, err := c.nc.Write(append(b, payload...)); err != nil { // the key is zero: a mask that is none
		c.t.Errorf("send: %v", err)
	}
}

func (c *rawClient) next() (frame.Opcode, string, error) {
	for {
		if h, n, err := frame.Parse(c.buf); err == nil && len(c.buf)-n >= int(h.Length) {
			payload := string(c.buf[n : n+int(h.Length)])
			c.buf = c.buf[n+int(h.Length):]
			return h.Opcode, payload, nil
		}
		b := make([]byte, 4<<10)
		n, err := c.nc.Read(b)
		if c.buf = append(c.buf, b[:n]...); n == 0 {
			return 0, "", err
		}
	}
}

func (c *rawClient) expect(op frame.Opcode, payload string) {
	c.t.Helper()
	if got, text, err := c.next(); err != nil || got != op || text != payload {
		c.t.Errorf("got %s %q %v, want %s %q", got, text, err, op, payload)
	}
}

func (c *rawClient) expectClose(code frame.CloseCode) {
	c.t.Helper()
	op, payload, err := c.next()
	if err != nil || op != frame.Close {
		c.t.Errorf("got %s %q %v, want a close frame", op, payload, err)
		return
	}
	if got, _, err := frame.ParseClose([]byte(payload)); err != nil || got != code {
		c.t.Errorf("closed with %v %v, want %v", got, err, code)
	}
}

func wantClosed(t testing.TB, err error, code frame.CloseCode) {
	t.Helper()
	if closed, is := errors.AsType[*wsconn.CloseError](err); !is || closed.Code != code {
		t.Errorf("it ended with %v, not with %v", err, code)
	}
}

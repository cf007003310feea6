// Package edge holds the clients' connections, on the server of step 03. What
// API Gateway limits it counts in frames, and only a server that sees frames
// can keep to that.
//
//	edge.go   the server, and what is told to whoever routes
//	conn.go   one connection: what it is told, how it ends
//	sweep.go  10 minutes without a message, and 2 hours
package edge

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/wsconn"
	"websocket.example/05-apigw-lambda/gateway/management"
	"websocket.example/05-apigw-lambda/gateway/worker"
)

// The limits of API Gateway, in bytes of payload.
//
// API Gateway quotas for WebSocket APIs: frame size 32 KB, message payload
// size 128 KB, close code 1009 above.
const (
	MaxFrame   = 32 << 10
	MaxMessage = 128 << 10
	MaxURL     = 4096
)

// The time limits of API Gateway.
const (
	Idle = 10 * time.Minute // without a message in either direction
	Life = 2 * time.Hour
)

// A Handler is told what happens to connections.
type Handler interface {
	// Connect is asked while the client waits for its answer. Nil lets it in.
	Connect(ctx context.Context, c *Conn) *handshake.Refusal
	// Opened is told when the client has got its 101.
	Opened(c *Conn)
	// Message is told every text message.
	Message(c *Conn, text string)
	// Disconnect is told how a connection ended that Connect let in.
	Disconnect(c *Conn, code int, reason string)
}

// Options of an Edge.
type Options struct {
	Handler Handler
	Plain   http.Handler // answers what is no WebSocket handshake

	Idle, Life     time.Duration // 0 is what AWS has
	Serial         bool          // the messages of a connection wait for each other
	PingResetsIdle bool
	ClientActive   bool // only what the client sends makes it active
	ReplaceNotUTF8 bool
	Handshake      time.Duration // how long an answer may take; 0 is 65 s: an authorizer and $connect, 29 s each
}

// An Edge is the connections, and the server that they came to.
type Edge struct {
	options Options
	server  server.Server
	workers *worker.Pool // handle messages

	mu    sync.Mutex
	byID  map[string]*Conn
	byNet map[net.Conn]*Conn
	stop  chan struct{} // closed to end the sweeper
	work  sync.WaitGroup
}

// New makes an Edge. Serve it once.
func New(o Options) *Edge {
	if o.Idle <= 0 {
		o.Idle = Idle
	}
	if o.Life <= 0 {
		o.Life = Life
	}
	if o.Handshake <= 0 {
		o.Handshake = 65 * time.Second
	}
	e := &Edge{
		options: o, workers: worker.NewPool(),
		byID: make(map[string]*Conn), byNet: make(map[net.Conn]*Conn), stop: make(chan struct{}),
	}
	const never = 1 << 20 * time.Hour // API Gateway does not ping
	e.server = server.Server{
		Decide: e.decide, Unmade: e.unmade, Handler: e.handler, Ended: e.ended,
		Plain: o.Plain,
		Conn:  wsconn.Options{MaxMessage: MaxMessage, MaxFrame: MaxFrame},
		Handshake: handshake.Options{
			Origin:         handshake.AnyOrigin, // $connect sees the header, and may refuse
			MaxHeaderBytes: MaxURL + 16<<10,
			Timeout:        o.Handshake,
			AnySubprotocol: true, // $connect has the word, even if it is nonsense
		},
		Ping: never, Idle: never,
	}
	return e
}

// Serve takes connections until Shutdown, or until the listener fails.
func (e *Edge) Serve(l net.Listener) error {
	e.mu.Lock()
	select {
	case <-e.stop: // Shutdown was first, and waits already
	default:
		e.work.Go(e.sweep)
	}
	e.mu.Unlock()
	return e.server.Serve(l)
}

// Shutdown ends all connections with 1012, waits until Disconnect was told of
// each and has returned, and stops. When ctx ends it does not wait any longer.
func (e *Edge) Shutdown(ctx context.Context) error {
	e.mu.Lock()
	select {
	case <-e.stop:
	default:
		close(e.stop)
	}
	all := make([]*Conn, 0, len(e.byID))
	for _, c := range e.byID {
		all = append(all, c)
	}
	e.mu.Unlock()
	for _, c := range all {
		go c.Close(frame.ServiceRestart, "Service restart")
	}
	done := make(chan struct{})
	go func() {
		e.work.Wait()
		close(done)
	}()
	select { // the page and the @connections API go last: $disconnect may need them
	case <-done:
	case <-ctx.Done():
	}
	return e.server.Shutdown(ctx)
}

// Count is how many connections there are.
func (e *Edge) Count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.byID)
}

func (e *Edge) find(id string) *Conn {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.byID[id]
}

// decide is asked before the 101.
func (e *Edge) decide(ctx context.Context, nc net.Conn, h *handshake.Handshake) *handshake.Refusal {
	c := newConn(e, nc, h)
	e.mu.Lock()
	select {
	case <-e.stop:
		e.mu.Unlock()
		return &handshake.Refusal{Status: http.StatusServiceUnavailable}
	default:
	}
	e.work.Add(1) // until it has ended, or was refused
	e.mu.Unlock()
	if refusal := e.options.Handler.Connect(ctx, c); refusal != nil {
		e.work.Done()
		return refusal
	}
	// From here on others may post to it: those who do wait for the 101. Until
	// here it is gone to them.
	//
	// API Gateway, 410 Gone: a connection exists when $connect has returned.
	e.mu.Lock()
	defer e.mu.Unlock()
	e.byID[c.ID], e.byNet[nc] = c, c
	return nil
}

func (e *Edge) unmade(nc net.Conn) {
	if c := e.forget(nc); c != nil {
		close(c.made)
		e.tell(c, int(frame.AbnormalClosure), "")
	}
}

func (e *Edge) handler(ws *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
	e.mu.Lock()
	c := e.byNet[ws.NetConn()]
	e.mu.Unlock()
	c.ws = ws
	close(c.made)
	e.options.Handler.Opened(c)
	return c.handle
}

func (e *Edge) ended(ws *wsconn.Conn, err error) {
	c := e.forget(ws.NetConn())
	if c == nil {
		return
	}
	code, reason := c.howItEnded(err)
	go e.tell(c, code, reason) // the server does not wait for a function
}

// tell ends with a connection what began in decide.
func (e *Edge) tell(c *Conn, code int, reason string) {
	defer e.work.Done()
	c.messages.Wait()
	e.options.Handler.Disconnect(c, code, reason)
}

func (e *Edge) forget(nc net.Conn) *Conn {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.byNet[nc]
	if c != nil {
		delete(e.byNet, nc)
		delete(e.byID, c.ID)
	}
	return c
}

// Post, Get and Delete are those of the @connections API.

// Post sends a client a message.
func (e *Edge) Post(ctx context.Context, id string, data []byte) error {
	c := e.find(id)
	if c == nil {
		return management.ErrGone
	}
	return c.Send(ctx, data)
}

// Get describes a connection.
func (e *Edge) Get(id string) (management.Info, error) {
	c := e.find(id)
	if c == nil {
		return management.Info{}, management.ErrGone
	}
	active := max(c.sentAt.Load(), c.cameAt.Load())
	if e.options.ClientActive {
		active = c.cameAt.Load()
	}
	return management.Info{
		SourceIP: c.SourceIP, UserAgent: c.UserAgent, ConnectedAt: c.ConnectedAt, LastActiveAt: time.Unix(0, active),
	}, nil
}

// Delete disconnects a client.
func (e *Edge) Delete(id string) error {
	c := e.find(id)
	if c == nil {
		return management.ErrGone
	}
	go c.Close(frame.NormalClosure, "Connection Closed Normally")
	return nil
}

var errBinary = &wsconn.CloseError{Code: frame.UnsupportedData, Reason: "binary is not supported"}

// howItEnded is the code and the reason that $disconnect is told.
func (c *Conn) howItEnded(err error) (int, string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return int(c.code), c.reason
	}
	var closed *wsconn.CloseError
	var broke *frame.Error
	switch {
	case errors.As(err, &closed):
		return int(closed.Code), closed.Reason
	case errors.As(err, &broke):
		return int(broke.Code), broke.Reason
	}
	return int(frame.AbnormalClosure), ""
}

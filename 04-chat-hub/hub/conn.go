package hub

import (
	"bufio"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"websocket.example/04-chat-hub/chat"
)

// A conn is one connection. Most of them are silent most of the time, so what
// is only needed while something happens is not there before and after.
type conn struct {
	hub   *Hub
	ws    *websocket.Conn // only its reading half: we write frames, in write.go
	in    *bufio.Reader   // its
	nc    net.Conn
	raw   syscall.RawConn
	from  *address
	name  string       // the only one it may use, if not empty
	turn  int64        // in which of the sweeps it is looked at
	heard atomic.Int64 // the hub's tick when something came last

	mu      sync.Mutex
	changed signal    // of anything below
	members []*member // of the rooms it is in
	own     []byte    // frames for it alone
	writing bool      // somebody writes
	waits   bool      // in Write, because the socket was full
	ending  bool      // a close frame was or is the last one
	dead    bool
	session *session // while there is work to do, see requests.go
	limit   *rate.Limiter
	refused int // messages in a row, because of the rate
}

// maxWire is what a connection survives, as on API Gateway. A message that is
// smaller but larger than chat.MaxMessage is answered with an error.
const maxWire = 4 * chat.MaxMessage

// sendBuffer bounds what the system keeps for a member that does not read:
// left alone it may grow to megabytes, and who is slow learns of it late.
const sendBuffer = 128 << 10

func (h *Hub) newConn(ws *websocket.Conn, in *bufio.Reader, from *address, name string) *conn {
	nc := ws.NetConn()
	c := &conn{hub: h, ws: ws, in: in, nc: nc, raw: rawConn(nc), from: from, name: name, turn: rand.Int64N(sweeps)}
	c.heard.Store(h.tick.Load())
	ws.SetReadLimit(maxWire)
	if tcp, ok := nc.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(sendBuffer) // else the system's default holds
	}
	// gorilla would answer these by itself, in the middle of a frame of ours.
	ws.SetPingHandler(func(data string) error {
		c.heard.Store(h.tick.Load())
		c.push(appendFrame(nil, websocket.PongMessage, []byte(data)))
		return nil
	})
	ws.SetPongHandler(func(string) error {
		c.heard.Store(h.tick.Load())
		return nil
	})
	ws.SetCloseHandler(func(code int, _ string) error {
		c.close(code, "") // RFC 6455, section 5.5.1: the answer has the same code
		return nil
	})
	return c
}

// read is the connection's goroutine. It starts outside of the HTTP handler,
// for that would keep the request and its buffers alive.
func (c *conn) read() {
	for {
		c.wait()
		data, err := c.readMessage()
		if err != nil {
			c.linger(err)
			break
		}
		c.heard.Store(c.hub.tick.Load())
		if !c.take(data) {
			break
		}
	}
	c.mu.Lock()
	if c.ending { // the close frame, or our answer to theirs
		for c.writing && !c.dead {
			c.changed.wait(&c.mu)
		}
	}
	c.die()
	for c.session != nil { // its context is done, so it ends soon
		c.changed.wait(&c.mu)
	}
	c.mu.Unlock()
	c.clearUp()
}

// linger lets a client that broke a rule read the close frame, which gorilla
// has sent: a socket that is closed with unread bytes in it is reset, and
// takes back what the other side has not read yet.
func (c *conn) linger(err error) {
	tcp, ok := c.nc.(*net.TCPConn)
	if !ok || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.As(err, new(*websocket.CloseError)) {
		return
	}
	_ = tcp.CloseWrite()                                   // if it fails, nothing below helps
	_ = tcp.SetReadDeadline(time.Now().Add(closeTimeout))  // likewise
	_, _ = io.Copy(io.Discard, io.LimitReader(tcp, 1<<20)) // more than that is no slip
}

var errBinary = errors.New("hub: not a text message")

func (c *conn) readMessage() ([]byte, error) {
	kind, r, err := c.ws.NextReader()
	if err != nil {
		return nil, err
	}
	if kind != websocket.TextMessage {
		c.close(websocket.CloseUnsupportedData, "the chat speaks JSON in text messages")
		return nil, errBinary
	}
	// One byte more than allowed is enough for Decode to refuse it. What
	// follows is skipped without being inflated.
	return io.ReadAll(io.LimitReader(r, chat.MaxMessage+1))
}

// clearUp is called when nobody else works for the connection any more.
func (c *conn) clearUp() {
	for _, m := range c.members {
		m.room.leave(m)
	}
	c.hub.forget(c)
}

package hub

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"websocket.example/04-chat-hub/log/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is longer than anything should take on the busiest machine.
const patience = 20 * time.Second

// serve runs a hub until the test ends. The dialer reaches it.
func serve(t *testing.T, o Options, l net.Listener) *Hub {
	t.Helper()
	if o.Store == nil {
		store := memory.NewServer().Open()
		t.Cleanup(func() { store.Close() })
		o.Store = store
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	h := New(o)
	s := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := h.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v", err)
		}
		s.Close()
		<-ended
	})
	return h
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A client is somebody who chats in a test.
type client struct {
	t    *testing.T
	name string
	ws   *websocket.Conn
}

func dial(t *testing.T, l net.Listener, name string) *client {
	t.Helper()
	d := websocket.Dialer{HandshakeTimeout: patience, EnableCompression: strings.Contains(name, "deflate")}
	if p, ok := l.(*pipes); ok {
		d.NetDialContext = p.dial
	}
	ws, _, err := d.Dial("ws://"+l.Addr().String()+"/ws", nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	t.Cleanup(func() { ws.Close() })
	return &client{t, name, ws}
}

func (c *client) send(message string) {
	c.t.Helper()
	if err := c.ws.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
		c.t.Fatalf("%s: %v", c.name, err)
	}
}

// next is the next message, or what ended the connection.
func (c *client) next() (string, error) {
	_ = c.ws.SetReadDeadline(time.Now().Add(patience)) // then ReadMessage fails
	kind, b, err := c.ws.ReadMessage()
	if err == nil && kind != websocket.TextMessage {
		err = errors.New("not a text message")
	}
	return string(b), err
}

func (c *client) expect(want string) string {
	c.t.Helper()
	for {
		got, err := c.next()
		if err != nil {
			c.t.Fatalf("%s waits for %s: %v", c.name, want, err)
		}
		if strings.Contains(got, want) {
			return got
		}
	}
}

func (c *client) join(room string) {
	c.t.Helper()
	c.send(`{"action":"join","room":"` + room + `","name":"` + c.name + `"}`)
	c.expect(`"type":"joined"`)
}

func (c *client) expectClose(code int) {
	c.t.Helper()
	for {
		_, err := c.next()
		if err == nil {
			continue
		}
		if !websocket.IsCloseError(err, code) {
			c.t.Fatalf("%s: %v, want close code %d", c.name, err, code)
		}
		return
	}
}

// pipes is a listener without a network, for virtual time.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.done)
	return nil
}

func (p *pipes) Addr() net.Addr { return pipeAddr{} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	p.conns <- theirs
	return ours, nil
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

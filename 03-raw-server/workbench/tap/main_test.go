package tap

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/wsconn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// echo serves our own server, and returns its address.
func echo(t *testing.T, l net.Listener) string {
	t.Helper()
	s := server.Server{
		Compress: true,
		Handler: func(c *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
			return func(op frame.Opcode, message []byte) error { return c.Write(context.Background(), op, message) }
		},
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.Shutdown(ctx)
		if err := <-done; !errors.Is(err, server.ErrClosed) {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// between puts a tap before a server, and returns its address.
func between(t *testing.T, target string, set func(*Tap)) (log *Log, address string) {
	t.Helper()
	log = &Log{}
	tap, err := New(target, log.See)
	if err != nil {
		t.Fatal(err)
	}
	if set != nil {
		set(tap)
	}
	l := listen(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- tap.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return log, l.Addr().String()
}

// until waits for something to be seen.
func (l *Log) until(t *testing.T, what string, is func([]Event) bool) []Event {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		events := l.Events()
		if is(events) {
			return events
		}
		if time.Now().After(deadline) {
			t.Fatalf("never: %s, in\n%s", what, tell(events))
		}
	}
}

// over says that a number of connections have ended.
func over(n int) func([]Event) bool {
	return func(events []Event) bool {
		for _, e := range events {
			if e.Kind == Closed {
				n--
			}
		}
		return n <= 0
	}
}

// accept has one connection served by a function, as a server that may do
// whatever it likes.
func accept(t *testing.T, l net.Listener, serve func(net.Conn)) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		nc, err := l.Accept()
		if err != nil {
			return
		}
		defer nc.Close()
		_ = nc.SetDeadline(time.Now().Add(10 * time.Second))
		serve(nc)
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
}

func dial(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	nc, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(10 * time.Second))
	return nc.(*net.TCPConn)
}

func send(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Error(err)
	}
}

// receive wants to read exactly this.
func receive(t *testing.T, r io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(r, got); string(got[:n]) != want {
		t.Errorf("received %q (%v), want %q", got[:n], err, want)
	}
}

// readHead reads up to the empty line.
func readHead(t *testing.T, r io.Reader) string {
	t.Helper()
	var head strings.Builder
	for one := make([]byte, 1); !strings.HasSuffix(head.String(), "\r\n\r\n"); {
		if _, err := io.ReadFull(r, one); err != nil {
			t.Errorf("%v after %q", err, head.String())
			break
		}
		head.Write(one)
	}
	return head.String()
}

const (
	asks = "GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
	agrees = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)

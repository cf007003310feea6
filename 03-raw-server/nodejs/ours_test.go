package nodejs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/wsconn"
)

// rawServer is an echo server of this repository, and its URL.
func rawServer(t *testing.T, compress bool) string {
	t.Helper()
	s := &server.Server{
		Handler: func(c *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
			return func(op frame.Opcode, message []byte) error {
				return c.Write(context.Background(), op, message)
			}
		},
		Compress: compress,
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // whoever is still here is cut off
		_ = s.Shutdown(ctx)
		if err := <-served; !errors.Is(err, server.ErrClosed) {
			t.Error(err)
		}
	})
	return "ws://" + l.Addr().String()
}

// ourClient does with our client what the examples do with theirs, and tells
// it in the same words.
func ourClient(ctx context.Context, url string, o *wsconn.DialOptions) (lines []string) {
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	c, err := wsconn.Dial(ctx, url, o)
	if err != nil {
		say("error: %v", err)
		return lines
	}
	defer c.Abort()
	for _, m := range []struct {
		op   frame.Opcode
		data []byte
	}{{frame.Text, []byte("hello")}, {frame.Binary, make([]byte, 60000)}} {
		if err := c.Write(ctx, m.op, m.data); err != nil {
			say("error: %v", err)
			return lines
		}
		op, echo, err := c.Read(ctx)
		kind := map[frame.Opcode]string{frame.Text: "text", frame.Binary: "bytes"}[op]
		switch {
		case err != nil:
			say("%s", ended(err))
			return lines
		case !bytes.Equal(echo, m.data):
			say("%s: %d that are not the same", kind, len(echo))
		case m.op == frame.Text:
			say("%s: %s", kind, echo)
		default:
			say("%s: %d", kind, len(echo))
		}
	}
	if err := c.Close(4001, "done"); err != nil {
		say("%s", ended(err))
		return lines
	}
	say("closed 4001 done")
	return lines
}

// ended says how the other side ended a connection.
func ended(err error) string {
	var closed *wsconn.CloseError
	if errors.As(err, &closed) && closed.Err == nil {
		return fmt.Sprintf("closed %d %s", closed.Code, closed.Reason)
	}
	return "error: " + err.Error()
}

package script

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/workbench/tap"
	"websocket.example/03-raw-server/wsconn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve serves our own server with a handler, and returns its address.
func serve(t *testing.T, handle func(c *wsconn.Conn, op frame.Opcode, message []byte) error) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := server.Server{
		Compress: true,
		Conn:     wsconn.Options{CloseTimeout: time.Second},
		Handler: func(c *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
			return func(op frame.Opcode, message []byte) error { return handle(c, op, message) }
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

func echo(c *wsconn.Conn, op frame.Opcode, message []byte) error {
	return c.Write(context.Background(), op, message)
}

// against is a player of the client's side.
func against(t *testing.T, address string) *Player {
	t.Helper()
	target, err := tap.ParseTarget("ws://" + address)
	if err != nil {
		t.Fatal(err)
	}
	return &Player{
		Client: true, Target: target,
		Connect: func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", address)
		},
	}
}

func mustParse(t *testing.T, text string) Script {
	t.Helper()
	s, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// written are the conversations that package wsconn is tested with.
func written(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("../../../wsconn/testdata/conversations/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	texts := make(map[string]string)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(name)] = string(text)
	}
	return texts
}

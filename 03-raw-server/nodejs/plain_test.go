package nodejs

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/workbench/tap"
	"websocket.example/03-raw-server/wsconn"
)

// What ws, websocket-stream and websocket put on the wire: frames, and
// nothing of their own.
func TestPlain(t *testing.T) {
	needNode(t)
	raw := func(compress bool) func(*testing.T) string {
		return func(t *testing.T) string { return rawServer(t, compress) }
	}
	for _, row := range []struct {
		golden, client string
		server         func(*testing.T) string
		says           []string
	}{
		{"ws.txt", "ws", example("ws"), []string{"text: hello", "bytes: 60000", "closed 4001 done"}},
		// Our server answers a close frame with its code alone.
		{"ws-deflate.txt", "ws", raw(true), []string{"text: hello", "bytes: 60000", "closed 4001"}},
		// The frame had no code, which is 1005 to everybody else.
		{"websocket-stream.txt", "websocket-stream", example("websocket-stream"), []string{"data: hello", "data: 60000", "closed 1000"}},
		{"websocket-node.txt", "websocket-node", example("websocket-node"), []string{"text: hello", "bytes: 60000", "closed 4001 done"}},
	} {
		t.Run(row.golden, func(t *testing.T) {
			t.Parallel()
			w := newWire(t, row.server(t))
			if said := run(t, nil, row.client+"/client.mjs", w.URL); !slices.Equal(said, row.says) {
				t.Errorf("%q", said)
			}
			golden(t, row.golden, transcript(w.seen(t)))
		})
	}
}

func dial(t *testing.T, url string, o *wsconn.DialOptions) *wsconn.Conn {
	t.Helper()
	c, err := wsconn.Dial(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Abort)
	return c
}

func write(t *testing.T, c *wsconn.Conn, op frame.Opcode, message string) {
	t.Helper()
	if err := c.Write(t.Context(), op, []byte(message)); err != nil {
		t.Fatal(err)
	}
}

// want reads a message, or the end of the connection, in words.
func want(t *testing.T, c *wsconn.Conn, wanted string) {
	t.Helper()
	if got := read(t, c); got != wanted {
		t.Fatalf("got %s, want %s", got, wanted)
	}
}

func read(t *testing.T, c *wsconn.Conn) string {
	t.Helper()
	op, message, err := c.Read(t.Context())
	if err != nil {
		return strings.TrimSpace(ended(err))
	}
	return fmt.Sprintf("%s %s", op, message)
}

// A stream has bytes: what kind of message they were, and where one ended, is
// lost in it.
func TestStreamHasNoMessages(t *testing.T) {
	needNode(t)
	ask := &wsconn.DialOptions{Handshake: handshake.DialOptions{Subprotocols: []string{"binary"}}}
	_, h, err := handshake.Dial(t.Context(), sharedServer(t, "websocket-stream"), &ask.Handshake)
	if err != nil || h.Subprotocol != "binary" {
		t.Fatal(h, err)
	}
	c := dial(t, sharedServer(t, "websocket-stream"), ask)
	write(t, c, frame.Text, "olá")
	want(t, c, "binary olá")

	w := newWire(t, rawServer(t, false))
	run(t, nil, "testdata/thrice.mjs", w.URL)
	var sent []string
	for _, f := range w.log.Frames() {
		if f.FromClient && f.Header.Opcode == frame.Binary {
			sent = append(sent, string(f.Payload))
		}
	}
	if !slices.Equal(sent, []string{"one", "twothree"}) {
		t.Errorf("%q", sent)
	}
}

// websocket has no extensions: what is offered is left alone.
func TestNoExtensions(t *testing.T) {
	needNode(t)
	for library, want := range map[string]int{"websocket-node": 0, "ws": 1} {
		w := newWire(t, sharedServer(t, library, map[string][]string{"ws": {"COMPRESS=1"}}[library]...))
		dial(t, w.URL, &wsconn.DialOptions{Compress: true}).Abort()
		h := w.log.Of(tap.Shaken)[0].Handshake
		if asked, got := h.Request.Header.Count("Sec-WebSocket-Extensions"), h.Response.Header.Count("Sec-WebSocket-Extensions"); asked != 1 || got != want {
			t.Errorf("%s: asked %d, answered %d", library, asked, got)
		}
	}
}

// websocket takes 64 KiB in a frame, and 1 MiB in a message.
func TestFrameTooLarge(t *testing.T) {
	needNode(t)
	c := dial(t, sharedServer(t, "websocket-node"), nil)
	write(t, c, frame.Binary, string(make([]byte, 65536)))
	if _, echo, err := c.Read(t.Context()); err != nil || len(echo) != 65536 {
		t.Fatal(len(echo), err)
	}
	// The header alone will do: the answer comes before the payload.
	header := frame.Append(nil, frame.Header{Fin: true, Opcode: frame.Binary, Masked: true, Length: 65537})
	if _, err := c.NetConn().Write(header); err != nil {
		t.Fatal(err)
	}
	want(t, c, "closed 1009 Frame size of 65537 bytes exceeds maximum accepted frame size")
}

// ws says what a close code means, and no more connects again than a browser.
func TestCut(t *testing.T) {
	needNode(t)
	w := newWire(t, sharedServer(t, "ws"))
	p := start(t, nil, "testdata/waits.mjs", w.URL)
	if line := p.line(t); line != "open" {
		t.Fatal(line)
	}
	w.cut()
	if line := p.line(t); line != "closed 1006" {
		t.Error(line)
	}
	if err := p.wait(); err != nil {
		t.Error(err)
	}
	w.seen(t)
	if n := len(w.log.Of(tap.Opened)); n != 1 {
		t.Errorf("it came %d times", n)
	}
}

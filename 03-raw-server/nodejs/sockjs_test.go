package nodejs

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/workbench/tap"
)

const session = "/000/abcdefgh"

func webSocket(url string) string { return "ws" + strings.TrimPrefix(url, "http") }

// What sockjs-client says to its server.
func TestSockJS(t *testing.T) {
	needNode(t)
	t.Parallel()
	w := newWire(t, sharedServer(t, "sockjs"))
	said := run(t, nil, "sockjs/client.mjs", w.URL)
	if !slices.Equal(said, []string{"text: hello", "text: 60000", "over websocket", "closed 4001 done"}) {
		t.Errorf("%q", said)
	}
	golden(t, "sockjs.txt", transcript(w.seen(t)))
}

// SockJS by hand: one letter, then JSON.
func TestSockJSByHand(t *testing.T) {
	needNode(t)
	t.Parallel()
	w := newWire(t, sharedServer(t, "sockjs"))
	c := dial(t, webSocket(w.URL)+session+"/websocket", nil)
	want(t, c, "text o")
	write(t, c, frame.Text, `["hello"]`)
	want(t, c, `text a["hello"]`)
	write(t, c, frame.Text, `["one","two"]`)
	want(t, c, `text a["one"]`)
	want(t, c, `text a["two"]`)
	write(t, c, frame.Text, `"without brackets"`)
	want(t, c, `text a["without brackets"]`)
	write(t, c, frame.Text, "") // ignored
	write(t, c, frame.Text, `["bye"]`)
	want(t, c, `text c[4002,"bye"]`)
	want(t, c, "closed 1000 Normal closure")
	golden(t, "sockjs-by-hand.txt", transcript(w.seen(t)))
}

func TestSockJSGarbage(t *testing.T) {
	needNode(t)
	t.Parallel()
	w := newWire(t, sharedServer(t, "sockjs"))
	c := dial(t, webSocket(w.URL)+session+"/websocket", nil)
	want(t, c, "text o")
	write(t, c, frame.Text, "hello")
	want(t, c, "closed 3000 Broken framing.")
	golden(t, "sockjs-garbage.txt", transcript(w.seen(t)))
}

// The heartbeat is a ping of WebSocket where there is one, and an h where not.
func TestSockJSHeartbeat(t *testing.T) {
	needNode(t)
	t.Parallel()
	server := ownServer(t, "sockjs", "PING=100")
	w := newWire(t, server)
	c := dial(t, webSocket(w.URL)+session+"/websocket", nil)
	want(t, c, "text o")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.watch(func(e tap.Event) {
		if e.Kind == tap.Framed && e.Frame.Header.Opcode == frame.Pong {
			cancel()
		}
	})
	if op, message, err := c.Read(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(op, message, err)
	}
	c.Abort()
	// On a busy machine there may be a second ping before the first pong.
	seen := map[frame.Opcode]bool{}
	first := slices.DeleteFunc(w.seen(t), func(e tap.Event) bool {
		if e.Kind != tap.Framed {
			return false
		}
		defer func() { seen[e.Frame.Header.Opcode] = true }()
		return seen[e.Frame.Header.Opcode]
	})
	golden(t, "sockjs-heartbeat.txt", transcript(first))

	answer, err := http.Post(server+session+"/xhr_streaming", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for _, wanted := range []string{strings.Repeat("h", 2048), "o", "h", "h"} {
		if !lines.Scan() || lines.Text() != wanted {
			t.Fatalf("%q, %v, want %q", lines.Text(), lines.Err(), wanted)
		}
	}
}

// The raw endpoint is WebSocket without SockJS, for text: bytes are read as
// text, and what is no UTF-8 is lost.
func TestSockJSRaw(t *testing.T) {
	needNode(t)
	t.Parallel()
	c := dial(t, webSocket(sharedServer(t, "sockjs"))+"/websocket", nil)
	write(t, c, frame.Text, "hello")
	want(t, c, "text hello")
	write(t, c, frame.Text, `["hello"]`)
	want(t, c, `text ["hello"]`)
	write(t, c, frame.Binary, "\xff\x00")
	want(t, c, "text \uFFFD\x00")
}

// Where no WebSocket gets through, it takes two requests: one whose answer
// never ends, and one for each message.
func TestSockJSFallback(t *testing.T) {
	needNode(t)
	t.Parallel()
	w := newWire(t, oldProxy(t, sharedServer(t, "sockjs")))
	said := run(t, nil, "sockjs/client.mjs", w.URL)
	if !slices.Equal(said, []string{"text: hello", "text: 60000", "over xhr-streaming", "closed 4001 done"}) {
		t.Errorf("%q", said)
	}
	golden(t, "sockjs-fallback.txt", byExchange(w.seen(t)))
}

package nodejs

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/workbench/tap"
)

const (
	engine  = "/socket.io/?EIO=4&transport=websocket"
	opening = "text 0{"
)

// What socket.io-client says to its server, over WebSocket alone.
func TestSocketIO(t *testing.T) {
	needNode(t)
	t.Parallel()
	w := newWire(t, sharedServer(t, "socket.io"))
	said := run(t, []string{"TRANSPORTS=websocket"}, "socket.io/client.mjs", w.URL)
	if !slices.Equal(said, []string{"event: hello", "answer: hello", "event: 60000", "over websocket", "closed io client disconnect"}) {
		t.Errorf("%q", said)
	}
	golden(t, "socket.io.txt", transcript(w.seen(t)))
}

// Engine.IO and Socket.IO by hand: a client of ours that knows the two
// protocols needs no library.
func TestSocketIOByHand(t *testing.T) {
	needNode(t)
	t.Parallel()
	w := newWire(t, sharedServer(t, "socket.io"))
	c := dial(t, w.URL+engine, nil)
	for _, step := range []struct{ send, want string }{
		{"", opening},
		{"40", `text 40{"sid":"`},
		{`42["echo","hello"]`, `text 42["echo","hello"]`},
		{`421["ask","hello"]`, `text 431["hello"]`},
		{"40/admin,", `text 40/admin,{"sid":"`},
		{"", `text 42/admin,["welcome","admin"]`},
		{`451-["echo",{"_placeholder":true,"num":0}]`, ""},
		{"\x01\x02\x03", `text 451-["echo",{"_placeholder":true,"num":0}]`},
		{"", "binary \x01\x02\x03"},
		{"41/admin,", ""}, // leaves the namespace, and that is not answered
		{`42["echo","still here"]`, `text 42["echo","still here"]`},
	} {
		if step.send != "" {
			op := frame.Text
			if step.send[0] < ' ' {
				op = frame.Binary
			}
			write(t, c, op, step.send)
		}
		if step.want == "" {
			continue
		}
		if got := read(t, c); !strings.HasPrefix(got, step.want) {
			t.Fatalf("after %q got %q, want %q", step.send, got, step.want)
		}
	}
	if err := c.Close(frame.NormalClosure, ""); err != nil {
		t.Error(err)
	}
	golden(t, "socket.io-by-hand.txt", transcript(w.seen(t)))
}

// The server asks who is there, and hangs up on who does not answer.
func TestNoPong(t *testing.T) {
	needNode(t)
	t.Parallel()
	w := newWire(t, ownServer(t, "socket.io", "PING=250"))
	c := dial(t, w.URL+engine, nil)
	if got := read(t, c); !strings.HasPrefix(got, opening) {
		t.Fatal(got)
	}
	write(t, c, frame.Text, "40")
	read(t, c)
	want(t, c, "text 2")
	write(t, c, frame.Text, "3")
	want(t, c, "text 2")
	want(t, c, "closed 1005")
	golden(t, "socket.io-no-pong.txt", transcript(w.seen(t)))
}

// A plain client gets in, if it asks for the right path, and is thrown out at
// its first word.
func TestGarbage(t *testing.T) {
	needNode(t)
	t.Parallel()
	for _, word := range []string{"hello", `{"action":"hello"}`} {
		w := newWire(t, sharedServer(t, "socket.io"))
		c := dial(t, w.URL+engine, nil)
		if got := read(t, c); !strings.HasPrefix(got, opening) {
			t.Fatal(got)
		}
		write(t, c, frame.Text, word)
		want(t, c, "closed 1005")
		if word == "hello" {
			golden(t, "socket.io-garbage.txt", transcript(w.seen(t)))
		}
	}
}

// Without the right EIO the server accepts the WebSocket, and then writes an
// HTTP answer into it.
func TestNoEIO(t *testing.T) {
	needNode(t)
	t.Parallel()
	for _, query := range []string{"?transport=websocket", "?EIO=3&transport=websocket"} {
		w := newWire(t, sharedServer(t, "socket.io"))
		c := dial(t, w.URL+"/socket.io/"+query, nil)
		want(t, c, "error: a reserved bit is set (100) that no extension has given a meaning (RFC 6455, section 5.2)")
		if strings.Contains(query, "EIO=3") {
			golden(t, "socket.io-eio3.txt", transcript(w.seen(t)))
		}
	}
}

// A server that speaks WebSocket and nothing else is none for socket.io-client.
func TestSocketIOElsewhere(t *testing.T) {
	needNode(t)
	for _, row := range []struct {
		name, transports, timeout string
		server                    func(*testing.T) string
		says                      string
	}{
		{"polling", "polling,websocket", "20000", func(t *testing.T) string { return rawServer(t, true) }, "error: xhr poll error 426"},
		// It is let in, and waits for an opening packet that never comes.
		{"any path", "websocket", "300", func(t *testing.T) string { return rawServer(t, true) }, "error: timeout"},
		{"own paths", "websocket", "20000", strictServer, "error: websocket error Unexpected server response: 404"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			said := run(t, []string{"TRANSPORTS=" + row.transports, "TIMEOUT=" + row.timeout}, "socket.io/client.mjs", row.server(t))
			if !slices.Equal(said, []string{row.says}) {
				t.Errorf("%q", said)
			}
		})
	}
}

// strictServer has a WebSocket at one path.
func strictServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			o := handshake.Options{Decide: func(context.Context, *handshake.Handshake) *handshake.Refusal {
				return &handshake.Refusal{Status: 404}
			}}
			if _, err := o.Accept(context.Background(), nc); err == nil {
				t.Error("it was let in")
			}
			nc.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-accepted
	})
	return "ws://" + l.Addr().String()
}

// By itself it begins with polling, and moves to a WebSocket when that has
// proved to work.
func TestUpgrade(t *testing.T) {
	needNode(t)
	t.Parallel()
	w := newWire(t, sharedServer(t, "socket.io"))
	if said := run(t, nil, "testdata/upgrade.mjs", w.URL); !slices.Equal(said, []string{"from polling", "to websocket"}) {
		t.Errorf("%q", said)
	}
	w.seen(t)
	var said []string
	for _, f := range w.log.Frames() {
		said = append(said, string(f.Payload))
	}
	if want := []string{"2probe", "3probe", "5", "41", "", ""}; !slices.Equal(said, want) { // the last two are close frames
		t.Errorf("%q, want %q", said, want)
	}
}

// It connects again by itself, and what was said meanwhile is said then.
func TestReconnect(t *testing.T) {
	needNode(t)
	t.Parallel()
	w := newWire(t, sharedServer(t, "socket.io"))
	p := start(t, []string{"DELAY=50"}, "socket.io/reconnect.mjs", w.URL)
	if line := p.line(t); line != "connected" {
		t.Fatal(line)
	}
	w.cut()
	for _, wanted := range []string{"lost: transport close", "connected", "event: said while away"} {
		if line := p.line(t); line != wanted {
			t.Fatalf("%q, want %q", line, wanted)
		}
	}
	if err := p.wait(); err != nil {
		t.Error(err)
	}
	golden(t, "socket.io-reconnect.txt", transcript(w.seen(t)))
}

// A room is a list in the server: each in it gets a frame of its own.
func TestRooms(t *testing.T) {
	needNode(t)
	t.Parallel()
	w := newWire(t, sharedServer(t, "socket.io"))
	said := run(t, nil, "socket.io/rooms.mjs", w.URL)
	slices.Sort(said)
	if !slices.Equal(said, []string{"ana hears oi", "bia hears oi", "without an answer: operation has timed out"}) {
		t.Errorf("%q", said)
	}
	heard := 0
	for _, e := range w.log.Of(tap.Framed) {
		if !e.FromClient && string(e.Frame.Payload) == `42["said","oi"]` {
			heard++
		}
	}
	if heard != 2 {
		t.Errorf("%d frames", heard)
	}
}

// Where no WebSocket gets through, it stays with polling, and nobody notices.
func TestSocketIOFallback(t *testing.T) {
	needNode(t)
	t.Parallel()
	w := newWire(t, oldProxy(t, sharedServer(t, "socket.io")))
	said := run(t, nil, "socket.io/client.mjs", w.URL)
	if !slices.Equal(said, []string{"event: hello", "answer: hello", "event: 60000", "over polling", "closed io client disconnect"}) {
		t.Errorf("%q", said)
	}
	// Until hello is said and answered; the rest is more of it.
	lines := strings.SplitAfter(byConnection(w.seen(t)), "\n")
	echo := slices.IndexFunc(lines, func(l string) bool {
		return strings.HasSuffix(l, `-> body                      18 B  42["echo","hello"]`+"\n")
	})
	golden(t, "socket.io-polling.txt", strings.Join(lines[:echo+3], ""))

	if said := run(t, nil, "ws/client.mjs", w.URL); !slices.Equal(said, []string{"error: Unexpected server response: 400", "closed 1006"}) {
		t.Errorf("ws: %q", said)
	}
}

package interop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"
	"github.com/lxzan/gws"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/wsconn"
)

// An asked server closes with the code and the reason that a text says after
// this; any other message it sends back.
const please = "please close with "

func request(message []byte) (code int, reason string, is bool) {
	text, is := strings.CutPrefix(string(message), please)
	if !is {
		return 0, "", false
	}
	number, reason, _ := strings.Cut(text, " ")
	_, err := fmt.Sscan(number, &code)
	return code, reason, err == nil
}

// A host is a server that a test talks to. It tells how each of its
// connections has ended.
type host struct {
	url   string
	ended chan error
}

// serveOurs starts this repository's server.
func serveOurs(t *testing.T, o *deflate.Options) host {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := host{"ws://" + l.Addr().String(), make(chan error, 100)}
	s := &server.Server{
		Handler: func(c *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
			return func(op frame.Opcode, message []byte) error {
				if code, reason, is := request(message); is {
					return c.Close(frame.CloseCode(code), reason)
				}
				return c.Write(context.Background(), op, message)
			}
		},
		Ended: func(_ *wsconn.Conn, err error) { h.ended <- oursClosed(err) },
	}
	if o != nil {
		s.Compress, s.Conn.Deflate = true, *o
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(l); !errors.Is(err, server.ErrClosed) {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		<-done
	})
	return h
}

// serveTheirs starts a server on net/http.
func serveTheirs(t *testing.T, upgrade func(w http.ResponseWriter, r *http.Request) (conn, error)) host {
	h := host{ended: make(chan error, 100)}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrade(w, r)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Abort()
		for {
			text, message, err := c.Read()
			if err != nil {
				h.ended <- err
				return
			}
			if code, reason, is := request(message); is {
				err = c.Close(code, reason)
			} else {
				err = c.Write(text, message)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}))
	t.Cleanup(s.Close)
	h.url = "ws" + strings.TrimPrefix(s.URL, "http")
	return h
}

func serveGorilla(t *testing.T, compress bool) host {
	return serveTheirs(t, func(w http.ResponseWriter, r *http.Request) (conn, error) {
		// Its buffer is small, so that long messages are sent in fragments
		// when they are written in parts.
		upgrader := gorilla.Upgrader{EnableCompression: compress, WriteBufferSize: 256}
		c, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return nil, err
		}
		return inFragments{newGorilla(c)}, nil
	})
}

func serveCoder(t *testing.T, mode coder.CompressionMode) host {
	return serveTheirs(t, func(w http.ResponseWriter, r *http.Request) (conn, error) {
		c, err := coder.Accept(w, r, &coder.AcceptOptions{CompressionMode: mode})
		if err != nil {
			return nil, err
		}
		c.SetReadLimit(32 << 20)
		return inFragments{ofCoder{c}}, nil
	})
}

// inFragments sends what is longer than some frames in parts.
type inFragments struct{ conn }

func (c inFragments) Write(text bool, message []byte) error {
	if len(message) < 1000 || len(message) > 100000 {
		return c.conn.Write(text, message)
	}
	a, b := len(message)/3, len(message)/2
	return c.Fragments(text, [][]byte{message[:a], message[a:b], nil, message[b:]})
}

func dialOurs(t *testing.T, url string, o *deflate.Options) conn {
	options := &wsconn.DialOptions{}
	if o != nil {
		options.Compress, options.Deflate = true, *o
	}
	c, err := wsconn.Dial(t.Context(), url, options)
	if err != nil {
		t.Fatal(err)
	}
	return ours{c}
}

func dialGorilla(t *testing.T, url string, compress bool) conn {
	dialer := gorilla.Dialer{EnableCompression: compress, WriteBufferSize: 256}
	c, response, err := dialer.DialContext(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	agreed(t, response.Header, compress)
	return newGorilla(c)
}

func dialCoder(t *testing.T, url string, mode coder.CompressionMode) conn {
	c, response, err := coder.Dial(t.Context(), url, &coder.DialOptions{CompressionMode: mode})
	if err != nil {
		t.Fatal(err)
	}
	agreed(t, response.Header, mode != coder.CompressionDisabled)
	c.SetReadLimit(32 << 20)
	return ofCoder{c}
}

func dialGWS(t *testing.T, url string, o gws.PermessageDeflate) conn {
	g := &ofGWS{came: make(chan gwsMessage, 100)}
	c, response, err := gws.NewClient(g, &gws.ClientOption{Addr: url, PermessageDeflate: o})
	if err != nil {
		t.Fatal(err)
	}
	agreed(t, response.Header, o.Enabled)
	g.Conn = c
	go c.ReadLoop()
	return g
}

func agreed(t *testing.T, h http.Header, want bool) {
	t.Helper()
	if got := h.Get("Sec-WebSocket-Extensions"); (got != "") != want {
		t.Fatalf("Sec-WebSocket-Extensions is %q", got)
	}
}

// A came is what a connection has read.
type came struct {
	text    bool
	message []byte
	err     error
}

// read reads all there is.
func read(c conn) <-chan came {
	messages := make(chan came, 100)
	go func() {
		for {
			text, message, err := c.Read()
			messages <- came{text, message, err}
			if err != nil {
				return
			}
		}
	}()
	return messages
}

// echoed wants a message back.
func echoed(t *testing.T, messages <-chan came, text bool, want []byte) {
	t.Helper()
	got := <-messages
	if got.err != nil {
		t.Fatalf("%d bytes: %v", len(want), got.err)
	}
	if got.text != text || !bytes.Equal(got.message, want) {
		t.Fatalf("%d bytes, text %v: %d bytes came back, text %v, starting with %.40q", len(want), text, len(got.message), got.text, got.message)
	}
}

var sizes = []int{0, 1, 125, 126, 1000, 65535, 65536, 1 << 20}

// sample is n bytes of text that compresses about as well as JSON.
func sample(n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, `{"number": %d, "square": %d, "word": "Olá, 世界"},`, i, i*i)
	}
	text := b.Bytes()[:n]
	for n > 0 && text[n-1] >= 0x80 { // no character that is cut in two
		n--
		text[n] = '.'
	}
	return text
}

// converse has everything said that two sides can say.
func converse(t *testing.T, dial func() conn, h host) {
	exchange(t, dial, sizes)
	t.Run("ping", func(t *testing.T) {
		c := dial()
		defer c.Abort()
		messages := read(c)
		for range 3 {
			if err := c.Ping(); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Write(true, []byte("still there")); err != nil {
			t.Fatal(err)
		}
		echoed(t, messages, true, []byte("still there"))
	})
	part(t, dial, h)
}

// exchange has messages said.
func exchange(t *testing.T, dial func() conn, sizes []int) {
	t.Run("messages", func(t *testing.T) {
		c := dial()
		defer c.Abort()
		messages := read(c)
		for _, size := range sizes {
			for _, text := range []bool{true, false} {
				want := sample(size)
				if !text {
					for i := range want {
						want[i] ^= byte(i) | 0x80
					}
				}
				if err := c.Write(text, want); err != nil {
					t.Fatal(err)
				}
				echoed(t, messages, text, want)
			}
		}
	})
	t.Run("many on their way", func(t *testing.T) {
		c := dial()
		defer c.Abort()
		messages := read(c)
		const many = 50
		go func() {
			for i := range many {
				if c.Write(true, sample(20*i)) != nil {
					return // the reader will say why
				}
			}
		}()
		for i := range many {
			echoed(t, messages, true, sample(20*i))
		}
	})
	t.Run("fragments", func(t *testing.T) {
		c := dial()
		defer c.Abort()
		messages := read(c)
		for _, cut := range []int{0, 1, 1000, 1500, 3000} {
			want := sample(3000) // that cuts characters in two as well
			if err := c.Fragments(true, [][]byte{want[:cut], want[cut:]}); err != nil {
				t.Fatal(err)
			}
			echoed(t, messages, true, want)
		}
	})
}

// part has both sides say goodbye, with every kind of code.
func part(t *testing.T, dial func() conn, h host) {
	ends := []closed{
		{1000, ""}, {1000, "that was all"}, {1001, "olá"}, {1008, ""}, {1011, "x"}, {3000, ""}, {4999, strings.Repeat("r", 123)},
	}
	for _, want := range ends {
		t.Run(fmt.Sprintf("the client closes with %d and %d bytes", want.code, len(want.reason)), func(t *testing.T) {
			c := dial()
			defer c.Abort()
			messages := read(c)
			if err := c.Close(want.code, want.reason); err != nil {
				t.Fatal(err)
			}
			var told closed
			for err := range h.ended {
				if errors.As(err, &told) {
					break // the others are connections that were cut off
				}
			}
			if told != want {
				t.Fatalf("the server was told %v", told)
			}
			if got := <-messages; got.err == nil {
				t.Fatalf("a message of %d bytes came", len(got.message))
			}
		})
	}
	for _, want := range ends {
		t.Run(fmt.Sprintf("the server closes with %d and %d bytes", want.code, len(want.reason)), func(t *testing.T) {
			c := dial()
			defer c.Abort()
			messages := read(c)
			if err := c.Write(true, fmt.Appendf(nil, "%s%d %s", please, want.code, want.reason)); err != nil {
				t.Fatal(err)
			}
			got := <-messages
			var told closed
			if !errors.As(got.err, &told) || told != want {
				t.Fatalf("the client was told %v", got.err)
			}
		})
	}
}

func TestOurServerGorillaClient(t *testing.T) {
	t.Parallel()
	h := serveOurs(t, nil)
	converse(t, func() conn { return dialGorilla(t, h.url, false) }, h)
}

func TestOurServerCoderClient(t *testing.T) {
	t.Parallel()
	h := serveOurs(t, nil)
	converse(t, func() conn { return dialCoder(t, h.url, coder.CompressionDisabled) }, h)
}

func TestOurClientGorillaServer(t *testing.T) {
	t.Parallel()
	h := serveGorilla(t, false)
	converse(t, func() conn { return dialOurs(t, h.url, nil) }, h)
}

func TestOurClientCoderServer(t *testing.T) {
	t.Parallel()
	h := serveCoder(t, coder.CompressionDisabled)
	converse(t, func() conn { return dialOurs(t, h.url, nil) }, h)
}

func TestOurClientOurServer(t *testing.T) {
	t.Parallel()
	h := serveOurs(t, nil)
	converse(t, func() conn { return dialOurs(t, h.url, nil) }, h)
}

// packedSizes go beyond every window, and no further.
var packedSizes = []int{0, 1, 125, 126, 1000, 65536, 100000}

// The choices of one side about compression.
var deflates = map[string]deflate.Options{
	"takeover":        {},
	"no takeover":     {NoServerTakeover: true, NoClientTakeover: true},
	"server takeover": {NoClientTakeover: true},
	"client takeover": {NoServerTakeover: true},
	"windows of 512":  {ServerWindowBits: 9, ClientWindowBits: 9},
	"windows of 256":  {ServerWindowBits: 8, ClientWindowBits: 8},
}

func TestDeflateOurServer(t *testing.T) {
	t.Parallel()
	for name, o := range deflates {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Run("gorilla", func(t *testing.T) {
				h := serveOurs(t, &o)
				exchange(t, func() conn { return dialGorilla(t, h.url, true) }, packedSizes)
			})
			t.Run("coder", func(t *testing.T) {
				h := serveOurs(t, &o)
				exchange(t, func() conn { return dialCoder(t, h.url, coder.CompressionNoContextTakeover) }, packedSizes)
			})
			t.Run("coder with takeover", func(t *testing.T) {
				h := serveOurs(t, &o)
				exchange(t, func() conn { return dialCoder(t, h.url, coder.CompressionContextTakeover) }, packedSizes)
			})
			t.Run("ours", func(t *testing.T) {
				h := serveOurs(t, &o)
				exchange(t, func() conn { return dialOurs(t, h.url, &o) }, packedSizes)
			})
		})
	}
}

func TestDeflateLevels(t *testing.T) {
	t.Parallel()
	for level := 1; level <= 9; level++ {
		t.Run(fmt.Sprint(level), func(t *testing.T) {
			h := serveOurs(t, &deflate.Options{Level: level})
			exchange(t, func() conn { return dialGorilla(t, h.url, true) }, []int{1000, 40000})
		})
	}
}

// gws is the only one of them that offers windows.
func TestDeflateWindows(t *testing.T) {
	t.Parallel()
	for _, bits := range []int{9, 10, 12, 15} {
		t.Run(fmt.Sprintf("%d bits", bits), func(t *testing.T) {
			t.Parallel()
			for _, takeover := range []bool{true, false} {
				t.Run(fmt.Sprintf("takeover %v", takeover), func(t *testing.T) {
					h := serveOurs(t, &deflate.Options{})
					exchange(t, func() conn {
						return dialGWS(t, h.url, gws.PermessageDeflate{
							Enabled: true, Level: 1, Threshold: 1,
							ServerContextTakeover: takeover, ClientContextTakeover: takeover,
							ServerMaxWindowBits: bits, ClientMaxWindowBits: bits,
						})
					}, packedSizes)
				})
			}
		})
	}
}

func TestDeflateOurClient(t *testing.T) {
	t.Parallel()
	for name, o := range deflates {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if o.ServerWindowBits == 0 { // neither server bounds its window, so both decline
				t.Run("gorilla", func(t *testing.T) {
					h := serveGorilla(t, true)
					exchange(t, func() conn { return dialOurs(t, h.url, &o) }, packedSizes)
				})
				t.Run("coder", func(t *testing.T) {
					h := serveCoder(t, coder.CompressionNoContextTakeover)
					exchange(t, func() conn { return dialOurs(t, h.url, &o) }, packedSizes)
				})
				t.Run("coder with takeover", func(t *testing.T) {
					h := serveCoder(t, coder.CompressionContextTakeover)
					exchange(t, func() conn { return dialOurs(t, h.url, &o) }, packedSizes)
				})
			}
		})
	}
}

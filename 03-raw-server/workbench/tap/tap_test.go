package tap

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// A compressed conversation between our client and our server.
func TestConversation(t *testing.T) {
	log, address := between(t, "ws://"+echo(t, listen(t)), nil)
	ctx := t.Context()
	c, err := wsconn.Dial(ctx, "ws://"+address+"/chat?room=1", &wsconn.DialOptions{
		Compress: true, Options: wsconn.Options{Deflate: deflate.Options{MinSize: 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second refers to the first
		if err := c.Write(ctx, frame.Text, []byte(strings.Repeat("Olá ", 100))); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Read(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(frame.NormalClosure, "tchau"); err != nil && !errors.As(err, new(*wsconn.CloseError)) {
		t.Fatal(err)
	}
	_, _, _ = c.Read(ctx)
	events := log.until(t, "the end", over(1))

	if h := log.Of(Shaken); len(h) != 1 || !h[0].Handshake.Accepted || h[0].Handshake.Deflate == nil || h[0].Handshake.Broken != nil {
		t.Errorf("the handshake: %+v", h)
	}
	frames := log.Frames()
	if len(frames) != 6 {
		t.Fatalf("%d frames:\n%s", len(frames), tell(events))
	}
	for i, f := range frames {
		if f.FromClient != (i%2 == 0) || f.Header.Masked != f.FromClient || f.Broken != nil || f.Conn != 1 {
			t.Errorf("frame %d: %+v", i, f)
		}
		if i < 4 && (f.Message == nil || string(f.Message.Bytes) != strings.Repeat("Olá ", 100) || f.Message.Length != 500) {
			t.Errorf("frame %d says %+v", i, f.Message)
		}
		if i >= 4 && !strings.HasPrefix(string(f.Payload), "\x03\xe8") {
			t.Errorf("frame %d closes with %q", i, f.Payload)
		}
	}
	if first, second := frames[0].Header.Length, frames[2].Header.Length; second >= first {
		t.Errorf("the second message has %d bytes, the first %d", second, first)
	}
}

// Whatever is sent either way comes out at the other end, and nothing else.
func TestTransparency(t *testing.T) {
	random := make([]byte, 1<<20)
	_, _ = rand.Read(random)
	for name, row := range map[string]struct{ up, down string }{
		"random bytes":        {string(random), string(random[1000:])},
		"frames, then noise":  {asks + "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58" + string(random[:5000]), agrees + "\x81\x05Hello" + string(random[:7000])},
		"a length of 63 bits": {asks + "\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04" + string(random[:100]), agrees},
		"half a head":         {"GET / HT", "HTTP/1"},
		"nothing":             {"", ""},
		"TLS":                 {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "\x15\x03\x01\x00\x02\x02\x46"},
	} {
		t.Run(name, func(t *testing.T) {
			l := listen(t)
			got := make(chan []byte, 1)
			accept(t, l, func(nc net.Conn) {
				wrote := make(chan struct{})
				go func() {
					defer close(wrote)
					_, _ = io.WriteString(nc, row.down)
					_ = nc.(*net.TCPConn).CloseWrite()
				}()
				all, err := io.ReadAll(nc)
				<-wrote
				if err != nil {
					t.Error(err)
				}
				got <- all
			})
			log, address := between(t, "ws://"+l.Addr().String(), nil)
			nc := dial(t, address)
			go func() {
				_, _ = io.WriteString(nc, row.up)
				_ = nc.CloseWrite()
			}()
			down, err := io.ReadAll(nc)
			if err != nil || string(down) != row.down {
				t.Errorf("down: %d bytes, want %d (%v)", len(down), len(row.down), err)
			}
			if up := <-got; string(up) != row.up {
				t.Errorf("up: %d bytes, want %d", len(up), len(row.up))
			}
			log.until(t, "the end", over(1))
		})
	}
}

// A frame that breaks a rule is named and passed on, and so is what follows.
func TestBrokenFrame(t *testing.T) {
	log, address := between(t, "ws://"+echo(t, listen(t)), nil)
	nc := dial(t, address)
	send(t, nc, asks)
	readHead(t, nc)
	send(t, nc, "\x81\x05Hello") // not masked
	receive(t, nc, "\x88")
	nc.Close()
	log.until(t, "the end", over(1))
	frames := log.Frames()
	if len(frames) != 2 || frames[0].Broken == nil || frames[0].Broken.Section != "5.1" || string(frames[0].Payload) != "Hello" ||
		frames[1].Header.Opcode != frame.Close || frames[1].Broken != nil {
		t.Errorf("%s", tell(log.Events()))
	}
}

// Each half ends by itself.
func TestHalfClose(t *testing.T) {
	l := listen(t)
	accept(t, l, func(nc net.Conn) {
		all, err := io.ReadAll(nc) // up to the client's end
		if err != nil {
			t.Error(err)
		}
		send(t, nc, "you said "+string(all))
	})
	log, address := between(t, "http://"+l.Addr().String(), nil)
	nc := dial(t, address)
	send(t, nc, "that is all")
	if err := nc.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(nc)
	if err != nil || string(all) != "you said that is all" {
		t.Errorf("%q, %v", all, err)
	}
	log.until(t, "the end", over(1))
	var ends []bool
	for _, e := range log.Of(End) {
		ends = append(ends, e.FromClient)
	}
	if len(ends) != 2 || !ends[0] || ends[1] {
		t.Errorf("the ends: %v", ends)
	}
}

// A reset is passed on as a reset, both ways.
func TestReset(t *testing.T) {
	for _, byClient := range []bool{true, false} {
		l := listen(t)
		came, resets := make(chan struct{}), make(chan struct{})
		accept(t, l, func(nc net.Conn) {
			receive(t, nc, "x")
			close(came)
			if !byClient {
				reset(nc)
				return
			}
			<-resets
			if _, err := nc.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
				t.Errorf("the server reads %v", err)
			}
		})
		log, address := between(t, "ws://"+l.Addr().String(), nil)
		nc := dial(t, address)
		send(t, nc, "x")
		<-came
		if byClient {
			reset(nc)
			close(resets)
		} else if _, err := nc.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("the client reads %v", err)
		}
		events := log.until(t, "the end", over(1))
		if last := events[len(events)-1]; last.Text == "" {
			t.Errorf("no reason: %+v", last)
		}
	}
}

// A side that does not read stops the other, and the tap holds little.
func TestBackpressure(t *testing.T) {
	l := listen(t)
	read := make(chan int64, 1)
	start := make(chan struct{})
	accept(t, l, func(nc net.Conn) {
		<-start
		n, _ := io.Copy(io.Discard, nc)
		read <- n
	})
	log, address := between(t, "ws://"+l.Addr().String(), nil)
	nc := dial(t, address)
	log.until(t, "both are connected", func(e []Event) bool { return len(e) > 0 })
	// Fill all the buffers that systems have on the way: in the end, writing blocks.
	block := bytes.Repeat([]byte{0}, 1<<20)
	var written int64
	for {
		_ = nc.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
		n, err := nc.Write(block)
		written += int64(n)
		if err != nil {
			break
		}
		if written > 1<<28 {
			t.Fatal("a quarter of a gigabyte fits between a client and a server that does not read")
		}
	}
	close(start)
	nc.Close()
	if n := <-read; n != written {
		t.Errorf("%d bytes came of %d", n, written)
	}
}

func TestTLS(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, err := wsconn.Upgrade(w, r, nil, nil)
		if err != nil {
			return
		}
		_ = c.Each(context.Background(), func(op frame.Opcode, m []byte) error { return c.Write(context.Background(), op, m) })
	}))
	defer s.Close()
	log, address := between(t, s.URL, func(tap *Tap) { tap.TLS = s.Client().Transport.(*http.Transport).TLSClientConfig })
	c, err := wsconn.Dial(t.Context(), "ws://"+address+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Write(t.Context(), frame.Text, []byte("seguro")); err != nil {
		t.Fatal(err)
	}
	if _, got, err := c.Read(t.Context()); err != nil || string(got) != "seguro" {
		t.Errorf("%q, %v", got, err)
	}
	_ = c.Close(frame.NormalClosure, "")
	_, _, _ = c.Read(t.Context())
	log.until(t, "the end", over(1))
	if frames := log.Frames(); len(frames) != 4 || string(frames[1].Payload) != "seguro" {
		t.Errorf("%s", tell(log.Events()))
	}
}

func TestUnreachable(t *testing.T) {
	l := listen(t)
	l.Close()
	log, address := between(t, "ws://"+l.Addr().String(), nil)
	if nc, err := net.Dial("tcp", address); err == nil { // it may be reset that soon
		if _, err := nc.Read(make([]byte, 1)); err == nil {
			t.Error("the client reads something")
		}
		nc.Close()
	}
	events := log.until(t, "the end", over(1))
	if len(events) != 1 || !strings.HasPrefix(events[0].Text, "the server can't be reached") {
		t.Errorf("%s", tell(events))
	}
}

// Connections have numbers of their own, and Serve ends those that are open.
func TestSeveral(t *testing.T) {
	log, address := between(t, "ws://"+echo(t, listen(t)), nil)
	for i := range 3 {
		nc := dial(t, address)
		send(t, nc, asks)
		readHead(t, nc)
		_ = i
	}
	log.until(t, "three handshakes", func([]Event) bool { return len(log.Of(Shaken)) == 3 })
	seen := map[int]bool{}
	for _, e := range log.Of(Shaken) {
		seen[e.Conn] = true
	}
	if len(seen) != 3 || !seen[1] || !seen[3] {
		t.Errorf("numbers: %v", seen)
	}
}

// With Host, a server that insists on its name sees its name; nothing else
// changes.
func TestHost(t *testing.T) {
	l := listen(t)
	server := l.Addr().String()
	got := make(chan string, 2)
	accept(t, l, func(nc net.Conn) {
		got <- readHead(t, nc)
		receive(t, nc, "Host: x\r\n\r\n") // a body
		got <- readHead(t, nc)
		all, _ := io.ReadAll(nc)
		got <- string(all)
	})
	_, address := between(t, "ws://"+server, func(tap *Tap) { tap.Host = true })
	nc := dial(t, address)
	for _, piece := range []string{
		"POST / HTTP/1.1\r\nhost:" + address[:5], address[5:] + "\r\nContent-Length: 11\r\n\r\nHost: x\r\n\r\nG",
		"ET / HTTP/1.1\r\nOrigin:  http://" + address + "\r\nHost: " + address + "\r\nUpgrade: websocket\r\nReferer: http://" + address + "\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: not a head\r\n\r\n",
	} {
		send(t, nc, piece)
	}
	_ = nc.CloseWrite()
	for i, want := range []string{
		"POST / HTTP/1.1\r\nhost: " + server + "\r\nContent-Length: 11\r\n\r\n",
		"GET / HTTP/1.1\r\nOrigin: http://" + server + "\r\nHost: " + server + "\r\nUpgrade: websocket\r\nReferer: http://" + address + "\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: not a head\r\n\r\n",
	} {
		if head := <-got; head != want {
			t.Errorf("%d: %q, want %q", i, head, want)
		}
	}
}

// A request through the tap has the client's own Host, byte by byte; our
// server's policy, which compares it with Origin, is content.
func TestOrigin(t *testing.T) {
	_, address := between(t, "ws://"+echo(t, listen(t)), nil)
	c, err := wsconn.Dial(t.Context(), "ws://"+address, &wsconn.DialOptions{
		Handshake: handshake.DialOptions{Header: http.Header{"Origin": {"http://" + address}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.NetConn().Close()
}

func TestTarget(t *testing.T) {
	for text, want := range map[string]string{
		"ws://h:1/x": "ws://h:1/x", "http://h": "ws://h", "HTTPS://h/": "wss://h/", "wss://h": "wss://h",
	} {
		if u, err := ParseTarget(text); err != nil || u.String() != want {
			t.Errorf("%s: %v, %v", text, u, err)
		}
	}
	for _, text := range []string{"h:1", "ftp://h", "ws://", "://", ""} {
		if u, err := ParseTarget(text); err == nil {
			t.Errorf("%s: %v", text, u)
		}
	}
}

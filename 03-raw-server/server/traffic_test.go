package server

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/internal/memnet"
	"websocket.example/03-raw-server/wsconn"
)

var notFound = http.NotFoundHandler()

type errTimeout struct{}

func (errTimeout) Error() string   { return "it took too long" }
func (errTimeout) Timeout() bool   { return true }
func (errTimeout) Temporary() bool { return true }

var errTooMany = &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}

// troubled is a listener with errors before its connections.
type troubled struct {
	*memnet.Listener
	errs []error
}

func (l *troubled) Accept() (net.Conn, error) {
	if len(l.errs) == 0 {
		return l.Listener.Accept()
	}
	err := l.errs[0]
	l.errs = l.errs[1:]
	return nil, err
}

// Many clients, many messages, and a shutdown in the middle of it: what was
// echoed is right, and every connection is closed in good order.
func TestShutdownInTraffic(t *testing.T) {
	for name, start := range map[string]func(testing.TB, *Server) *running{"tcp": onLoopback, "memory": inMemory} {
		t.Run(name, func(t *testing.T) {
			s := start(t, &Server{Compress: true, Conn: wsconn.Options{CloseTimeout: patience}})
			const clients = 8
			var all sync.WaitGroup
			var busy sync.WaitGroup
			busy.Add(clients)
			for i := range clients {
				all.Go(func() {
					c := s.client(&wsconn.DialOptions{Compress: i%2 == 0, Options: wsconn.Options{CloseTimeout: patience}})
					err := talk(c, i, busy.Done)
					wantClosed(t, err, frame.GoingAway)
				})
			}
			busy.Wait()
			s.stop()
			all.Wait()
			for _, err := range s.reasons() {
				wantClosed(t, err, frame.GoingAway)
			}
		})
	}
}

// talk sends messages of many sizes, several at a time, until the server has
// closed, and checks their echoes.
func talk(c *wsconn.Conn, who int, busy func()) error {
	ctx := context.Background()
	go func() {
		for i := 0; ; i++ {
			message := fmt.Sprintf("%d %d %s", who, i, strings.Repeat("x", i*i%5000))
			if err := c.Write(ctx, frame.Text, []byte(message)); err != nil {
				return // who reads knows why
			}
		}
	}()
	for i := 0; ; i++ {
		_, message, err := c.Read(ctx)
		if err != nil {
			return err
		}
		if want := fmt.Sprintf("%d %d ", who, i); !strings.HasPrefix(string(message), want) {
			return fmt.Errorf("got %.20q, want %q", message, want)
		}
		if i == 10 {
			busy()
		}
	}
}

// Clients come and go, in every way there is, and leave nothing behind.
func TestOpenAndLeave(t *testing.T) {
	const clients = 10_000
	s := inMemory(t, &Server{Compress: true})
	leave := []func(c *rawClient){
		func(*rawClient) {},
		func(c *rawClient) { c.send(frame.Text, "hello"); c.expect(frame.Text, "hello") },
		func(c *rawClient) { c.send(frame.Close, ""); c.expect(frame.Close, "") },
		func(c *rawClient) { c.send(frame.Ping, "half"); c.send(3, "") },
		func(c *rawClient) { _, _ = c.nc.Write([]byte{0x82, 0xff, 0, 0}) },
	}
	visit := func(n int) {
		for i := range n {
			if i%7 == 0 { // and some do not even ask
				nc, err := s.dial(t.Context(), "", "")
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = nc.Write([]byte("GET / HT")) // it may have enough already
				nc.Close()
				continue
			}
			c := s.raw()
			leave[i%len(leave)](c)
			c.nc.Close()
		}
		for s.count() > 0 {
			runtime.Gosched()
		}
	}
	visit(clients / 10)
	before, goroutines := inUse(), runtime.NumGoroutine()
	visit(clients * 9 / 10)
	if more := inUse() - before; more > 1<<20 {
		t.Errorf("%d clients have left %d bytes behind", clients*9/10, more)
	}
	if more := runtime.NumGoroutine() - goroutines; more > 10 {
		t.Errorf("%d clients have left %d goroutines behind", clients*9/10, more)
	}
	s.stop()
}

// count is how many connections there are.
func (r *running) count() int {
	r.Server.mu.Lock()
	defer r.Server.mu.Unlock()
	return len(r.conns) + len(r.pending) + len(r.refused)
}

func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A client that ends the stream with its last message is noticed: the
// sweeper has Each look.
func TestEndWithTheLastMessage(t *testing.T) {
	s := onLoopback(t, &Server{Ping: 10 * time.Millisecond, Idle: time.Hour})
	for range 20 {
		c := s.raw()
		c.send(frame.Text, "the last")
		if err := c.nc.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		_ = c.nc.SetDeadline(time.Now().Add(patience)) // if it fails, the test may hang
		if _, err := io.ReadAll(c.nc); err != nil {
			t.Errorf("the stream ends with %v", err)
		}
		c.nc.Close()
	}
	s.stop()
}

// Everything that both sides may wish for, from the handshake to the echo.
func TestCompression(t *testing.T) {
	wishes := []deflate.Options{
		{},
		{NoServerTakeover: true},
		{NoClientTakeover: true},
		{NoServerTakeover: true, NoClientTakeover: true},
		{ServerWindowBits: 8},
		{ClientWindowBits: 8},
		{ServerWindowBits: 9, ClientWindowBits: 12, NoClientTakeover: true},
		{ServerWindowBits: 15, ClientWindowBits: 15, Level: 9},
	}
	var text strings.Builder
	for i := 0; text.Len() < 40_000; i++ {
		fmt.Fprintf(&text, `{"n":%d,"square":%d},`, i, i*i)
	}
	for i, server := range wishes {
		s := inMemory(t, &Server{Compress: true, Conn: wsconn.Options{Deflate: server}})
		for j, client := range wishes {
			if i != j && i > 0 && j > 0 && i+j != len(wishes) {
				continue // package deflate tries them all
			}
			c := s.client(&wsconn.DialOptions{Compress: true, Options: wsconn.Options{Deflate: client}})
			for _, n := range []int{10, 1000, 40_000, 300, 5000} {
				message := text.String()[:n]
				if err := c.Write(t.Context(), frame.Text, []byte(message)); err != nil {
					t.Fatal(err)
				}
				if _, b, err := c.Read(t.Context()); err != nil || string(b) != message {
					t.Fatalf("server %d, client %d: %d bytes came back as %d, %v", i, j, n, len(b), err)
				}
			}
			if err := c.Close(frame.NormalClosure, ""); err != nil {
				t.Errorf("server %d, client %d: %v", i, j, err)
			}
		}
		s.stop()
	}
}

// Only what was asked for is agreed on.
func TestNoCompression(t *testing.T) {
	for _, c := range []struct{ server, client bool }{{false, false}, {true, false}, {false, true}} {
		s := inMemory(t, &Server{Compress: c.server})
		client := s.client(&wsconn.DialOptions{Compress: c.client})
		if err := client.Write(t.Context(), frame.Text, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		if _, b, err := client.Read(t.Context()); err != nil || len(b) != 1000 {
			t.Errorf("%d bytes, %v", len(b), err)
		}
		if err := client.Close(frame.NormalClosure, ""); err != nil {
			t.Error(err)
		}
		s.stop()
	}
}

// What comes behind the handshake, in the same packet, is not lost: with a
// page on the same port, and with little room for the request.
func TestRest(t *testing.T) {
	for _, page := range []http.Handler{nil, notFound} {
		for _, room := range []int{0, 300} {
			s := inMemory(t, &Server{Plain: page, Handshake: handshake.Options{MaxHeaderBytes: room}})
			nc, err := s.dial(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			request := "GET / HTTP/1.1\r\nHost: memory\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
				"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
			hello := strings.Repeat("hello ", 500)
			b := frame.Append([]byte(request), frame.Header{Fin: true, Opcode: frame.Text, Masked: true, Length: uint64(len(hello))})
			if _, err := nc.Write(append(b, hello...)); err != nil {
				t.Fatal(err)
			}
			r := bufio.NewReader(nc)
			response, err := http.ReadResponse(r, nil)
			if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
				t.Fatalf("%v %v", response, err)
			}
			response.Body.Close()
			got := make([]byte, 4+len(hello))
			if _, err := io.ReadFull(r, got); err != nil || string(got[4:]) != hello {
				t.Errorf("read %d bytes, %v", len(got), err)
			}
			nc.Close()
			s.stop()
		}
	}
}

// A page on the same port.
func TestPlain(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "the page") })
	s := onLoopback(t, &Server{Plain: page, MaxConns: 2})
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	browser := &http.Client{Transport: transport, Timeout: patience}
	for range 3 {
		response, err := browser.Get("http://" + s.addr)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(response.Body)
		response.Body.Close()
		if string(b) != "the page" || err != nil {
			t.Errorf("read %q, %v", b, err)
		}
	}
	c := s.client(nil)
	if err := c.Write(t.Context(), frame.Text, []byte("hello")); err != nil {
		t.Error(err)
	}
	if _, b, err := c.Read(t.Context()); err != nil || string(b) != "hello" {
		t.Errorf("read %q, %v", b, err)
	}
	if _, err := s.tryClient(nil); err == nil { // the browser's connection counts
		t.Error("there are more than MaxConns")
	}
	transport.CloseIdleConnections()
	for s.count() > 1 {
		runtime.Gosched()
	}
	if err := c.Close(frame.NormalClosure, ""); err != nil {
		t.Error(err)
	}
	if response, err := browser.Get("http://" + s.addr); err != nil { // leaves an idle connection behind
		t.Error(err)
	} else {
		_, _ = io.Copy(io.Discard, response.Body) // of no interest
		response.Body.Close()
	}
	s.stop()
	if n := s.count(); n != 0 {
		t.Errorf("%d connections are left", n)
	}
}

// On TLS everything is as without.
func TestTLS(t *testing.T) {
	helper := httptest.NewTLSServer(notFound)
	defer helper.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, &Server{Compress: true}, tls.NewListener(l, &tls.Config{Certificates: helper.TLS.Certificates}))
	o := &wsconn.DialOptions{Compress: true, Handshake: s.dialOptions()}
	o.Handshake.TLS = helper.Client().Transport.(*http.Transport).TLSClientConfig
	c, err := wsconn.Dial(t.Context(), "wss://"+s.addr, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 100, 100_000, 1 << 20} {
		if err := c.Write(t.Context(), frame.Binary, make([]byte, n)); err != nil {
			t.Fatal(err)
		}
		if _, b, err := c.Read(t.Context()); err != nil || len(b) != n {
			t.Errorf("%d bytes came back as %d, %v", n, len(b), err)
		}
	}
	ended := make(chan error)
	go func() {
		_, _, err := c.Read(context.Background())
		ended <- err
	}()
	s.stop()
	wantClosed(t, <-ended, frame.GoingAway)
}

// A handler may close a connection before its first message, and keep it to
// write to it later.
func TestHandlerIsAsked(t *testing.T) {
	kept := make(chan *wsconn.Conn, 1)
	s := inMemory(t, &Server{Handler: func(c *wsconn.Conn, h *handshake.Handshake) wsconn.Handler {
		if h.Request.Target == "/no" {
			_ = c.Close(frame.PolicyViolation, "no") // Each will say the same
		} else {
			kept <- c
		}
		return echo(c, h)
	}})
	o := &wsconn.DialOptions{Handshake: s.dialOptions()}
	c, err := wsconn.Dial(t.Context(), "ws://"+s.addr+"/no", o)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = c.Read(t.Context())
	wantClosed(t, err, frame.PolicyViolation)
	if c, err = wsconn.Dial(t.Context(), "ws://"+s.addr+"/yes", o); err != nil {
		t.Fatal(err)
	}
	later := <-kept
	if err := later.Write(t.Context(), frame.Text, []byte("by the way")); err != nil {
		t.Error(err)
	}
	if _, b, err := c.Read(t.Context()); err != nil || string(b) != "by the way" {
		t.Errorf("read %q, %v", b, err)
	}
	if err := c.Close(frame.NormalClosure, ""); err != nil {
		t.Error(err)
	}
	s.stop()
	if err := later.Write(t.Context(), frame.Text, nil); !errors.Is(err, wsconn.ErrClosed) {
		t.Errorf("writing to one that is over: %v", err)
	}
}

// A handshake that breaks a rule is answered, and leaves nothing.
func TestBadHandshakes(t *testing.T) {
	for _, page := range []http.Handler{nil, notFound} {
		s := inMemory(t, &Server{Plain: page})
		for _, c := range []struct{ request, status string }{
			{"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", "426"},
			{"POST / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", "405"},
			{"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nX: " + strings.Repeat("x", 9000) + "\r\n\r\n", "431"},
			{"what is this?\r\n\r\n", "400"},
		} {
			nc, err := s.dial(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = nc.Write([]byte(c.request)) // it may be answered before all is read
			answer := make([]byte, 12)
			if _, err := io.ReadFull(nc, answer); err != nil || !strings.HasSuffix(string(answer), c.status) {
				t.Errorf("%.40q: %q, %v; want %s", c.request, answer, err, c.status)
			}
			nc.Close()
		}
		s.stop()
	}
}

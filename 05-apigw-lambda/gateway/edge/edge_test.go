package edge

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
	"websocket.example/05-apigw-lambda/gateway/management"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pipes is a listener in memory, for tests in virtual time.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	ended chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), ended: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case nc := <-p.conns:
		return nc, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.ended) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	p.conns <- theirs
	return ours, nil
}

// An ending is what Disconnect was told.
type ending struct {
	code   int
	reason string
}

// app is a Handler that echoes, and remembers.
type app struct {
	edge    *Edge
	connect func(c *Conn) *handshake.Refusal
	message func(c *Conn, text string)
	opened  chan *Conn
	ended   chan ending
}

func (a *app) Connect(_ context.Context, c *Conn) *handshake.Refusal {
	if a.connect != nil {
		return a.connect(c)
	}
	return nil
}
func (a *app) Opened(c *Conn) { a.opened <- c }
func (a *app) Message(c *Conn, text string) {
	if a.message != nil {
		a.message(c, text)
		return
	}
	_ = c.Send(context.Background(), []byte(text))
}
func (a *app) Disconnect(_ *Conn, code int, reason string) { a.ended <- ending{code, reason} }

// start serves an Edge in memory.
func start(t *testing.T, a *app, o Options) *pipes {
	t.Helper()
	a.opened, a.ended = make(chan *Conn, 100), make(chan ending, 100)
	o.Handler = a
	a.edge = New(o)
	p := newPipes()
	go a.edge.Serve(p) //nolint:errcheck // it ends with Shutdown
	return p
}

func (a *app) stop(t *testing.T) {
	t.Helper()
	if err := a.edge.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	synctest.Wait()
	time.Sleep(time.Minute) // until every timer has gone
}

func dial(t *testing.T, p *pipes) *wsconn.Conn {
	t.Helper()
	c, err := wsconn.Dial(t.Context(), "ws://gateway/prod", &wsconn.DialOptions{Handshake: handshake.DialOptions{NetDial: p.dial}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// wantClose reads until the connection ends.
func wantClose(t *testing.T, c *wsconn.Conn, code frame.CloseCode, reason string) {
	t.Helper()
	for {
		_, _, err := c.Read(context.Background())
		if err == nil {
			continue
		}
		var closed *wsconn.CloseError
		if !errors.As(err, &closed) || closed.Code != code || reason != "" && closed.Reason != reason {
			t.Errorf("it ended with %v, not %d %q", err, code, reason)
		}
		return
	}
}

func (a *app) wantEnding(t *testing.T, code int, reason string) {
	t.Helper()
	if got := <-a.ended; got.code != code || reason != "*" && got.reason != reason {
		t.Errorf("$disconnect was told %d %q, not %d %q", got.code, got.reason, code, reason)
	}
}

// How a connection ends, as the client sees it and as $disconnect is told.
func TestEndings(t *testing.T) {
	ctx := context.Background()
	for _, row := range []struct {
		name   string
		do     func(a *app, c *wsconn.Conn, id string)
		sees   frame.CloseCode
		told   int
		reason string
	}{
		{"closed by the client", func(_ *app, c *wsconn.Conn, _ string) { go c.Close(4001, "bye") }, 4001, 4001, "bye"},
		{"without a code", func(_ *app, c *wsconn.Conn, _ string) { go c.Close(frame.NoStatus, "") }, frame.NoStatus, 1005, ""},
		{"a tab that is closed", func(_ *app, c *wsconn.Conn, _ string) { go c.Close(frame.GoingAway, "") }, frame.GoingAway, 1001, ""},
		{"the cable is cut", func(_ *app, c *wsconn.Conn, _ string) { c.Abort() }, frame.AbnormalClosure, 1006, ""},
		{"DELETE", func(a *app, _ *wsconn.Conn, id string) {
			if err := a.edge.Delete(id); err != nil {
				panic(err)
			}
		}, frame.NormalClosure, 1000, "Connection Closed Normally"},
		{"a binary message", func(_ *app, c *wsconn.Conn, _ string) { _ = c.Write(ctx, frame.Binary, []byte("x")) }, frame.UnsupportedData, 1003, "*"},
		{"a frame of 32 KiB and a byte", func(_ *app, c *wsconn.Conn, _ string) {
			go func() { _ = c.Write(ctx, frame.Text, make([]byte, MaxFrame+1)) }()
		}, frame.MessageTooBig, 1009, "*"},
		{"a message of 128 KiB and a byte", func(_ *app, c *wsconn.Conn, _ string) {
			go func() {
				w, _ := c.NextWriter(ctx, frame.Text)
				for range 4 {
					_, _ = w.Write(make([]byte, MaxFrame))
				}
				_ = w.Last([]byte("x"))
			}()
		}, frame.MessageTooBig, 1009, "*"},
		{"text that is not UTF-8", func(_ *app, c *wsconn.Conn, _ string) { _ = c.Write(ctx, frame.Text, []byte{0xff}) }, frame.InvalidPayload, 1007, "*"},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &app{}
				p := start(t, a, Options{})
				c := dial(t, p)
				conn := <-a.opened
				row.do(a, c, conn.ID)
				wantClose(t, c, row.sees, "")
				a.wantEnding(t, row.told, row.reason)
				if err := a.edge.Post(ctx, conn.ID, []byte("late")); !errors.Is(err, management.ErrGone) {
					t.Errorf("a late post: %v", err)
				}
				a.stop(t)
			})
		})
	}
}

// What just fits is taken, and comes back whole: in frames of at most 32 KiB.
func TestLargest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &app{}
		p := start(t, a, Options{})
		seen := &frames{}
		nc, h, err := handshake.Dial(t.Context(), "ws://gateway/prod", &handshake.DialOptions{NetDial: p.dial})
		if err != nil {
			t.Fatal(err)
		}
		c := wsconn.New(nc, wsconn.Client, &wsconn.Options{}, wsconn.Agreed{Rest: h.Rest, Trace: seen})
		whole := bytes.Repeat([]byte("é"), MaxMessage/2)
		go func() {
			w, _ := c.NextWriter(t.Context(), frame.Text)
			for i := range 3 {
				_, _ = w.Write(whole[i*MaxFrame : (i+1)*MaxFrame])
			}
			_ = w.Last(whole[3*MaxFrame:])
		}()
		_, got, err := c.Read(t.Context())
		if err != nil || !bytes.Equal(got, whole) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		for _, size := range seen.sizes {
			if size > MaxFrame {
				t.Errorf("a frame of %d bytes", size)
			}
		}
		go c.Close(frame.NormalClosure, "")
		wantClose(t, c, frame.NormalClosure, "")
		a.stop(t)
	})
}

// frames notes how long those are that come.
type frames struct{ sizes []uint64 }

func (f *frames) Header(sent bool, h frame.Header) {
	if !sent {
		f.sizes = append(f.sizes, h.Length)
	}
}
func (f *frames) Payload(bool, []byte) {}

// A connection is there for others when Connect has returned, and not before.
func TestPostAround101(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &app{}
		var inside error
		posted := make(chan error, 1)
		a.connect = func(c *Conn) *handshake.Refusal {
			inside = a.edge.Post(t.Context(), c.ID, []byte("too early"))
			go func() {
				for {
					err := a.edge.Post(context.Background(), c.ID, []byte("as soon as possible"))
					if !errors.Is(err, management.ErrGone) {
						posted <- err
						return
					}
					time.Sleep(time.Nanosecond)
				}
			}()
			return nil
		}
		p := start(t, a, Options{})
		c := dial(t, p)
		_, b, err := c.Read(t.Context())
		if string(b) != "as soon as possible" || err != nil {
			t.Errorf("the first message is %q, %v", b, err)
		}
		if err := <-posted; err != nil {
			t.Error(err)
		}
		if !errors.Is(inside, management.ErrGone) {
			t.Errorf("inside $connect: %v", inside)
		}
		go c.Close(frame.NormalClosure, "")
		wantClose(t, c, frame.NormalClosure, "")
		a.stop(t)
	})
}

// Who was refused had no connection.
func TestRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &app{connect: func(*Conn) *handshake.Refusal { return &handshake.Refusal{Status: 418} }}
		p := start(t, a, Options{})
		_, err := wsconn.Dial(t.Context(), "ws://gateway/prod", &wsconn.DialOptions{Handshake: handshake.DialOptions{NetDial: p.dial}})
		var refused *handshake.RefusedError
		if !errors.As(err, &refused) || refused.Response.Status != 418 {
			t.Errorf("%v", err)
		}
		a.stop(t)
		if len(a.opened)+len(a.ended) > 0 || a.edge.Count() != 0 {
			t.Error("somebody was told of a connection")
		}
	})
}

// The two clocks, to the second.
func TestClocks(t *testing.T) {
	for _, row := range []struct {
		name string
		o    Options
		talk func(a *app, c *wsconn.Conn, id string) // every minute
		want time.Duration
	}{
		{"silence", Options{}, func(*app, *wsconn.Conn, string) {}, Idle},
		{"the client talks", Options{}, func(_ *app, c *wsconn.Conn, _ string) { _ = c.Write(context.Background(), frame.Text, []byte("x")) }, Life},
		{"the backend posts", Options{}, func(a *app, _ *wsconn.Conn, id string) { _ = a.edge.Post(context.Background(), id, nil) }, Life},
		{"the client pings", Options{}, func(_ *app, c *wsconn.Conn, _ string) { _ = c.Ping(context.Background(), nil) }, Idle},
		{"pings that count", Options{PingResetsIdle: true}, func(_ *app, c *wsconn.Conn, _ string) { _ = c.Ping(context.Background(), nil) }, Life},
		{"faster", Options{Idle: 10 * time.Second, Life: 2 * time.Minute}, func(*app, *wsconn.Conn, string) {}, 10 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &app{message: func(*Conn, string) {}}
				p := start(t, a, row.o)
				c := dial(t, p)
				begun := time.Now()
				conn := <-a.opened
				done := make(chan struct{})
				go func() {
					for {
						select {
						case <-done:
							return
						case <-time.After(time.Minute):
							row.talk(a, c, conn.ID)
						}
					}
				}()
				wantClose(t, c, frame.GoingAway, "Going away")
				close(done)
				if took := time.Since(begun); took < row.want || took > row.want+2*time.Second {
					t.Errorf("after %v, not %v", took, row.want)
				}
				a.wantEnding(t, 1001, "Going away")
				a.stop(t)
			})
		})
	}
}

// Messages of one connection run side by side, unless told otherwise.
func TestDispatch(t *testing.T) {
	for _, serial := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			now, most := 0, 0
			a := &app{message: func(*Conn, string) {
				mu.Lock()
				now++
				most = max(most, now)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				now--
				mu.Unlock()
			}}
			p := start(t, a, Options{Serial: serial})
			c := dial(t, p)
			for range 5 {
				if err := c.Write(t.Context(), frame.Text, []byte("x")); err != nil {
					t.Fatal(err)
				}
			}
			go c.Close(frame.NormalClosure, "")
			wantClose(t, c, frame.NormalClosure, "")
			a.wantEnding(t, 1000, "") // after the last message
			if want := map[bool]int{false: 5, true: 1}[serial]; most != want || now != 0 {
				t.Errorf("serial %v: %d at once, %d when it ended", serial, most, now)
			}
			a.stop(t)
		})
	}
}

// A client that does not read fills its buffer, and nobody waits without end.
func TestFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &app{}
		p := start(t, a, Options{})
		dial(t, p) // and never reads
		conn := <-a.opened
		full := make(chan error, 20)
		for range 20 {
			go func() { full <- a.edge.Post(context.Background(), conn.ID, make([]byte, MaxMessage)) }()
		}
		count := 0
		for range 20 {
			if errors.Is(<-full, management.ErrFull) {
				count++
			}
		}
		if count == 0 || count == 20 {
			t.Errorf("%d of 20 were told that the buffer is full", count)
		}
		a.wantEnding(t, 1006, "")
		a.stop(t)
	})
}

// Shutdown says 1012, and waits for $disconnect, which may still call.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &app{}
		p := start(t, a, Options{Plain: http.NotFoundHandler()})
		c := dial(t, p)
		go a.stop(t)
		wantClose(t, c, frame.ServiceRestart, "Service restart")
		a.wantEnding(t, 1012, "Service restart")
		time.Sleep(5 * time.Minute)
	})
}

// On a real socket, and with a page on the same port.
func TestOnLoopback(t *testing.T) {
	a := &app{opened: make(chan *Conn, 1), ended: make(chan ending, 1)}
	a.edge = New(Options{Handler: a, Plain: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "page") })})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go a.edge.Serve(l) //nolint:errcheck // it ends with Shutdown
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Get("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(response.Body)
	response.Body.Close()
	if string(b) != "page" {
		t.Errorf("read %q", b)
	}
	c, err := wsconn.Dial(t.Context(), "ws://"+l.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	conn := <-a.opened
	if conn.SourceIP != "127.0.0.1" {
		t.Errorf("the client is at %q", conn.SourceIP)
	}
	if err := a.edge.Post(t.Context(), conn.ID, []byte(strings.Repeat("é", 40_000))); err != nil {
		t.Error(err)
	}
	if _, b, err := c.Read(t.Context()); len(b) != 80_000 || err != nil {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	info, err := a.edge.Get(conn.ID)
	if err != nil || info.SourceIP != "127.0.0.1" || info.LastActiveAt.Before(info.ConnectedAt) {
		t.Errorf("%+v, %v", info, err)
	}
	if err := c.Close(frame.NormalClosure, ""); err != nil {
		t.Error(err)
	}
	a.wantEnding(t, 1000, "")
	if err := a.edge.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

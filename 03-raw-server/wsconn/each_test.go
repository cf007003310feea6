package wsconn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"crypto/tls"

	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/internal/memnet"
)

// What came in one read is answered with one write, in order.
func TestOneWriteForOneRead(t *testing.T) {
	ours, theirs := memnet.Pipe()
	counted := &counter{Conn: ours}
	c, v := New(counted, Server, nil, Agreed{}), &villain{t: t, nc: theirs, role: Client}
	var all []byte
	for i := range 32 {
		all = append(all, v.frame(whole(frame.Binary), fmt.Sprintf("%d %1000d", i, i))...)
		all = append(all, v.frame(whole(frame.Ping), fmt.Sprint(i))...)
	}
	v.write(all)
	ended := make(chan error, 1)
	go func() { ended <- echoEach(c) }()
	for i := range 32 {
		v.expect(whole(frame.Binary), fmt.Sprintf("%d %1000d", i, i))
		v.expect(whole(frame.Pong), fmt.Sprint(i))
	}
	v.goodbye()
	v.leave()
	<-ended
	if counted.writes != 2 { // and one for the close frame
		t.Errorf("there were %d writes", counted.writes)
	}
}

type counter struct {
	net.Conn
	writes int
}

func (c *counter) Write(b []byte) (int, error) {
	c.writes++
	return c.Conn.Write(b)
}

func (c *counter) CloseWrite() error { return c.Conn.(interface{ CloseWrite() error }).CloseWrite() }

// What a handler writes is with the peer though the handler's next message
// is not complete, and what is more than a batch at once.
func TestRepliesAreNotKept(t *testing.T) {
	for _, w := range wires {
		t.Run(w.name, func(t *testing.T) {
			c, v := against(t, w, Server, nil, Agreed{})
			v.pump()
			defer v.leave()
			let := make(chan bool)
			ended := make(chan error, 1)
			go func() {
				ended <- c.Each(t.Context(), func(op frame.Opcode, b []byte) error {
					if string(b) == "wait" {
						<-let
					}
					return c.Write(t.Context(), op, b)
				})
			}()
			half := v.frame(whole(frame.Text), "incomplete")
			v.write(append(v.frame(whole(frame.Text), "complete"), half[:9]...))
			v.expectText("complete")
			v.write(half[9:])
			v.expectText("incomplete")
			long := strings.Repeat("x", 10_000)
			for range 14 {
				v.text(long)
			}
			v.text("wait")
			for range 14 - batch/len(long) { // less than a batch may be kept
				v.expectText(long)
			}
			let <- true
			for range batch / len(long) {
				v.expectText(long)
			}
			v.expectText("wait")
			v.goodbye()
			v.leave()
			wantClosed(t, <-ended, frame.NormalClosure)
		})
	}
}

// The end of the stream is seen also when it has come together with the last
// bytes; where Each is promised to be kicked, after a kick.
func TestEndWithTheLastBytes(t *testing.T) {
	for _, w := range wires {
		for _, kicked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%v", w.name, kicked), func(t *testing.T) {
				c, v := against(t, w, Server, &Options{Kicked: kicked}, Agreed{})
				v.text("the last")
				if err := v.nc.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
					t.Fatal(err)
				}
				told := make(chan bool, 1)
				ended := make(chan error, 1)
				go func() {
					ended <- c.Each(t.Context(), func(frame.Opcode, []byte) error {
						told <- true
						return nil
					})
				}()
				<-told
				if kicked {
					c.Kick()
				}
				wantBroken(t, <-ended, io.ErrUnexpectedEOF)
			})
		}
	}
}

// A peer that resets the connection.
func TestReset(t *testing.T) {
	for _, w := range wires {
		for _, l := range loops {
			c, v := against(t, w, Server, nil, Agreed{})
			ended := make(chan error, 1)
			go func() { ended <- l.echo(c) }()
			v.text("hello")
			v.expectText("hello")
			if tcp, is := v.nc.(*net.TCPConn); is {
				if err := tcp.SetLinger(0); err != nil {
					t.Fatal(err)
				}
				v.nc.Close()
				wantBroken(t, <-ended, syscall.ECONNRESET)
				continue
			}
			v.nc.Close()
			wantBroken(t, <-ended, io.ErrUnexpectedEOF)
		}
	}
}

// What a handler returns ends the connection, and the peer is told why.
func TestHandlerErrors(t *testing.T) {
	own := errors.New("no more today")
	for name, c := range map[string]struct {
		err    error
		code   frame.CloseCode
		reason string
	}{
		"its own":           {own, frame.InternalError, ""},
		"a network's":       {&net.OpError{Op: "dial", Err: errors.New("the database is down")}, frame.InternalError, ""},
		"an end of a file":  {io.ErrUnexpectedEOF, frame.InternalError, ""},
		"a context's":       {context.DeadlineExceeded, frame.InternalError, ""},
		"a close":           {&CloseError{Code: 4001, Reason: "kicked out"}, 4001, "kicked out"},
		"a wrapped close":   {fmt.Errorf("because: %w", &CloseError{Code: 4001}), 4001, ""},
		"a breach":          {&frame.Error{Code: frame.PolicyViolation, Reason: "no"}, frame.PolicyViolation, "no"},
		"a broken one":      {&CloseError{Code: frame.AbnormalClosure, Err: own}, frame.InternalError, ""},
		"an impossible one": {&CloseError{Code: 1006}, frame.InternalError, ""},
		"a long reason":     {&CloseError{Code: 4000, Reason: strings.Repeat("é", 100)}, 4000, strings.Repeat("é", 61)},
		"a wrong reason":    {&CloseError{Code: 4000, Reason: "\xff"}, 4000, "?"},
		"another's end":     {ErrClosed, frame.InternalError, ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, w := range wires {
				conn, v := against(t, w, Server, nil, Agreed{})
				ended := make(chan error, 1)
				go func() {
					ended <- conn.Each(t.Context(), func(op frame.Opcode, b []byte) error {
						if err := conn.Write(t.Context(), op, b); err != nil {
							t.Error(err)
						}
						return c.err
					})
				}()
				v.text("question")
				v.text("another")
				v.expectText("question")
				v.expect(whole(frame.Close), closing(c.code, c.reason))
				v.expectEnd()
				v.leave()
				if err := <-ended; !errors.Is(err, c.err) || err != c.err { //nolint:errorlint // it is not wrapped
					t.Errorf("Each: %v", err)
				}
				if _, _, err := conn.Read(t.Context()); !errors.Is(err, c.err) {
					t.Errorf("Read: %v", err)
				}
			}
		})
	}
}

// RFC 6455, section 5.3: every frame of a client has a key of its own.
func TestFreshKeys(t *testing.T) {
	c, v := against(t, wires[1], Client, nil, Agreed{})
	v.pump()
	defer v.leave()
	keys := make(map[[4]byte]int)
	for i := range 200 {
		var err error
		switch i % 3 {
		case 0:
			err = c.Write(t.Context(), frame.Text, []byte("short"))
		case 1:
			err = c.Write(t.Context(), frame.Binary, make([]byte, 40_000))
		default:
			err = c.Ping(t.Context(), nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		h, _ := v.next()
		keys[h.Key]++
	}
	if len(keys) < 199 { // two may be equal by chance, once in 200,000 runs
		t.Errorf("200 frames have %d keys", len(keys))
	}
}

// RFC 6455, section 5.1: what is masked is a copy.
func TestWriteLeavesTheMessageAlone(t *testing.T) {
	for _, n := range []int{10, 50_000} {
		c, v := against(t, wires[1], Client, nil, Agreed{})
		v.pump()
		message := numbered(1, 2, n)
		if err := c.Write(t.Context(), frame.Binary, message); err != nil {
			t.Fatal(err)
		}
		if _, _, err := checkNumbered(message); err != nil {
			t.Error(err)
		}
		v.leave()
	}
}

func TestMisuse(t *testing.T) {
	c, v := against(t, wires[1], Server, nil, Agreed{})
	for _, op := range []frame.Opcode{frame.Continuation, frame.Close, frame.Ping, frame.Pong, 3, 15} {
		if err := c.Write(t.Context(), op, nil); err == nil {
			t.Errorf("a message was written that is a %s", op)
		}
	}
	if err := c.Ping(t.Context(), make([]byte, 126)); err == nil {
		t.Error("a ping with 126 bytes was sent")
	}
	for _, code := range []frame.CloseCode{0, 999, 1004, 1006, 1015, 1016, 2999, 5000} {
		if err := c.Close(code, ""); err == nil {
			t.Errorf("a close frame with %d was sent", uint16(code))
		}
	}
	if err := c.Close(frame.NormalClosure, "\xff"); err == nil {
		t.Error("a close reason was sent that is not UTF-8")
	}
	v.text("still here?")
	if _, b, err := c.Read(t.Context()); string(b) != "still here?" || err != nil {
		t.Errorf("read %q, %v", b, err)
	}
	defer alongside(func() {
		v.expectClose(frame.NoStatus)
		v.close(frame.NoStatus, "")
		v.expectEnd()
		v.leave()
	})()
	if err := c.Close(frame.NoStatus, "never sent"); err != nil {
		t.Error(err)
	}
}

// What came with the handshake is read first.
func TestRest(t *testing.T) {
	for _, w := range wires {
		for _, l := range loops {
			v := &villain{t: t, role: Client}
			var rest []byte
			for i := range 30 {
				rest = append(rest, v.frame(whole(frame.Text), fmt.Sprintf("%d %3000d", i, i))...)
			}
			last := v.frame(whole(frame.Text), "the last one")
			c, v := against(t, w, Server, nil, Agreed{Rest: append(rest, last[:4]...)})
			v.pump()
			ended := make(chan error, 1)
			go func() { ended <- l.echo(c) }()
			for i := range 30 {
				v.expectText(fmt.Sprintf("%d %3000d", i, i))
			}
			v.write(last[4:])
			v.expectText("the last one")
			v.goodbye()
			v.leave()
			<-ended
		}
	}
}

// TLS takes the plain path, and has its own idea of how a stream ends.
func TestTLS(t *testing.T) {
	helper := httptest.NewTLSServer(nil)
	defer helper.Close()
	secure := wire{"tls", func(t testing.TB) (net.Conn, net.Conn) {
		ours, theirs := tcpWire(t)
		a := tls.Server(ours, &tls.Config{Certificates: helper.TLS.Certificates})
		b := tls.Client(theirs, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // the villain may
		var both sync.WaitGroup
		both.Go(func() { _ = a.Handshake() })
		both.Go(func() { _ = b.Handshake() })
		both.Wait()
		return a, b
	}}
	for _, l := range loops {
		hold(t, setting{wire: secure, role: Server, loop: l}, func(v *villain) {
			long := strings.Repeat("0123456789", 30_000)
			v.text("hello")
			v.expectText("hello")
			v.fragmented(frame.Text, long, 10_000, frame.Ping)
			v.expectText(long)
			v.goodbye()
		})
		hold(t, setting{wire: secure, role: Server, loop: l}, func(v *villain) {
			v.send(whole(3), "")
			v.expectClose(frame.ProtocolError)
			v.expectEnd()
		})
		hold(t, setting{wire: secure, role: Client, loop: l}, func(v *villain) {
			v.text("hello")
			v.expectText("hello")
			v.goodbye()
		})
	}
	t.Run("kicked and interrupted", func(t *testing.T) {
		c, v := against(t, secure, Server, nil, Agreed{})
		for range 3 {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, _, err := c.Read(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("Read: %v", err)
			}
			c.Kick()
		}
		v.text("hello")
		if _, b, err := c.Read(t.Context()); err != nil || string(b) != "hello" {
			t.Errorf("read %q, %v", b, err)
		}
	})
	t.Run("cut off", func(t *testing.T) {
		c, v := against(t, secure, Server, nil, Agreed{})
		ended := make(chan error, 1)
		go func() { ended <- echoEach(c) }()
		v.text("hello")
		v.expectText("hello")
		v.nc.(*tls.Conn).NetConn().Close()
		wantBroken(t, <-ended, io.ErrUnexpectedEOF)
	})
}

// shown is a Trace that writes down what it is shown.
type shown struct {
	mu    sync.Mutex
	lines []string
}

func (s *shown) Header(sent bool, h frame.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, map[bool]string{true: "> ", false: "< "}[sent]+show(h, nil))
}

func (s *shown) Payload(_ bool, part []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines[len(s.lines)-1] += string(part)
}

func TestTrace(t *testing.T) {
	for _, role := range []Role{Server, Client} {
		for _, l := range loops {
			s := &shown{}
			hold(t, setting{wire: wires[1], role: role, loop: l, agreed: Agreed{Trace: s, Deflate: &deflate.Params{}}}, func(v *villain) {
				v.send(frame.Header{Opcode: frame.Text}, "Hel")
				v.send(whole(frame.Ping), "ping")
				v.expect(whole(frame.Pong), "ping")
				v.send(frame.Header{Fin: true}, "lo")
				v.expectText("Hello")
				v.send(whole(5), "not shown")
				v.expectClose(frame.ProtocolError)
				v.expectEnd()
			})
			got := strings.Join(s.lines, "\n")
			want := "< text more Hel\n< ping ping\n> pong ping\n< continuation lo\n> text Hello\n< reserved 0x5 \n> close \x03\xeathe opcode 0x5 is reserved"
			if got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		}
	}
}

func TestErrorTexts(t *testing.T) {
	for err, want := range map[*CloseError]string{
		{Code: frame.NormalClosure}:                       "the connection was closed: 1000 normal closure",
		{Code: 4000, Reason: "ciao"}:                      `the connection was closed: 4000 ("ciao")`,
		{Code: frame.AbnormalClosure, Err: syscall.EPIPE}: "the connection was closed: 1006 abnormal closure: broken pipe",
	} {
		if got := err.Error(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestFramesMove(t *testing.T) {
	bubble(t, Server, nil, func(t *testing.T, c *Conn, v *villain) {
		if c.NetConn() == nil {
			t.Error("no NetConn")
		}
		go func() { _ = echoEach(c) }()
		last := c.Frames()
		after := func(what string) {
			t.Helper()
			synctest.Wait()
			if now := c.Frames(); now == last {
				t.Errorf("after %s it has not moved", what)
			} else {
				last = now
			}
		}
		v.text("a message")
		after("a message")
		v.send(whole(frame.Pong), "")
		after("a pong")
		v.send(frame.Header{Fin: true, Opcode: frame.Binary, Length: 1 << 20}, strings.Repeat("x", 1<<17))
		after("a part of a long frame")
		v.more(strings.Repeat("x", 1<<17))
		after("another part")
	})
}

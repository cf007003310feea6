package wsconn

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/internal/memnet"
)

// A villain is the other side of a connection under test. It sends whatever
// it is told, legal or not, in writes of any size, and wants to hear exactly
// what it expects.
type villain struct {
	t    testing.TB
	nc   net.Conn
	role Role // its own

	chop int    // how many bytes it writes at once, 0 is all
	buf  []byte // read and not looked at yet
	key  [4]byte
	sent int // payload bytes of the last frame

	pumped chan []byte   // what was read, after pump
	failed error         // why nothing more is
	gone   chan struct{} // closed when nobody looks at it any more
	left   sync.Once
}

// write writes bytes as they are.
func (v *villain) write(b []byte) {
	v.t.Helper()
	for len(b) > 0 {
		n := len(b)
		if v.chop > 0 {
			n = min(n, v.chop)
		}
		if _, err := v.nc.Write(b[:n]); err != nil {
			v.t.Fatalf("the villain can't write: %v", err)
		}
		b = b[n:]
	}
}

// send writes a frame. The length is that of the payload unless the header
// says more, for more to come; whether it is masked is as it must be, unless
// told to be wrong.
func (v *villain) send(h frame.Header, payload string) {
	v.t.Helper()
	v.write(v.frame(h, payload))
}

func (v *villain) frame(h frame.Header, payload string) []byte {
	h.Length = max(h.Length, uint64(len(payload)))
	h.Masked = h.Masked != (v.role == Client)
	v.key, v.sent = [4]byte{}, 0
	if h.Masked {
		_, _ = rand.Read(v.key[:])
		h.Key = v.key
	}
	return append(frame.Append(nil, h), v.masked(payload)...)
}

// more writes more of the last frame's payload.
func (v *villain) more(payload string) {
	v.t.Helper()
	v.write(v.masked(payload))
}

func (v *villain) masked(payload string) []byte {
	b := []byte(payload)
	frame.Mask(b, v.key, v.sent&3)
	v.sent += len(b)
	return b
}

func (v *villain) text(s string)   { v.t.Helper(); v.send(whole(frame.Text), s) }
func (v *villain) binary(s string) { v.t.Helper(); v.send(whole(frame.Binary), s) }
func (v *villain) close(code frame.CloseCode, reason string) {
	v.t.Helper()
	v.send(whole(frame.Close), closing(code, reason))
}

func whole(op frame.Opcode) frame.Header { return frame.Header{Fin: true, Opcode: op} }

func closing(code frame.CloseCode, reason string) string {
	return string(frame.AppendClose(nil, code, reason))
}

// next reads one frame, and checks what must be so for all of them.
func (v *villain) next() (frame.Header, []byte) {
	v.t.Helper()
	h, payload, err := v.tryNext()
	if err != nil {
		v.t.Fatalf("the villain waits for a frame: %v", err)
	}
	return h, payload
}

func (v *villain) tryNext() (frame.Header, []byte, error) {
	for {
		h, n, err := frame.Parse(v.buf)
		if err == nil && uint64(len(v.buf)-n) >= h.Length {
			payload := bytes.Clone(v.buf[n : n+int(h.Length)])
			v.buf = v.buf[n+int(h.Length):]
			if h.Masked {
				frame.Mask(payload, h.Key, 0)
			}
			if h.Masked != (v.role == Server) {
				return h, nil, errors.New("a frame is masked that must not be, or the other way around")
			}
			if h.Form != frame.Shortest {
				return h, nil, errors.New("a length is not written in the shortest way")
			}
			return h, payload, nil
		}
		if err := v.read(); err != nil {
			return frame.Header{}, nil, err
		}
	}
}

// read waits for more bytes.
func (v *villain) read() error {
	if v.pumped != nil {
		b, more := <-v.pumped
		v.buf = append(v.buf, b...)
		if !more {
			return v.failed
		}
		return nil
	}
	v.buf = append(v.buf, make([]byte, 4<<10)...)
	n, err := v.nc.Read(v.buf[len(v.buf)-4<<10:])
	v.buf = v.buf[:len(v.buf)-4<<10+n]
	if n > 0 {
		return nil
	}
	return err
}

// pump reads from now on, also while the villain writes: so that two sides
// that write do not wait for each other for ever.
func (v *villain) pump() {
	v.pumped, v.gone = make(chan []byte), make(chan struct{})
	go func() {
		defer close(v.pumped)
		var have []byte
		came := make(chan []byte)
		go func() {
			defer close(came)
			for {
				b := make([]byte, 64<<10)
				n, err := v.nc.Read(b)
				if n > 0 {
					select {
					case came <- b[:n]:
					case <-v.gone:
						return
					}
				}
				if err != nil {
					v.failed = err
					return
				}
			}
		}()
		for came != nil || len(have) > 0 {
			out := v.pumped
			if len(have) == 0 {
				out = nil
			}
			select {
			case b, more := <-came:
				if have = append(have, b...); !more {
					came = nil
				}
			case out <- have:
				have = nil
			case <-v.gone:
				return
			}
		}
	}()
}

// leave ends the villain.
func (v *villain) leave() {
	v.nc.Close()
	if v.pumped != nil {
		v.left.Do(func() { close(v.gone) })
		for range v.pumped { // until its goroutines have ended
		}
	}
}

// expect wants a frame.
func (v *villain) expect(want frame.Header, payload string) {
	v.t.Helper()
	h, got := v.next()
	if h.Fin != want.Fin || h.RSV != want.RSV || h.Opcode != want.Opcode || string(got) != payload {
		v.t.Fatalf("got  %s\nwant %s", show(h, got), show(want, []byte(payload)))
	}
}

func show(h frame.Header, payload []byte) string {
	text := h.Opcode.String()
	if !h.Fin {
		text += " more"
	}
	if h.RSV != 0 {
		text += " with reserved bits"
	}
	return text + " " + shorten(payload)
}

func shorten(b []byte) string {
	if len(b) > 60 {
		return string(b[:25]) + " ... " + string(b[len(b)-25:])
	}
	return string(b)
}

// expectText wants a message of one frame.
func (v *villain) expectText(s string) { v.t.Helper(); v.expect(whole(frame.Text), s) }

// expectClose wants a close frame with a code, and any reason.
func (v *villain) expectClose(code frame.CloseCode) {
	v.t.Helper()
	h, payload := v.next()
	got, _, err := frame.ParseClose(payload)
	if h.Opcode != frame.Close || !h.Fin || h.RSV != 0 || err != nil || got != code {
		v.t.Fatalf("got  %s (%v)\nwant a close frame with %s", show(h, payload), err, code)
	}
}

// expectEnd wants the connection to end as it should: the server ends TCP
// first, and nobody sends a reset or anything else.
func (v *villain) expectEnd() {
	v.t.Helper()
	if v.role == Server {
		if err := v.nc.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			v.t.Fatalf("the villain can't end the stream: %v", err)
		}
	}
	for len(v.buf) == 0 {
		err := v.read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			v.t.Fatalf("the stream ends with: %v", err)
		}
	}
	v.t.Fatalf("after the last frame came %q", shorten(v.buf))
}

// A wire makes a connection: our end and the villain's.
type wire struct {
	name string
	make func(t testing.TB) (ours, theirs net.Conn)
}

// On TCP a connection is watched, in memory it takes the plain path.
var wires = []wire{{"tcp", tcpWire}, {"memory", memoryWire}}

func memoryWire(testing.TB) (net.Conn, net.Conn) { return memnet.Pipe() }

func tcpWire(t testing.TB) (net.Conn, net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	theirs, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	ours, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return ours, theirs
}

// patience is how long a test waits on a real network for what should
// have come at once.
const patience = 20 * time.Second

// against makes a connection and its villain.
func against(t testing.TB, w wire, role Role, o *Options, agreed Agreed) (*Conn, *villain) {
	t.Helper()
	if o == nil {
		o = &Options{WriteTimeout: patience, CloseTimeout: patience}
	}
	ours, theirs := w.make(t)
	_ = theirs.SetDeadline(time.Now().Add(patience)) // so that a test fails, and does not hang
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	return New(ours, role, o, agreed), &villain{t: t, nc: theirs, role: 1 - role}
}

// A loop is a way to read messages, which echoes them.
type loop struct {
	name string
	echo func(c *Conn) error
}

var loops = []loop{{"each", echoEach}, {"serve", echoServe}, {"read", echoRead}, {"stream", echoStream}}

func echoEach(c *Conn) error {
	return c.Each(context.Background(), func(op frame.Opcode, message []byte) error {
		return c.Write(context.Background(), op, message)
	})
}

func echoServe(c *Conn) error {
	ended := make(chan error, 1)
	c.Serve(func(op frame.Opcode, message []byte) error {
		return c.Write(context.Background(), op, message)
	}, func(err error) { ended <- err })
	return <-ended
}

func echoRead(c *Conn) error {
	ctx, cancel := context.WithCancel(context.Background()) // so that reads are interruptible
	defer cancel()
	for {
		op, message, err := c.Read(ctx)
		if err != nil {
			return err
		}
		if err := c.Write(ctx, op, message); err != nil {
			return err
		}
	}
}

func echoStream(c *Conn) error {
	for {
		op, r, err := c.NextReader(context.Background())
		if err != nil {
			return err
		}
		message, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		if err := c.Write(context.Background(), op, message); err != nil {
			return err
		}
	}
}

// wantClosed checks how a connection ended.
func wantClosed(t testing.TB, err error, code frame.CloseCode) {
	t.Helper()
	var closed *CloseError
	if !errors.As(err, &closed) || closed.Code != code {
		t.Errorf("it ended with %v, not with %v", err, code)
	}
}

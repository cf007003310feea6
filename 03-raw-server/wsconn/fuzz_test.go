package wsconn

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
)

// A tape is a connection on which certain bytes come, in pieces of certain
// sizes, and then the end. What is written is kept. It never waits.
type tape struct {
	net.Conn
	in    []byte
	size  func() int // of the next piece
	out   bytes.Buffer
	ended bool
}

func (p *tape) Read(b []byte) (int, error) {
	if len(p.in) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), p.size())], p.in)
	p.in = p.in[n:]
	return n, nil
}

func (p *tape) Write(b []byte) (int, error) {
	if p.ended {
		return 0, errors.New("a write after the end")
	}
	return p.out.Write(b)
}

func (p *tape) CloseWrite() error                { p.ended = true; return nil }
func (p *tape) Close() error                     { p.ended = true; return nil }
func (p *tape) SetReadDeadline(time.Time) error  { return nil }
func (p *tape) SetWriteDeadline(time.Time) error { return nil }

// outcome is what became of a conversation: the frames that were sent, and
// how it ended.
func outcome(t *testing.T, out []byte, role Role, err error) string {
	t.Helper()
	var text strings.Builder
	v := &villain{t: t, role: 1 - role, buf: out, nc: &tape{}}
	for len(v.buf) > 0 {
		h, payload, err := v.tryNext()
		if err != nil {
			t.Fatalf("what was sent is not made of frames: %v", err)
		}
		fmt.Fprintf(&text, "%s %d %x\n", h.Opcode, h.RSV, payload)
	}
	if err == nil {
		t.Fatal("it ended without a reason")
	}
	var closed *CloseError
	var broke *frame.Error
	switch {
	case errors.As(err, &closed):
		fmt.Fprintf(&text, "closed: %v %q %v", closed.Code, closed.Reason, closed.Err)
	case errors.As(err, &broke):
		fmt.Fprintf(&text, "failed: %v", broke)
	default:
		t.Fatalf("it ended with %T: %v", err, err)
	}
	return text.String()
}

// agreements are what a conversation can be begun with.
var agreements = []func() Agreed{
	func() Agreed { return Agreed{} },
	func() Agreed { return alone },
	func() Agreed { return Agreed{Deflate: &deflate.Params{}} },
}

var fuzzed = &Options{MaxMessage: 5000, CloseTimeout: time.Hour, Deflate: deflate.Options{MinSize: 1}}

// playback holds a conversation from a tape.
func playback(t *testing.T, in []byte, size func() int, role Role, l loop, agreed Agreed) string {
	t.Helper()
	p := &tape{in: in, size: size}
	err := l.echo(New(p, role, fuzzed, agreed))
	return outcome(t, p.out.Bytes(), role, err)
}

func wholly() int { return 1 << 30 }

// FuzzConversation: whatever comes, a connection ends and does not panic, and
// it makes no difference in what pieces it comes, or how it is read.
func FuzzConversation(f *testing.F) {
	addConversations(f)
	f.Fuzz(func(t *testing.T, in []byte, with, seed byte) {
		agreed := agreements[int(with)%len(agreements)]
		rng := rand.New(rand.NewPCG(uint64(seed), 0))
		sizes := map[string]func() int{
			"whole":         wholly,
			"byte by byte":  func() int { return 1 },
			"in any pieces": func() int { return 1 + rng.IntN(1+int(seed)) },
		}
		for _, role := range []Role{Server, Client} {
			want := playback(t, in, wholly, role, loops[0], agreed())
			for name, size := range sizes {
				for _, l := range loops {
					if got := playback(t, in, size, role, l, agreed()); got != want {
						t.Errorf("%s, %s, %s:\n%s\nbut whole, each:\n%s", nameOf(role), name, l.name, got, want)
					}
				}
			}
		}
	})
}

// FuzzWatched: a real socket that is watched gives the same as the plain
// path.
func FuzzWatched(f *testing.F) {
	addConversations(f)
	f.Fuzz(func(t *testing.T, in []byte, with, seed byte) {
		agreed := agreements[int(with)%len(agreements)]
		for _, role := range []Role{Server, Client} {
			for _, l := range loops {
				want := playback(t, in, wholly, role, l, agreed())
				ours, theirs := tcpWire(t)
				reason := make(chan error, 1)
				go func() { reason <- l.echo(New(ours, role, fuzzed, agreed())) }()
				go func() {
					for rest := in; len(rest) > 0; {
						n := min(len(rest), 1+int(seed)*11)
						if _, err := theirs.Write(rest[:n]); err != nil {
							break // it has heard enough
						}
						rest = rest[n:]
					}
					_ = theirs.(*net.TCPConn).CloseWrite() // the same
				}()
				out, err := io.ReadAll(theirs)
				if err != nil {
					t.Fatalf("%s, %s: the stream ends with %v", nameOf(role), l.name, err)
				}
				got := outcome(t, out, role, <-reason)
				theirs.Close()
				if got != want {
					t.Errorf("%s, %s:\n%s\nbut on the plain path:\n%s", nameOf(role), l.name, got, want)
				}
			}
		}
	})
}

// addConversations adds what the villain sends in every conversation that is
// written down, and some compressed messages.
func addConversations(f *testing.F) {
	f.Helper()
	for i, c := range readConversations(f) {
		if c.bytes > 2000 {
			continue
		}
		for _, role := range c.roles {
			f.Add(spoken(f, c, role), byte(i), byte(i*7))
		}
	}
	for _, role := range []Role{Server, Client} {
		v := &villain{t: f, role: 1 - role}
		packed := pack(words(3000))
		all := v.frame(frame.Header{Fin: true, RSV: frame.RSV1, Opcode: frame.Text}, packed)
		all = append(all, v.frame(frame.Header{RSV: frame.RSV1, Opcode: frame.Binary}, packed[:10])...)
		all = append(all, v.frame(whole(frame.Ping), "ping")...)
		all = append(all, v.frame(frame.Header{Fin: true}, packed[10:])...)
		all = append(all, v.frame(whole(frame.Close), closing(frame.NormalClosure, "bye"))...)
		f.Add(all, byte(1), byte(100))
		f.Add(all, byte(2), byte(3))
	}
}

// spoken is what a conversation's villain sends.
func spoken(t testing.TB, c conversation, role Role) []byte {
	p := &tape{}
	v := &villain{t: t, nc: p, role: 1 - role}
	for _, s := range c.steps {
		switch s.kind {
		case '>':
			v.send(s.header, s.payload)
		case '+':
			v.more(s.payload)
		case '!':
			v.write([]byte(s.payload))
		}
	}
	return p.out.Bytes()
}

// A conversation that fails is not told how by the pieces it comes in: the
// same as the fuzzer, for every cut of every conversation that is written down.
func TestEveryCut(t *testing.T) {
	for _, c := range readConversations(t) {
		if c.bytes > 300 {
			continue
		}
		for _, role := range c.roles {
			in := spoken(t, c, role)
			want := playback(t, in, wholly, role, loops[0], Agreed{})
			for cut := 1; cut < len(in); cut++ {
				at := 0
				size := func() int {
					if at == 0 {
						at = cut
						return cut
					}
					return 1 << 30
				}
				l := loops[cut%len(loops)]
				if got := playback(t, in, size, role, l, Agreed{}); got != want {
					t.Errorf("%s, %s, %s, cut after %d:\n%s\nbut whole:\n%s", c.name, nameOf(role), l.name, cut, got, want)
				}
			}
			for end := range in { // and every beginning ends
				if got := playback(t, in[:end], wholly, role, loops[end%len(loops)], Agreed{}); got == "" {
					t.Errorf("%s, the first %d bytes: nothing", c.name, end)
				}
			}
		}
	}
}

package wsconn

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
)

// pack compresses a message on its own, with the standard library.
func pack(message string) string {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 6)
	if err == nil {
		_, err = io.WriteString(w, message)
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

func unpack(t *testing.T, packed []byte) string {
	t.Helper()
	r := flate.NewReader(io.MultiReader(bytes.NewReader(packed), strings.NewReader("\x00\x00\xff\xff\x01\x00\x00\xff\xff")))
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("what came can't be decompressed: %v", err)
	}
	return string(plain)
}

// expectPacked wants a compressed message.
func (v *villain) expectPacked(t *testing.T, want string) {
	t.Helper()
	h, payload := v.next()
	if h.RSV != frame.RSV1 || !h.Fin {
		t.Fatalf("got %s, which is not compressed", show(h, nil))
	}
	if got := unpack(t, payload); got != want {
		t.Fatalf("got  %s\nwant %s", shorten([]byte(got)), shorten([]byte(want)))
	}
}

// alone is compression without memory: so the villain can do it by hand.
var alone = Agreed{Deflate: &deflate.Params{ServerNoContextTakeover: true, ClientNoContextTakeover: true}}

// RFC 7692, sections 6 and 7.2, frame by frame.
func TestCompressedFrames(t *testing.T) {
	hello := pack("Hello, Hello, Hello!")
	rsv1 := func(op frame.Opcode) frame.Header { return frame.Header{Fin: true, RSV: frame.RSV1, Opcode: op} }
	refused := func(code frame.CloseCode, frames func(v *villain)) func(t *testing.T, v *villain) {
		return func(t *testing.T, v *villain) {
			v.send(rsv1(frame.Text), hello)
			frames(v)
			v.send(whole(frame.Ping), "")
			v.expectPacked(t, "Hello, Hello, Hello!")
			v.expectClose(code)
			v.expectEnd()
		}
	}
	echoed := func(frames func(v *villain), want ...string) func(t *testing.T, v *villain) {
		return func(t *testing.T, v *villain) {
			frames(v)
			for _, text := range want {
				v.expectPacked(t, text)
			}
			v.goodbye()
		}
	}
	for name, talk := range map[string]func(t *testing.T, v *villain){
		"a message": echoed(func(v *villain) { v.send(rsv1(frame.Text), hello) }, "Hello, Hello, Hello!"),
		"RFC 7692, section 7.2.3.1": echoed(func(v *villain) {
			v.send(rsv1(frame.Text), "\xf2\x48\xcd\xc9\xc9\x07\x00")
		}, "Hello"),
		"RFC 7692, section 7.2.3.1, in fragments": echoed(func(v *villain) {
			v.send(frame.Header{RSV: frame.RSV1, Opcode: frame.Text}, "\xf2\x48\xcd")
			v.send(whole(frame.Ping), "between")
			v.expect(whole(frame.Pong), "between")
			v.send(frame.Header{Fin: true}, "\xc9\xc9\x07\x00")
		}, "Hello"),
		"RFC 7692, section 7.2.3.3, a block that is not compressed": echoed(func(v *villain) {
			v.send(rsv1(frame.Text), "\x00\x05\x00\xfa\xffHello\x00")
		}, "Hello"),
		"RFC 7692, section 7.2.3.4, a final block": echoed(func(v *villain) {
			v.send(rsv1(frame.Text), "\xf3\x48\xcd\xc9\xc9\x07\x00\x00")
		}, "Hello"),
		"RFC 7692, section 7.2.3.5, two blocks": echoed(func(v *villain) {
			v.send(rsv1(frame.Text), "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00")
		}, "Hello"),
		"RFC 7692, section 7.2.3.6, an empty message": echoed(func(v *villain) {
			v.send(rsv1(frame.Text), "\x00")
		}, ""),
		"messages that are not compressed": echoed(func(v *villain) {
			v.text("plain")
			v.send(rsv1(frame.Binary), hello)
			v.send(frame.Header{Opcode: frame.Text}, "pl")
			v.send(frame.Header{Fin: true}, "ain")
		}, "plain", "Hello, Hello, Hello!", "plain"),
		"a byte in each frame": echoed(func(v *villain) {
			for i := range len(hello) {
				h := frame.Header{Fin: i == len(hello)-1}
				if i == 0 {
					h = frame.Header{RSV: frame.RSV1, Opcode: frame.Text}
				}
				v.send(h, hello[i:i+1])
			}
		}, "Hello, Hello, Hello!"),
		"characters cut through by fragments": echoed(func(v *villain) {
			v.send(frame.Header{RSV: frame.RSV1, Opcode: frame.Text}, pack("ação")[:3])
			v.send(frame.Header{Fin: true}, pack("ação")[3:])
		}, "ação"),

		"the bit in a continuation": refused(frame.ProtocolError, func(v *villain) {
			v.send(frame.Header{RSV: frame.RSV1, Opcode: frame.Text}, hello[:3])
			v.send(frame.Header{Fin: true, RSV: frame.RSV1}, hello[3:])
		}),
		"the bit in a continuation only": refused(frame.ProtocolError, func(v *villain) {
			v.send(frame.Header{Opcode: frame.Text}, "a")
			v.send(frame.Header{Fin: true, RSV: frame.RSV1}, hello)
		}),
		"the bit in a ping":  refused(frame.ProtocolError, func(v *villain) { v.send(rsv1(frame.Ping), "x") }),
		"the bit in a pong":  refused(frame.ProtocolError, func(v *villain) { v.send(rsv1(frame.Pong), "x") }),
		"the bit in a close": refused(frame.ProtocolError, func(v *villain) { v.send(rsv1(frame.Close), "") }),
		"another bit":        refused(frame.ProtocolError, func(v *villain) { v.send(frame.Header{Fin: true, RSV: frame.RSV2, Opcode: frame.Text}, "x") }),
		"two bits": refused(frame.ProtocolError, func(v *villain) {
			v.send(frame.Header{Fin: true, RSV: frame.RSV1 | frame.RSV3, Opcode: frame.Text}, hello)
		}),
		"what is no deflate":    refused(frame.InvalidPayload, func(v *villain) { v.send(rsv1(frame.Binary), "\xff\xff\xff\xff") }),
		"what is cut off":       refused(frame.InvalidPayload, func(v *villain) { v.send(rsv1(frame.Binary), pack(strings.Repeat("cut off ", 50))[:7]) }),
		"text that is not UTF8": refused(frame.InvalidPayload, func(v *villain) { v.send(rsv1(frame.Text), pack("\xff")) }),
		"text that is cut off":  refused(frame.InvalidPayload, func(v *villain) { v.send(rsv1(frame.Text), pack("\xe2\x82")) }),
		"a distance too far": refused(frame.InvalidPayload, func(v *villain) {
			v.send(rsv1(frame.Text), "\xf2\x00\x11\x00\x00") // RFC 7692, section 7.2.3.2, which needs the message before
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, w := range wires {
				for _, role := range []Role{Server, Client} {
					for _, l := range loops {
						o := &Options{Deflate: deflate.Options{MinSize: -1}, CloseTimeout: patience}
						hold(t, setting{wire: w, role: role, loop: l, chop: len(name) % 3, options: o, agreed: alone}, func(v *villain) { talk(t, v) })
					}
				}
			}
		})
	}
}

// All that two sides can agree on, with messages of all sizes, whole and in
// fragments: each side decompresses what the other compresses.
func TestCompressedEchoes(t *testing.T) {
	text := words(200_000)
	for _, takeover := range []bool{false, true} {
		for bits := 8; bits <= 15; bits++ {
			for _, role := range []Role{Server, Client} {
				t.Run(fmt.Sprintf("%v/%d/%s", takeover, bits, nameOf(role)), func(t *testing.T) {
					t.Parallel()
					p := deflate.Params{ServerNoContextTakeover: !takeover, ClientNoContextTakeover: !takeover, ServerMaxWindowBits: bits, ClientMaxWindowBits: 23 - bits}
					agreed := Agreed{Deflate: &p}
					w, l := wires[bits%2], loops[bits%3]
					ours, theirs := w.make(t)
					o := &Options{CloseTimeout: patience, WriteTimeout: patience}
					c, peer := New(ours, role, o, agreed), New(theirs, 1-role, o, agreed)
					ended := make(chan error, 1)
					go func() { ended <- l.echo(c) }()
					at := 0
					for i, size := range []int{0, 16, 64, 255, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072, 300, 300, 300} {
						if raceDetector && size > 16384 && bits%7 != 1 {
							continue // it takes long, and is the same for all
						}
						message := text[at : at+size]
						at = (at + size) % (len(text) - 131072)
						op := frame.Text + frame.Opcode(i%2)
						if err := peer.Write(t.Context(), op, []byte(message)); err != nil {
							t.Fatal(err)
						}
						got, echo, err := peer.Read(t.Context())
						if err != nil || got != op || string(echo) != message {
							t.Fatalf("%d bytes: got a %s of %d bytes, %v", size, got, len(echo), err)
						}
					}
					if err := peer.Close(frame.NormalClosure, ""); err != nil {
						t.Error(err)
					}
					wantClosed(t, <-ended, frame.NormalClosure)
				})
			}
		}
	}
}

// words is a text that can be compressed, though not too well.
func words(n int) string {
	rng := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for b.Len() < n {
		fmt.Fprintf(&b, `{"id":%d,"name":"%x","rooms":["geral","go","café"]},`, rng.IntN(1000), rng.Uint32())
	}
	return b.String()
}

// Short messages are sent as they are.
func TestMinSize(t *testing.T) {
	c, v := against(t, wires[1], Server, &Options{Deflate: deflate.Options{MinSize: 100}}, alone)
	for _, n := range []int{0, 99, 100} {
		message := strings.Repeat("x", n)
		if err := c.Write(t.Context(), frame.Text, []byte(message)); err != nil {
			t.Fatal(err)
		}
		if n < 100 {
			v.expectText(message)
		} else {
			v.expectPacked(t, message)
		}
	}
}

// A small message may not become a large one.
func TestInflateBomb(t *testing.T) {
	for _, size := range []int{1 << 20, 1<<20 + 1, 16 << 20} {
		bomb := bombOf(size)
		for _, l := range loops {
			o := &Options{MaxMessage: 1 << 20, CloseTimeout: patience, Deflate: deflate.Options{MinSize: 1 << 30}}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			hold(t, setting{wire: wires[0], role: Server, loop: l, options: o, agreed: alone}, func(v *villain) {
				v.send(frame.Header{Fin: true, RSV: frame.RSV1, Opcode: frame.Binary}, bomb)
				if size <= o.MaxMessage {
					if _, payload := v.next(); len(payload) != size {
						t.Errorf("%d bytes have become %d", size, len(payload))
					}
					v.goodbye()
					return
				}
				v.expectClose(frame.MessageTooBig)
				v.expectEnd()
			})
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; size > o.MaxMessage && took > 8<<20 {
				t.Errorf("a bomb of %d bytes took %d bytes of memory", size, took)
			}
		}
	}
}

// bombOf is so many zeros, compressed.
func bombOf(size int) string {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 9)
	if err != nil {
		panic(err)
	}
	zeros := make([]byte, 1<<20)
	for ; size > 0; size -= min(size, len(zeros)) {
		if _, err := w.Write(zeros[:min(size, len(zeros))]); err != nil {
			panic(err)
		}
	}
	if err := w.Flush(); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

// Reading a compressed message is resumable as well, also by NextReader,
// which waits for the whole of it.
func TestCompressedIsResumable(t *testing.T) {
	for name, next := range map[string]func(c *Conn, ctx context.Context) (string, error){
		"Read": func(c *Conn, ctx context.Context) (string, error) {
			_, b, err := c.Read(ctx)
			return string(b), err
		},
		"NextReader": func(c *Conn, ctx context.Context) (string, error) {
			_, r, err := c.NextReader(ctx)
			if err != nil {
				return "", err
			}
			b, err := io.ReadAll(r)
			return string(b), err
		},
	} {
		roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
			c.pmd = &deflate.Params{}
			text := words(20_000)
			packed := pack(text)
			half := len(packed) / 2
			all := v.frame(frame.Header{RSV: frame.RSV1, Opcode: frame.Text}, packed[:half])
			all = append(all, v.frame(frame.Header{Fin: true}, packed[half:])...)
			for len(all) > 1 {
				n := min(len(all)-1, 1000)
				v.write(all[:n])
				all = all[n:]
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				if _, err := next(c, ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Fatalf("%s: %v", name, err)
				}
				cancel()
			}
			v.write(all)
			if got, err := next(c, t.Context()); err != nil || got != text {
				t.Fatalf("%s: %d bytes, %v", name, len(got), err)
			}
			v.text("next")
			if got, err := next(c, t.Context()); err != nil || got != "next" {
				t.Errorf("%s: %.20q, %v", name, got, err)
			}
		})
	}
}

// A stream of a compressed message that is left is left for good.
func TestAbandonedCompressedStream(t *testing.T) {
	c, v := against(t, wires[1], Server, nil, Agreed{Deflate: &deflate.Params{}})
	v.send(frame.Header{Fin: true, RSV: frame.RSV1, Opcode: frame.Text}, pack(words(5000)))
	v.text("next")
	_, old, err := c.NextReader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, r, err := c.NextReader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := old.Read(make([]byte, 1)); n > 0 || err == nil || err == io.EOF {
		t.Errorf("an abandoned stream: %d bytes, %v", n, err)
	}
	if b, err := io.ReadAll(r); err != nil || string(b) != "next" {
		t.Errorf("read %q, %v", b, err)
	}
}

package wsconn

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
)

// alongside does something else meanwhile.
func alongside(f func()) (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	return func() { <-done }
}

// numbered is a message that can be told from all others, and from a damaged
// one: who wrote it, which of his it is, and bytes that follow from both.
func numbered(writer, n, size int) []byte {
	b := make([]byte, 8+size)
	binary.BigEndian.PutUint32(b, uint32(writer))
	binary.BigEndian.PutUint32(b[4:], uint32(n))
	_, _ = rand.NewChaCha8([32]byte{byte(writer), byte(n), byte(n >> 8)}).Read(b[8:]) // it never fails
	return b
}

func checkNumbered(b []byte) (writer, n int, err error) {
	if len(b) < 8 {
		return 0, 0, fmt.Errorf("a message of %d bytes", len(b))
	}
	writer, n = int(binary.BigEndian.Uint32(b)), int(binary.BigEndian.Uint32(b[4:]))
	if writer > 100 || !bytes.Equal(b, numbered(writer, n, len(b)-8)) {
		return 0, 0, fmt.Errorf("a message is damaged")
	}
	return writer, n, nil
}

// Many write at once, short and long, and one of them closes: every message
// that was taken arrives whole and in its writer's order, and nothing comes
// after the close frame.
func TestManyWriters(t *testing.T) {
	sizes := []int{0, 100, 5000, long - 9, long, 40_000, batch, 200_000}
	for _, packed := range []bool{false, true} {
		for _, w := range wires {
			for _, role := range []Role{Server, Client} {
				t.Run(fmt.Sprintf("%s/%s/%v", w.name, nameOf(role), packed), func(t *testing.T) {
					var agreed Agreed
					if packed {
						agreed.Deflate = &deflate.Params{}
					}
					manyWriters(t, w, role, agreed, sizes)
				})
			}
		}
	}
}

func manyWriters(t *testing.T, w wire, role Role, agreed Agreed, sizes []int) {
	ours, theirs := w.make(t)
	o := &Options{Deflate: deflate.Options{MinSize: 1}}
	c, peer := New(ours, role, o, agreed), New(theirs, 1-role, o, agreed)
	const writers, most = 6, 16
	var taken [writers]int
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			for n := range most {
				message := numbered(i, n, sizes[(i+n)%len(sizes)])
				write := c.Write
				if i == 1 {
					write = c.writeInFragments
				}
				if err := write(t.Context(), frame.Binary, message); err != nil {
					if !errors.Is(err, ErrClosed) {
						t.Error(err)
					}
					return
				}
				clear(message) // it is ours again
				taken[i]++
				if i == 0 && n == most*3/4 {
					if err := c.Close(4321, "enough"); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Go(func() {
		for c.Ping(t.Context(), []byte("are you there?")) == nil {
		}
	})
	var reader sync.WaitGroup
	reader.Go(func() { // answers the close
		wantClosed(t, c.Each(t.Context(), func(frame.Opcode, []byte) error { return nil }), 4321)
	})
	var got [writers]int
	err := peer.Each(t.Context(), func(_ frame.Opcode, b []byte) error {
		writer, n, err := checkNumbered(b)
		if err == nil && n != got[writer] {
			err = fmt.Errorf("writer %d: message %d came instead of %d", writer, n, got[writer])
		}
		got[writer]++
		return err
	})
	wantClosed(t, err, 4321)
	all.Wait()
	reader.Wait()
	if got != taken {
		t.Errorf("taken %v, arrived %v", taken, got)
	}
}

func (c *Conn) writeInFragments(ctx context.Context, op frame.Opcode, message []byte) error {
	w, err := c.NextWriter(ctx, op)
	for err == nil && len(message) > 5000 {
		_, err = w.Write(message[:5000])
		message = message[5000:]
	}
	if err != nil {
		return err
	}
	return w.Last(message)
}

// A close frame waits for what was taken before it, also when another
// goroutine is still writing that: TCP does not end before.
func TestCloseFrameIsNotLostBehindAWriter(t *testing.T) {
	for _, w := range wires {
		for _, role := range []Role{Server, Client} {
			t.Run(w.name+"/"+nameOf(role), func(t *testing.T) {
				c, v := against(t, w, role, nil, Agreed{})
				ended := make(chan error, 1)
				go func() { ended <- echoEach(c) }()
				for _, nc := range []net.Conn{c.nc, v.nc} { // little room, so that the writer soon has to wait
					if tcp, is := nc.(*net.TCPConn); is {
						_ = errors.Join(tcp.SetReadBuffer(16<<10), tcp.SetWriteBuffer(16<<10)) // or it only takes longer
					}
				}
				long := numbered(1, 1, 4<<20)
				wrote := make(chan error, 1)
				go func() { wrote <- c.Write(t.Context(), frame.Binary, long) }()
				if err := v.read(); err != nil { // the writer is at work
					t.Fatal(err)
				}
				v.text("one more")
				v.close(frame.NormalClosure, "")
				v.expect(whole(frame.Binary), string(long))
				v.expectText("one more")
				v.expectClose(frame.NormalClosure)
				v.expectEnd()
				v.leave()
				if err := <-wrote; err != nil {
					t.Error(err)
				}
				wantClosed(t, <-ended, frame.NormalClosure)
			})
		}
	}
}

// A peer that never reads is cut off, and nobody waits for himself: a handler
// runs while the socket is being read, and closing a socket waits for that.
func TestPeerThatNeverReads(t *testing.T) {
	for _, w := range wires {
		for _, l := range loops {
			for _, role := range []Role{Server, Client} {
				t.Run(w.name+"/"+l.name+"/"+nameOf(role), func(t *testing.T) {
					t.Parallel()
					c, v := against(t, w, role, &Options{WriteTimeout: 50 * time.Millisecond}, Agreed{})
					ended := make(chan error, 1)
					go func() { ended <- l.echo(c) }()
					others := make(chan error, 1)
					go func() {
						for {
							if err := c.Write(t.Context(), frame.Text, []byte("from another goroutine")); err != nil {
								others <- err
								return
							}
						}
					}()
					flood := v.frame(whole(frame.Binary), string(make([]byte, 100_000)))
					for {
						if _, err := v.nc.Write(flood); err != nil {
							break
						}
					}
					err := <-ended
					var closed *CloseError
					if !errors.As(err, &closed) && !errors.Is(err, os.ErrDeadlineExceeded) { // from the loop's own Write
						t.Errorf("it ended with %v", err)
					}
					if err := <-others; err == nil {
						t.Error("writing goes on")
					}
				})
			}
		}
	}
}

func TestAbort(t *testing.T) {
	for _, w := range wires {
		t.Run(w.name+"/by a handler", func(t *testing.T) {
			c, v := against(t, w, Server, nil, Agreed{})
			v.text("abort")
			err := c.Each(t.Context(), func(frame.Opcode, []byte) error {
				c.Abort()
				return nil
			})
			wantBroken(t, err, net.ErrClosed)
			if _, _, err := v.tryNext(); err == nil {
				t.Error("there came a frame")
			}
		})
		t.Run(w.name+"/by another", func(t *testing.T) {
			c, v := against(t, w, Server, nil, Agreed{})
			ended := make(chan error, 1)
			go func() { ended <- echoEach(c) }()
			v.text("there?")
			v.expectText("there?")
			c.Abort()
			c.Abort()
			wantBroken(t, <-ended, net.ErrClosed)
			if err := c.Write(t.Context(), frame.Text, nil); err == nil {
				t.Error("writing goes on")
			}
			wantBroken(t, c.Close(frame.NormalClosure, ""), net.ErrClosed)
		})
	}
}

func TestCloseByWhomever(t *testing.T) {
	for _, w := range wires {
		for _, role := range []Role{Server, Client} {
			each := func(name string, test func(t *testing.T, c *Conn, v *villain)) {
				t.Run(w.name+"/"+nameOf(role)+"/"+name, func(t *testing.T) {
					c, v := against(t, w, role, nil, Agreed{})
					test(t, c, v)
				})
			}
			answer := func(v *villain, code frame.CloseCode) {
				v.expectClose(code)
				v.close(code, "")
				v.expectEnd()
				v.leave()
			}
			each("by a handler", func(t *testing.T, c *Conn, v *villain) {
				v.text("one")
				v.text("two")
				defer alongside(func() { answer(v, 4000) })()
				var told []string
				err := c.Each(t.Context(), func(_ frame.Opcode, b []byte) error {
					told = append(told, string(b))
					if err := c.Close(4000, ""); err != nil {
						t.Error(err)
					}
					return c.Write(t.Context(), frame.Text, b) // comes too late, and ends nothing
				})
				wantClosed(t, err, 4000)
				if fmt.Sprint(told) != "[one two]" {
					t.Errorf("the handler was told %q", told)
				}
			})
			each("by another goroutine", func(t *testing.T, c *Conn, v *villain) {
				ended := make(chan error, 1)
				go func() { ended <- echoEach(c) }()
				v.text("here?")
				v.expectText("here?")
				if err := c.Close(4000, ""); err != nil {
					t.Error(err)
				}
				answer(v, 4000)
				wantClosed(t, <-ended, 4000)
			})
			each("when nobody reads, and again", func(t *testing.T, c *Conn, v *villain) {
				v.text("thrown away")
				defer alongside(func() { answer(v, 4000) })()
				for range 3 {
					if err := c.Close(4000, ""); err != nil {
						t.Error(err)
					}
				}
				_, _, err := c.Read(t.Context())
				wantClosed(t, err, 4000)
				if err := c.Write(t.Context(), frame.Text, nil); !errors.Is(err, ErrClosed) {
					t.Errorf("Write: %v", err)
				}
				if err := c.Ping(t.Context(), nil); !errors.Is(err, ErrClosed) {
					t.Errorf("Ping: %v", err)
				}
			})
			each("by many at once", func(t *testing.T, c *Conn, v *villain) {
				var all sync.WaitGroup
				defer all.Wait()
				for i := range 10 {
					all.Go(func() {
						if err := c.Close(frame.CloseCode(4000+i), ""); err != nil {
							t.Error(err)
						}
					})
				}
				h, payload := v.next()
				code, _, err := frame.ParseClose(payload)
				if h.Opcode != frame.Close || err != nil {
					t.Fatalf("got %s, %v", show(h, payload), err)
				}
				v.close(code, "")
				v.expectEnd()
				v.leave()
			})
			each("by both at once", func(t *testing.T, c *Conn, v *villain) {
				v.close(4001, "")
				defer alongside(func() {
					v.expectClose(4000)
					v.expectEnd()
					v.leave()
				})()
				if err := c.Close(4000, ""); err != nil {
					t.Error(err)
				}
				_, _, err := c.Read(t.Context())
				wantClosed(t, err, 4001)
			})
			each("while the reader has a message", func(t *testing.T, c *Conn, v *villain) {
				v.text("mine")
				_, b, err := c.Read(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				closed := make(chan error, 1)
				go func() { closed <- c.Close(4000, "") }()
				v.expectClose(4000)
				v.text("not yours")
				v.close(4000, "")
				v.expectEnd()
				v.leave()
				if string(b) != "mine" { // the race detector looks on
					t.Errorf("it has become %q", b)
				}
				if err := <-closed; err != nil {
					t.Error(err)
				}
			})
			each("while the reader has a stream", func(t *testing.T, c *Conn, v *villain) {
				v.send(frame.Header{Opcode: frame.Text}, "begun")
				_, r, err := c.NextReader(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				b := make([]byte, 3)
				if _, err := io.ReadFull(r, b); err != nil {
					t.Fatal(err)
				}
				defer alongside(func() { answer(v, 4000) })()
				if err := c.Close(4000, ""); err != nil {
					t.Error(err)
				}
				_, err = io.ReadAll(r)
				wantClosed(t, err, 4000)
			})
		}
	}
}

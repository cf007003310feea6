package wsconn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
)

// A say is what a Writer's owner does: "write", "last", "close" or "ping",
// and with which bytes.
type say struct{ do, with string }

// speak does it, with one buffer for all bytes: they are the caller's again
// when a call returns.
func speak(ctx context.Context, c *Conn, op frame.Opcode, all []say) error {
	w, err := c.NextWriter(ctx, op)
	if err != nil {
		return err
	}
	var b []byte
	for _, s := range all {
		b = append(b[:0], s.with...)
		switch s.do {
		case "write":
			var n int
			if n, err = w.Write(b); err == nil && n != len(b) {
				err = fmt.Errorf("%d bytes of %d were written", n, len(b))
			}
		case "last":
			err = w.Last(b)
		case "close":
			err = w.Close()
		case "ping":
			err = c.Ping(ctx, b)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.do, err)
		}
		clear(b)
	}
	return nil
}

// heard is a frame on the wire.
type heard struct {
	frame.Header
	payload string
}

func first(op frame.Opcode, payload string) heard { return heard{frame.Header{Opcode: op}, payload} }
func more(payload string) heard                   { return heard{frame.Header{}, payload} }
func final(payload string) heard                  { return heard{whole(frame.Continuation), payload} }
func only(op frame.Opcode, payload string) heard  { return heard{whole(op), payload} }

// RFC 6455, section 5.4: the first fragment says what the message is, the
// others continue it, the last has FIN; and control frames may come between.
var written = []struct {
	name string
	op   frame.Opcode
	say  []say
	want []heard
}{
	{"fragments, then an empty end", frame.Text, []say{{"write", "um"}, {"write", "dois"}, {"close", ""}},
		[]heard{first(frame.Text, "um"), more("dois"), final("")}},
	{"fragments, then the last", frame.Binary, []say{{"write", "\x00"}, {"write", "\xff"}, {"last", "\xfe"}},
		[]heard{first(frame.Binary, "\x00"), more("\xff"), final("\xfe")}},
	{"an empty last", frame.Text, []say{{"write", "um"}, {"last", ""}}, []heard{first(frame.Text, "um"), final("")}},
	{"only the last", frame.Text, []say{{"last", "all of it"}}, []heard{only(frame.Text, "all of it")}},
	{"nothing, closed", frame.Text, []say{{"close", ""}}, []heard{only(frame.Text, "")}},
	{"nothing, as the last", frame.Binary, []say{{"last", ""}}, []heard{only(frame.Binary, "")}},
	{"what is empty is no fragment", frame.Text, []say{{"write", ""}, {"write", "a"}, {"write", ""}, {"last", "b"}},
		[]heard{first(frame.Text, "a"), final("b")}},
	{"nothing but what is empty", frame.Text, []say{{"write", ""}, {"close", ""}}, []heard{only(frame.Text, "")}},
	{"closed after its last", frame.Text, []say{{"last", "a"}, {"close", ""}, {"close", ""}}, []heard{only(frame.Text, "a")}},
	{"a character cut through", frame.Text, []say{{"write", "\xe2"}, {"write", "\x82"}, {"last", "\xac"}},
		[]heard{first(frame.Text, "\xe2"), more("\x82"), final("\xac")}},
	{"pings around and between", frame.Text,
		[]say{{"ping", "0"}, {"write", "a"}, {"ping", "1"}, {"ping", ""}, {"write", "b"}, {"ping", "2"}, {"close", ""}, {"ping", "3"}},
		[]heard{
			only(frame.Ping, "0"), first(frame.Text, "a"), only(frame.Ping, "1"), only(frame.Ping, ""),
			more("b"), only(frame.Ping, "2"), final(""), only(frame.Ping, "3"),
		}},
	{"lengths of all forms", frame.Binary,
		[]say{{"write", zeros(125)}, {"write", zeros(126)}, {"write", zeros(65535)}, {"write", zeros(65536)}, {"last", zeros(1)}},
		[]heard{first(frame.Binary, zeros(125)), more(zeros(126)), more(zeros(65535)), more(zeros(65536)), final(zeros(1))}},
	{"fragments that are not copied", frame.Binary,
		[]say{{"write", zeros(long - 1)}, {"ping", "1"}, {"write", zeros(long)}, {"ping", "2"}, {"write", zeros(batch + 1)}, {"last", zeros(3 * batch)}},
		[]heard{
			first(frame.Binary, zeros(long-1)), only(frame.Ping, "1"), more(zeros(long)), only(frame.Ping, "2"),
			more(zeros(batch + 1)), final(zeros(3 * batch)),
		}},
}

func zeros(n int) string { return strings.Repeat("0", n) }

// Frame by frame, in both roles: by any goroutine, and in a handler of Each,
// whose frames go out in one write; where compression is agreed, as well.
func TestWrittenInFragments(t *testing.T) {
	for _, row := range written {
		t.Run(row.name, func(t *testing.T) {
			for _, w := range wires {
				for _, role := range []Role{Server, Client} {
					for _, agreed := range []Agreed{{}, alone} {
						for _, inHandler := range []bool{false, true} {
							o := &Options{WriteTimeout: patience, CloseTimeout: patience, Deflate: deflate.Options{MinSize: 1}}
							c, v := against(t, w, role, o, agreed)
							v.pump()
							turn := func(frame.Opcode, []byte) error { return speak(t.Context(), c, row.op, row.say) }
							ended := make(chan error, 1)
							if inHandler {
								v.text("your turn")
								go func() { ended <- c.Each(t.Context(), turn) }()
							} else {
								go func() {
									ended <- turn(0, nil)
									ended <- c.Each(t.Context(), func(frame.Opcode, []byte) error { return nil })
								}()
							}
							keys := map[[4]byte]bool{}
							for _, want := range row.want {
								h, payload := v.next()
								if h.Fin != want.Fin || h.Opcode != want.Opcode || h.RSV != 0 || string(payload) != want.payload {
									t.Fatalf("got  %s\nwant %s", show(h, payload), show(want.Header, []byte(want.payload)))
								}
								keys[h.Key] = true
							}
							if !inHandler {
								if err := <-ended; err != nil {
									t.Error(err)
								}
							}
							if role == Client && len(keys) != len(row.want) { // RFC 6455, section 5.3
								t.Errorf("%d frames have %d masking keys", len(row.want), len(keys))
							}
							v.goodbye()
							v.leave()
							wantClosed(t, <-ended, frame.NormalClosure)
						}
					}
				}
			}
		})
	}
}

// What is not compressed leaves the compressor's memory alone: the other side
// goes on decompressing what is.
func TestFragmentsBetweenCompressedMessages(t *testing.T) {
	for _, role := range []Role{Server, Client} {
		ours, theirs := memoryWire(t)
		o := &Options{CloseTimeout: patience, Deflate: deflate.Options{MinSize: 1}}
		trace := &seen{}
		c := New(ours, role, o, Agreed{Deflate: &deflate.Params{}, Trace: trace})
		peer := New(theirs, 1-role, o, Agreed{Deflate: &deflate.Params{}})
		ended := make(chan error, 1)
		go func() { ended <- echoEach(peer) }()
		text := words(12_000)
		for i, write := range []func(context.Context, frame.Opcode, []byte) error{c.Write, c.writeInFragments, c.Write, c.writeInFragments, c.Write} {
			part := text[i*100 : i*100+11_000]
			if err := write(t.Context(), frame.Text, []byte(part)); err != nil {
				t.Fatal(err)
			}
			if _, got, err := c.Read(t.Context()); err != nil || string(got) != part {
				t.Fatalf("message %d has become %s, %v", i, shorten(got), err)
			}
		}
		var packed, fragments int
		for _, h := range trace.headers {
			switch {
			case h.RSV == frame.RSV1 && h.Fin && h.Opcode == frame.Text:
				packed++
			case h.RSV == 0:
				fragments++
			default:
				t.Errorf("a fragment has a reserved bit: %+v", h)
			}
		}
		if packed != 3 || fragments != 6 {
			t.Errorf("%d messages were compressed, and %d fragments were not: want 3 and 6", packed, fragments)
		}
		if err := c.Close(frame.NormalClosure, ""); err != nil {
			t.Error(err)
		}
		wantClosed(t, <-ended, frame.NormalClosure)
	}
}

// A ping of the other side is answered between fragments.
func TestPongBetweenFragments(t *testing.T) {
	roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
		go func() { _ = echoRead(c) }()
		w := begin(t, c, t.Context(), "a")
		v.expect(frame.Header{Opcode: frame.Text}, "a")
		v.send(whole(frame.Ping), "now?")
		v.expect(whole(frame.Pong), "now?")
		if err := w.Last([]byte("b")); err != nil {
			t.Fatal(err)
		}
		v.expect(whole(frame.Continuation), "b")
		v.goodbye()
	})
}

// begin sends a text's first fragment.
func begin(t *testing.T, c *Conn, ctx context.Context, part string) *Writer {
	t.Helper()
	w, err := c.NextWriter(ctx, frame.Text)
	if err == nil {
		_, err = io.WriteString(w, part)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Everyone else waits for a message to be complete, and then comes one after
// the other, however the message ends.
func TestTurns(t *testing.T) {
	for name, end := range map[string]func(w *Writer) (string, error){
		"close": func(w *Writer) (string, error) { return "", w.Close() },
		"last":  func(w *Writer) (string, error) { return "end", w.Last([]byte("end")) },
	} {
		t.Run(name, func(t *testing.T) {
			roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
				w := begin(t, c, t.Context(), "begun")
				v.expect(frame.Header{Opcode: frame.Text}, "begun")
				const others = 8
				done := make(chan error, others)
				for i := range others {
					go func() {
						message := []byte(fmt.Sprintf("%d, %d, %d", i, i, i))
						if i%2 == 0 {
							done <- c.Write(t.Context(), frame.Binary, message)
							return
						}
						done <- speak(t.Context(), c, frame.Binary, []say{{"write", string(message[:3])}, {"write", string(message[3:6])}, {"last", string(message[6:])}})
					}()
				}
				time.Sleep(time.Hour)
				if len(done) > 0 {
					t.Fatal("a message was sent inside another")
				}
				last, err := end(w)
				if err != nil {
					t.Fatal(err)
				}
				v.expect(whole(frame.Continuation), last) // nothing has come before
				got := map[string]bool{}
				for range others {
					h, message := v.next()
					for opcode := frame.Binary; ; opcode = frame.Continuation {
						if h.Opcode != opcode {
							t.Fatalf("got %s, want %s", show(h, message), opcode)
						}
						if h.Fin {
							break
						}
						var part []byte
						h, part = v.next()
						message = append(message, part...)
					}
					got[string(message)] = true
				}
				for i := range others {
					if want := fmt.Sprintf("%d, %d, %d", i, i, i); !got[want] {
						t.Errorf("%q has not come, but %v", want, got)
					}
					if err := <-done; err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

// A turn is taken by the first fragment, not by asking for a Writer.
func TestNobodyWaitsForAMessageThatHasNotBegun(t *testing.T) {
	roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
		var w [2]*Writer
		for i := range w {
			var err error
			if w[i], err = c.NextWriter(t.Context(), frame.Text); err != nil {
				t.Fatal(err)
			}
			if _, err := w[i].Write(nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Write(t.Context(), frame.Text, []byte("quick")); err != nil {
			t.Fatal(err)
		}
		v.expectText("quick")
		for _, w := range []*Writer{w[1], w[0]} {
			if err := w.Last([]byte("late")); err != nil {
				t.Fatal(err)
			}
			v.expectText("late")
		}
	})
}

// A context that ends before the first fragment has done no harm: others keep
// their turns, and nothing of the message is sent.
func TestContextEndsBeforeAMessage(t *testing.T) {
	roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
		w := begin(t, c, t.Context(), "begun")
		v.expect(frame.Header{Opcode: frame.Text}, "begun")
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		gaveUp := make(chan error)
		for _, write := range []func(context.Context, frame.Opcode, []byte) error{c.Write, c.writeInFragments} {
			go func() { gaveUp <- write(ctx, frame.Text, []byte("never")) }()
		}
		patient := make(chan error)
		go func() { patient <- c.Write(t.Context(), frame.Text, []byte("patient")) }()
		for range 2 {
			if err := <-gaveUp; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("whoever gave up got %v", err)
			}
		}
		wantAfter(t, start, time.Minute)

		late, err := c.NextWriter(ctx, frame.Text)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := late.Close(); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a message that comes too late: %v", err)
			}
		}
		if err := errors.Join(w.Close(), <-patient); err != nil {
			t.Fatal(err)
		}
		v.expect(whole(frame.Continuation), "")
		v.expectText("patient")
		if err := c.Write(t.Context(), frame.Text, []byte("next")); err != nil {
			t.Fatal(err)
		}
		v.expectText("next")
	})
}

// A context that ends in the middle leaves a message that can't be completed:
// that breaks the connection, and nobody waits for ever.
func TestContextEndsInAMessage(t *testing.T) {
	for name, next := range map[string]func(w *Writer) error{
		"write": func(w *Writer) error { _, err := io.WriteString(w, "more"); return err },
		"last":  func(w *Writer) error { return w.Last([]byte("end")) },
		"close": (*Writer).Close,
	} {
		t.Run(name, func(t *testing.T) {
			roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
				read := make(chan error, 1)
				go func() {
					_, _, err := c.Read(t.Context())
					read <- err
				}()
				ctx, cancel := context.WithCancel(t.Context())
				w := begin(t, c, ctx, "half")
				v.expect(frame.Header{Opcode: frame.Text}, "half")
				waiting := make(chan error)
				go func() { waiting <- c.Write(t.Context(), frame.Text, []byte("whole")) }()
				synctest.Wait()
				cancel()
				if err := next(w); !errors.Is(err, context.Canceled) {
					t.Errorf("the writer: %v", err)
				}
				if err := <-waiting; !errors.Is(err, context.Canceled) {
					t.Errorf("who waited: %v", err)
				}
				wantBroken(t, <-read, context.Canceled)
				if h, payload, err := v.tryNext(); err == nil {
					t.Errorf("after half a message came %s", show(h, payload))
				}
			})
		})
	}
}

// The same while the last fragment waits for room, because another goroutine
// is writing and the other side does not read.
func TestContextEndsWhileTheLastFragmentWaits(t *testing.T) {
	roles(t, &Options{WriteTimeout: time.Hour}, func(t *testing.T, c *Conn, v *villain) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		w, err := c.NextWriter(ctx, frame.Binary)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, 60<<10)); err != nil { // fits into the window
			t.Fatal(err)
		}
		for range 100 { // fill it, so that a ping has to wait, ...
			go func() { _ = c.Ping(t.Context(), make([]byte, 125)) }()
		}
		synctest.Wait()
		if _, err := w.Write(make([]byte, batch)); err != nil { // ... this to be gathered ...
			t.Fatal(err)
		}
		start := time.Now()
		if err := w.Last([]byte("end")); !errors.Is(err, context.DeadlineExceeded) { // ... and this to wait
			t.Errorf("the last: %v", err)
		}
		wantAfter(t, start, time.Minute)
		another := make(chan error, 1)
		go func() { another <- c.Write(t.Context(), frame.Text, nil) }()
		for {
			h, payload, err := v.tryNext()
			if err != nil {
				break // as it should be
			}
			if h.Opcode == frame.Text {
				t.Fatalf("inside a message came %s", show(h, payload))
			}
		}
		if err := <-another; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the next message: %v", err)
		}
	})
}

// RFC 6455, section 5.5.1: nothing follows a close frame, not even the rest
// of a message.
func TestCloseInAMessage(t *testing.T) {
	for name, watched := range map[string]bool{"alone": false, "while somebody reads": true} {
		t.Run(name, func(t *testing.T) {
			roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
				w := begin(t, c, t.Context(), "half")
				v.expect(frame.Header{Opcode: frame.Text}, "half")
				waiting := make(chan error)
				go func() { waiting <- c.Write(t.Context(), frame.Text, []byte("whole")) }()
				ended := make(chan error, 1)
				if watched {
					go func() { ended <- echoEach(c) }()
				}
				synctest.Wait()
				closed := make(chan error)
				go func() { closed <- c.Close(frame.GoingAway, "enough") }()
				v.expectClose(frame.GoingAway)
				if err := <-waiting; !errors.Is(err, ErrClosed) {
					t.Errorf("who waited: %v", err)
				}
				if _, err := io.WriteString(w, "more"); !errors.Is(err, ErrClosed) {
					t.Errorf("the next fragment: %v", err)
				}
				if err := w.Close(); !errors.Is(err, ErrClosed) {
					t.Errorf("the end: %v", err)
				}
				v.close(frame.GoingAway, "")
				v.expectEnd()
				v.nc.Close()
				if err := <-closed; err != nil {
					t.Error(err)
				}
				if watched {
					wantClosed(t, <-ended, frame.GoingAway)
				}
			})
		})
	}
}

// The owner of a Writer learns of the end of the connection.
func TestConnectionEndsInAMessage(t *testing.T) {
	for name, end := range map[string]func(c *Conn, v *villain){
		"closed by the other side": func(c *Conn, v *villain) {
			v.close(frame.NormalClosure, "")
			v.expectClose(frame.NormalClosure)
			v.expectEnd()
			v.nc.Close()
		},
		"TCP ends": func(c *Conn, v *villain) { v.nc.Close() },
		"aborted":  func(c *Conn, v *villain) { c.Abort() },
		"a rule is broken": func(c *Conn, v *villain) {
			v.send(frame.Header{Fin: true, Opcode: frame.Continuation}, "of nothing")
			v.expectClose(frame.ProtocolError)
			v.expectEnd()
			v.nc.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
				ended := make(chan error, 1)
				go func() { ended <- echoEach(c) }()
				w := begin(t, c, t.Context(), "half")
				v.expect(frame.Header{Opcode: frame.Text}, "half")
				waiting := make(chan error)
				go func() { waiting <- c.Write(t.Context(), frame.Text, []byte("whole")) }()
				synctest.Wait()
				end(c, v)
				if err := <-ended; err == nil {
					t.Error("it ended without a reason")
				}
				if err := <-waiting; err == nil {
					t.Error("who waited was let through")
				}
				if n, err := io.WriteString(w, "more"); err == nil || n != 0 {
					t.Errorf("the next fragment: %d bytes, %v", n, err)
				}
				if err := w.Close(); err == nil {
					t.Error("the message could be completed")
				}
				late, err := c.NextWriter(t.Context(), frame.Text)
				if err == nil {
					err = late.Close()
				}
				if err == nil {
					t.Error("another message could be sent")
				}
			})
		})
	}
}

// A message that is complete takes no more, and no message is a control frame.
func TestWriterIsForOneMessage(t *testing.T) {
	roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
		w := begin(t, c, t.Context(), "a")
		if err := w.Last([]byte("b")); err != nil {
			t.Fatal(err)
		}
		if n, err := io.WriteString(w, "c"); err == nil || n != 0 {
			t.Errorf("Write after the last: %d bytes, %v", n, err)
		}
		if err := w.Last([]byte("c")); err == nil {
			t.Error("there were two that are the last")
		}
		if err := w.Close(); err != nil {
			t.Errorf("Close after the last: %v", err)
		}
		if err := c.Write(t.Context(), frame.Text, []byte("next")); err != nil {
			t.Error(err)
		}
		v.expect(frame.Header{Opcode: frame.Text}, "a")
		v.expect(whole(frame.Continuation), "b")
		v.expectText("next")
		for op := range frame.Opcode(16) {
			if _, err := c.NextWriter(t.Context(), op); (err == nil) != (op == frame.Text || op == frame.Binary) {
				t.Errorf("%s: %v", op, err)
			}
		}
	})
}

// What one side writes in fragments, cut anywhere, the other reads as one
// message, by every way of reading.
func TestFragmentsAreReadAsOne(t *testing.T) {
	const text = "Olá, €uro 🙂 und ein ß."
	for _, w := range wires {
		for _, role := range []Role{Server, Client} {
			for _, l := range loops {
				t.Run(fmt.Sprintf("%s/%s/%s", w.name, nameOf(role), l.name), func(t *testing.T) {
					ours, theirs := w.make(t)
					o := &Options{WriteTimeout: patience, CloseTimeout: patience}
					c, peer := New(ours, role, o, Agreed{}), New(theirs, 1-role, o, Agreed{})
					ended := make(chan error, 1)
					go func() { ended <- l.echo(peer) }()
					for size := 1; size <= len(text); size++ {
						all := []say{}
						for part := range slices.Chunk([]byte(text), size) {
							all = append(all, say{"write", string(part)}, say{"ping", "p"})
						}
						if err := speak(t.Context(), c, frame.Text, append(all, say{"close", ""})); err != nil {
							t.Fatal(err)
						}
						if op, got, err := c.Read(t.Context()); err != nil || op != frame.Text || string(got) != text {
							t.Fatalf("in pieces of %d bytes it has become %q, %v", size, got, err)
						}
					}
					if err := c.Close(frame.NormalClosure, ""); err != nil {
						t.Error(err)
					}
					wantClosed(t, <-ended, frame.NormalClosure)
				})
			}
		}
	}
}

// Close by another goroutine in the middle of its message, while a handler
// waits for its turn: the close frame is not kept back until the handler returns.
func TestCloseInAMessageThatAHandlerWaitsFor(t *testing.T) {
	roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
		begin(t, c, t.Context(), "half")
		v.expect(frame.Header{Opcode: frame.Text}, "half")
		ended, wrote := make(chan error, 1), make(chan error, 1)
		go func() {
			ended <- c.Each(t.Context(), func(op frame.Opcode, b []byte) error {
				err := c.Write(t.Context(), op, b)
				wrote <- err
				return err
			})
		}()
		v.text("x")
		synctest.Wait()
		start := time.Now()
		if err := c.Close(frame.GoingAway, "enough"); err != nil {
			t.Error(err)
		}
		if err := <-wrote; !errors.Is(err, ErrClosed) {
			t.Errorf("the handler: %v", err)
		}
		wantAfter(t, start, 0)
		v.expectClose(frame.GoingAway)
		v.close(frame.GoingAway, "")
		v.expectEnd()
		v.nc.Close()
		wantClosed(t, <-ended, frame.GoingAway)
	})
}

package wsconn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/internal/memnet"
)

// Here time is virtual: an hour passes in no time, and every deadline is met
// to the nanosecond. Connections are in memory, because a real one would
// keep the bubble from ever being idle.

// bubble runs a test with a connection and its villain.
func bubble(t *testing.T, role Role, o *Options, test func(t *testing.T, c *Conn, v *villain)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := memnet.Pipe()
		defer time.Sleep(time.Minute) // until all has come to its end
		defer theirs.Close()
		defer ours.Close()
		test(t, New(ours, role, o, Agreed{}), &villain{t: t, nc: theirs, role: 1 - role})
	})
}

func roles(t *testing.T, o *Options, test func(t *testing.T, c *Conn, v *villain)) {
	for _, role := range []Role{Server, Client} {
		t.Run(nameOf(role), func(t *testing.T) { bubble(t, role, o, test) })
	}
}

// wantAfter checks when something happened.
func wantAfter(t *testing.T, start time.Time, want time.Duration) {
	t.Helper()
	if took := time.Since(start); took != want {
		t.Errorf("it took %v, not %v", took, want)
	}
}

// wantBroken checks that a connection broke, and what of.
func wantBroken(t *testing.T, err, cause error) {
	t.Helper()
	var closed *CloseError
	if !errors.As(err, &closed) || closed.Code != frame.AbnormalClosure || !errors.Is(err, cause) {
		t.Errorf("it ended with %v, not broken by %v", err, cause)
	}
}

func TestWriteTimeout(t *testing.T) {
	roles(t, &Options{WriteTimeout: 3 * time.Second}, func(t *testing.T, c *Conn, v *villain) {
		read := make(chan error, 1)
		go func() {
			_, _, err := c.Read(t.Context())
			read <- err
		}()
		start := time.Now()
		err := c.Write(t.Context(), frame.Binary, make([]byte, 1<<20))
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write: %v", err)
		}
		wantAfter(t, start, 3*time.Second)
		wantBroken(t, <-read, os.ErrDeadlineExceeded)
		wantAfter(t, start, 3*time.Second)
		if err := c.Write(t.Context(), frame.Binary, nil); err == nil {
			t.Error("after that, a Write succeeded")
		}
		if err := c.Ping(t.Context(), nil); err == nil {
			t.Error("after that, a Ping succeeded")
		}
	})
}

// Whoever reads slowly is waited for, whoever reads next to nothing is not.
func TestSlowReaders(t *testing.T) {
	o := &Options{WriteTimeout: 10 * time.Second}
	roles(t, o, func(t *testing.T, c *Conn, v *villain) {
		message := strings.Repeat("slow but steady ", 1<<16)
		wrote := make(chan error, 1)
		start := time.Now()
		go func() { wrote <- c.Write(t.Context(), frame.Binary, []byte(message)) }()
		var got bytes.Buffer
		for got.Len() < len(message) {
			time.Sleep(9 * time.Second)
			if _, err := io.CopyN(&got, v.nc, min(memnet.Window, int64(len(message)-got.Len()))); err != nil {
				t.Fatal(err)
			}
		}
		if err := <-wrote; err != nil || time.Since(start) < time.Minute {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
	roles(t, o, func(t *testing.T, c *Conn, v *villain) {
		stop := make(chan struct{})
		defer close(stop)
		go func() {
			for b := make([]byte, 1); ; {
				select {
				case <-time.After(time.Second):
					_, _ = v.nc.Read(b)
				case <-stop:
					return
				}
			}
		}()
		start := time.Now()
		if err := c.Write(t.Context(), frame.Binary, make([]byte, 1<<20)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write: %v", err)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// A peer that sends and never reads costs two buffers, and then is cut off.
func TestPingFloodFromAPeerThatNeverReads(t *testing.T) {
	for _, l := range loops {
		roles(t, &Options{WriteTimeout: time.Second}, func(t *testing.T, c *Conn, v *villain) {
			ended := make(chan error, 1)
			go func() { ended <- l.echo(c) }()
			var flood []byte
			for range 1000 {
				flood = append(flood, v.frame(whole(frame.Ping), strings.Repeat("x", 125))...)
			}
			go func() {
				for {
					if _, err := v.nc.Write(flood); err != nil {
						return
					}
				}
			}()
			start := time.Now()
			synctest.Wait() // until nobody can go on
			c.mu.Lock()
			if c.out != nil && len(c.out.b) > 4*batch {
				t.Errorf("%d bytes are kept for a peer that does not read", len(c.out.b))
			}
			c.mu.Unlock()
			wantBroken(t, <-ended, os.ErrDeadlineExceeded)
			wantAfter(t, start, time.Second)
		})
	}
}

func TestCloseTimeout(t *testing.T) {
	o := &Options{CloseTimeout: 7 * time.Second}
	t.Run("nobody reads", func(t *testing.T) {
		roles(t, o, func(t *testing.T, c *Conn, v *villain) {
			start := time.Now()
			wantBroken(t, c.Close(frame.NormalClosure, "bye"), os.ErrDeadlineExceeded)
			wantAfter(t, start, 7*time.Second)
			v.expect(whole(frame.Close), closing(frame.NormalClosure, "bye"))
			v.expectEnd()
		})
	})
	for _, l := range loops {
		t.Run("somebody reads with "+l.name, func(t *testing.T) {
			roles(t, o, func(t *testing.T, c *Conn, v *villain) {
				ended := make(chan error, 1)
				go func() { ended <- l.echo(c) }()
				synctest.Wait()
				start := time.Now()
				if err := c.Close(frame.NormalClosure, ""); err != nil {
					t.Errorf("Close: %v", err)
				}
				wantAfter(t, start, 0)
				wantBroken(t, <-ended, os.ErrDeadlineExceeded)
				wantAfter(t, start, 7*time.Second)
			})
		})
	}
	t.Run("the peer sends on and on", func(t *testing.T) {
		roles(t, o, func(t *testing.T, c *Conn, v *villain) {
			go func() {
				for {
					if _, err := v.nc.Write(v.frame(whole(frame.Text), "and another thing")); err != nil {
						return
					}
					time.Sleep(time.Second)
				}
			}()
			start := time.Now()
			wantBroken(t, c.Close(frame.NormalClosure, ""), os.ErrDeadlineExceeded)
			wantAfter(t, start, 7*time.Second)
		})
	})
	t.Run("the peer does not read what is before", func(t *testing.T) {
		roles(t, o, func(t *testing.T, c *Conn, v *villain) {
			wrote := make(chan error, 1)
			go func() { wrote <- c.Write(t.Context(), frame.Binary, make([]byte, 1<<20)) }()
			synctest.Wait()
			if err := c.Write(t.Context(), frame.Binary, make([]byte, 1<<20)); err != nil { // and there is no room for a close frame
				t.Error(err)
			}
			start := time.Now()
			wantBroken(t, c.Close(frame.NormalClosure, ""), os.ErrDeadlineExceeded)
			wantAfter(t, start, 7*time.Second)
			if err := <-wrote; err == nil {
				t.Error("Write: no error")
			}
		})
	})
	t.Run("the peer answers at the last moment", func(t *testing.T) {
		roles(t, o, func(t *testing.T, c *Conn, v *villain) {
			closed := make(chan error, 1)
			go func() { closed <- c.Close(frame.NormalClosure, "") }()
			time.Sleep(7*time.Second - 1)
			v.close(frame.NormalClosure, "")
			v.expectClose(frame.NormalClosure)
			v.expectEnd()
			v.nc.Close()
			if err := <-closed; err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	})
}

// After the closing handshake the server ends TCP at once, and both wait for
// the other, but not for ever.
func TestLinger(t *testing.T) {
	for name, closing := range map[string]func(v *villain){
		"after a close": func(v *villain) {
			v.close(frame.NormalClosure, "")
			v.expectClose(frame.NormalClosure)
		},
		"after a breach": func(v *villain) {
			v.send(whole(3), "")
			v.expectClose(frame.ProtocolError)
		},
	} {
		roles(t, &Options{CloseTimeout: time.Hour}, func(t *testing.T, c *Conn, v *villain) {
			start := time.Now()
			ended := make(chan error, 1)
			go func() { ended <- echoEach(c) }()
			closing(v)
			synctest.Wait()
			if c.role == Server {
				v.expectEnd() // at once
				wantAfter(t, start, 0)
			}
			go func() { // what is sent now, and being kicked, makes no difference
				for range 300 {
					_, _ = v.nc.Write(make([]byte, 1000))
					c.Kick()
					time.Sleep(100 * time.Millisecond)
				}
			}()
			if err := <-ended; err == nil {
				t.Errorf("%s: no reason", name)
			}
			wantAfter(t, start, linger)
		})
	}
}

// A connection that can't be closed by half is closed by the server when
// both close frames have been exchanged, and after a breach with patience.
func TestLingerWithoutHalfClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, breach := range []bool{false, true} {
			ours, theirs := memnet.Pipe()
			c := New(halfless{ours}, Server, &Options{CloseTimeout: time.Hour}, Agreed{})
			v := &villain{t: t, nc: theirs, role: Client}
			ended := make(chan error, 1)
			go func() { ended <- echoEach(c) }()
			start, wait := time.Now(), time.Duration(0)
			if breach {
				wait = linger
				v.send(whole(3), "")
				v.expectClose(frame.ProtocolError)
			} else {
				v.close(frame.NormalClosure, "")
				v.expectClose(frame.NormalClosure)
			}
			v.expectEnd()
			wantAfter(t, start, wait)
			<-ended
		}
	})
}

// halfless has no CloseWrite.
type halfless struct{ net.Conn }

// A Read whose context ends loses nothing, wherever that happens.
func TestReadIsResumable(t *testing.T) {
	long := strings.Repeat("long ", 30_000)
	roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
		var all []byte
		all = append(all, v.frame(whole(frame.Text), "one")...)
		all = append(all, v.frame(frame.Header{Opcode: frame.Text}, "t")...)
		all = append(all, v.frame(whole(frame.Ping), "ping")...)
		all = append(all, v.frame(frame.Header{}, "w€")...)
		all = append(all, v.frame(frame.Header{Fin: true}, "o")...)
		all = append(all, v.frame(whole(frame.Binary), long)...)
		all = append(all, v.frame(whole(frame.Text), "")...)
		all = append(all, v.frame(whole(frame.Close), closing(4000, "end"))...)
		var got []string
		for len(all) > 0 {
			n := min(len(all), 1)
			if len(all) > 1000 && len(got) == 2 {
				n = min(len(all)-900, 1000)
			}
			v.write(all[:n])
			all = all[n:]
			for {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				_, message, err := c.Read(ctx)
				cancel()
				if err == nil {
					got = append(got, string(message))
					continue
				}
				if !errors.Is(err, context.DeadlineExceeded) {
					wantClosed(t, err, 4000)
				}
				break
			}
		}
		if want := []string{"one", "tw€o", long, ""}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("read %d messages: %.100q", len(got), got)
		}
		v.expect(whole(frame.Pong), "ping")
		v.expectClose(4000)
	})
}

// What a Read or a NextReader has begun can be continued by each of the
// others.
func TestReadersChange(t *testing.T) {
	begin := map[string]func(c *Conn, ctx context.Context) error{
		"Read": func(c *Conn, ctx context.Context) error {
			_, _, err := c.Read(ctx)
			return err
		},
		"nothing": func(c *Conn, ctx context.Context) error { return context.DeadlineExceeded },
	}
	goOn := map[string]func(c *Conn) (string, error){
		"Read": func(c *Conn) (string, error) {
			_, b, err := c.Read(context.Background())
			return string(b), err
		},
		"NextReader": func(c *Conn) (string, error) {
			_, r, err := c.NextReader(context.Background())
			if err != nil {
				return "", err
			}
			b, err := io.ReadAll(r)
			return string(b), err
		},
		"Each": func(c *Conn) (got string, err error) {
			stop := errors.New("enough")
			err = c.Each(context.Background(), func(_ frame.Opcode, b []byte) error {
				got = string(b)
				return stop
			})
			if errors.Is(err, stop) {
				err = nil
			}
			return got, err
		},
	}
	long := strings.Repeat("x", 100_000)
	for first, begun := range begin {
		for then, continued := range goOn {
			for _, parts := range [][3]string{{"", "a", "b"}, {"a", "", "b"}, {"a", "b", ""}, {long, "b", "c"}, {"a", long, "c"}, {"a", "b", long}} {
				roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
					var all []byte
					for i, part := range parts {
						op := frame.Continuation
						if i == 0 {
							op = frame.Text
						}
						all = append(all, v.frame(frame.Header{Opcode: op, Fin: i == 2}, part)...)
					}
					for first != "nothing" && len(all) > 1 {
						n := min(len(all)-1, 10_000)
						v.write(all[:n])
						all = all[n:]
						ctx, cancel := context.WithTimeout(t.Context(), time.Second)
						if err := begun(c, ctx); !errors.Is(err, context.DeadlineExceeded) {
							t.Fatalf("%s: %v", first, err)
						}
						cancel()
					}
					go v.write(all)
					if got, err := continued(c); err != nil || got != strings.Join(parts[:], "") {
						t.Errorf("%s, then %s: read %d bytes, %v", first, then, len(got), err)
					}
					if then == "Each" {
						return
					}
					go v.text("the next")
					if got, err := continued(c); err != nil || got != "the next" {
						t.Errorf("%s, then %s: read %.20q, %v", first, then, got, err)
					}
				})
			}
		}
	}
}

// A NextReader that waits for a whole compressed message is resumable too;
// see deflate_test.go for that.

func TestAbandonedStreams(t *testing.T) {
	for name, next := range map[string]func(c *Conn) (string, error){
		"Read": func(c *Conn) (string, error) {
			_, b, err := c.Read(context.Background())
			return string(b), err
		},
		"NextReader": func(c *Conn) (string, error) {
			_, r, err := c.NextReader(context.Background())
			if err != nil {
				return "", err
			}
			b, err := io.ReadAll(r)
			return string(b), err
		},
	} {
		roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
			go func() {
				for i := range 4 {
					v.send(frame.Header{Opcode: frame.Text}, strings.Repeat("begun ", 10_000))
					v.send(whole(frame.Ping), "")
					v.send(frame.Header{Fin: true}, strings.Repeat("ended ", 10_000))
					v.text(fmt.Sprint(i))
				}
			}()
			for i := range 4 {
				_, r, err := c.NextReader(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.CopyN(io.Discard, r, int64(i*30_000)); err != nil {
					t.Fatal(err)
				}
				if got, err := next(c); err != nil || got != fmt.Sprint(i) {
					t.Fatalf("%s: after %d bytes of the message before: %.20q, %v", name, i*30_000, got, err)
				}
				if n, err := r.Read(make([]byte, 10)); n > 0 || err == nil || err == io.EOF {
					t.Errorf("an abandoned stream: %d bytes, %v", n, err)
				}
			}
		})
	}
}

// The rest of an abandoned message is thrown away also when that takes
// several calls.
func TestThrowingAwayIsResumable(t *testing.T) {
	roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
		v.send(frame.Header{Opcode: frame.Text}, "begun")
		if _, _, err := c.NextReader(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"a", "b", "c"} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if _, _, err := c.NextReader(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("NextReader: %v", err)
			}
			cancel()
			v.send(frame.Header{}, part)
		}
		v.send(frame.Header{Fin: true}, "ended")
		v.text("next")
		if _, b, err := c.Read(t.Context()); err != nil || string(b) != "next" {
			t.Errorf("read %q, %v", b, err)
		}
	})
}

func TestWriteContext(t *testing.T) {
	long := make([]byte, 1<<20)
	t.Run("ended before", func(t *testing.T) {
		roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := c.Write(ctx, frame.Text, []byte("no")); !errors.Is(err, context.Canceled) {
				t.Errorf("Write: %v", err)
			}
			if err := c.Ping(ctx, nil); !errors.Is(err, context.Canceled) {
				t.Errorf("Ping: %v", err)
			}
			if err := c.Write(t.Context(), frame.Text, []byte("yes")); err != nil {
				t.Errorf("Write: %v", err)
			}
			v.expectText("yes")
		})
	})
	t.Run("ends in the middle", func(t *testing.T) {
		roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
			start := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			read := make(chan error, 1)
			go func() {
				_, _, err := c.Read(t.Context())
				read <- err
			}()
			if err := c.Write(ctx, frame.Binary, long); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Write: %v", err)
			}
			wantAfter(t, start, time.Second)
			wantBroken(t, <-read, context.DeadlineExceeded)
			if err := c.Write(t.Context(), frame.Text, nil); err == nil {
				t.Error("a message was written into another")
			}
		})
	})
	t.Run("ends while another writes", func(t *testing.T) {
		roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
			first, second := make(chan error, 1), make(chan error, 1)
			go func() { first <- c.Write(t.Context(), frame.Binary, long) }()
			synctest.Wait()
			go func() { second <- c.Write(t.Context(), frame.Binary, long) }() // fills what is gathered
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if err := c.Write(ctx, frame.Text, []byte("never sent")); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Write: %v", err)
			}
			v.expect(whole(frame.Binary), string(long))
			v.expect(whole(frame.Binary), string(long))
			if err := errors.Join(<-first, <-second); err != nil {
				t.Error(err)
			}
			if err := c.Write(t.Context(), frame.Text, []byte("last")); err != nil {
				t.Error(err)
			}
			v.expectText("last")
		})
	})
	t.Run("is not that of what others append", func(t *testing.T) {
		roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			wrote := make(chan error, 1)
			go func() { wrote <- c.Write(ctx, frame.Binary, make([]byte, memnet.Window)) }()
			synctest.Wait()
			if err := c.Write(t.Context(), frame.Binary, long); err != nil { // the other one takes it along
				t.Error(err)
			}
			v.expect(whole(frame.Binary), string(make([]byte, memnet.Window)))
			if err := <-wrote; err != nil {
				t.Error(err)
			}
			time.Sleep(2 * time.Second)
			v.expect(whole(frame.Binary), string(long))
		})
	})
}

// Nobody writes for others for ever: whoever has written his own is done,
// though others bring more all the time.
func TestWritersAreNotKept(t *testing.T) {
	roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
		go func() {
			for {
				time.Sleep(time.Second)
				if _, _, err := v.tryNext(); err != nil {
					return
				}
			}
		}()
		go func() {
			for c.Write(t.Context(), frame.Binary, make([]byte, memnet.Window)) == nil {
			}
		}()
		time.Sleep(10 * time.Second)
		start := time.Now()
		if err := c.Write(t.Context(), frame.Text, []byte("short")); err != nil || time.Since(start) > 10*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		c.nc.Close()
		v.nc.Close()
	})
}

func TestEachContext(t *testing.T) {
	echo := func(c *Conn) Handler {
		return func(op frame.Opcode, b []byte) error { return c.Write(context.Background(), op, b) }
	}
	t.Run("ends while idle", func(t *testing.T) {
		roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			start := time.Now()
			ended := make(chan error, 1)
			go func() { ended <- c.Each(ctx, echo(c)) }()
			v.text("hello")
			v.expectText("hello")
			v.expectClose(frame.GoingAway)
			wantAfter(t, start, time.Minute)
			v.expectEnd()
			v.nc.Close()
			if err := <-ended; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Each: %v", err)
			}
		})
	})
	t.Run("ended before", func(t *testing.T) {
		roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			ended := make(chan error, 1)
			go func() { ended <- c.Each(ctx, echo(c)) }()
			v.expectClose(frame.GoingAway)
			v.expectEnd()
			v.nc.Close()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("Each: %v", err)
			}
		})
	})
	t.Run("ends while a handler works, and is kicked", func(t *testing.T) {
		roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			ended := make(chan error, 1)
			go func() {
				ended <- c.Each(ctx, func(op frame.Opcode, b []byte) error {
					time.Sleep(2 * time.Minute)
					return c.Write(t.Context(), op, b)
				})
			}()
			v.text("hello")
			for range 100 {
				c.Kick()
				time.Sleep(2 * time.Second)
			}
			v.expectText("hello")
			v.expectClose(frame.GoingAway)
			v.expectEnd()
			v.nc.Close()
			if err := <-ended; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Each: %v", err)
			}
		})
	})
}

// A kick does nothing to a connection that is alive, however it is read.
func TestKick(t *testing.T) {
	for _, l := range loops {
		roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
			ended := make(chan error, 1)
			go func() { ended <- l.echo(c) }()
			for i := range 10 {
				for range i {
					c.Kick()
					c.Kick()
				}
				time.Sleep(time.Second)
				v.text(fmt.Sprint(i))
				c.Kick()
				v.expectText(fmt.Sprint(i))
			}
			v.goodbye()
			v.nc.Close()
			wantClosed(t, <-ended, frame.NormalClosure)
		})
	}
}

package wsconn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"websocket.example/03-raw-server/frame"
)

// serving has a connection echo, and returns where its end will be told.
func serving(c *Conn) chan error {
	ended := make(chan error, 2) // it is told once
	c.Serve(func(op frame.Opcode, message []byte) error {
		return c.Write(context.Background(), op, message)
	}, func(err error) { ended <- err })
	return ended
}

// until waits for what another goroutine is about to do.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for late := time.Now().Add(patience); !is(); runtime.Gosched() {
		if time.Now().After(late) {
			t.Fatalf("it never happens that %s", what)
		}
	}
}

// sleeps are connections without a goroutine, where the system allows that.
func sleeps(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("connections keep their goroutines here")
	}
}

func (c *Conn) fallsAsleep(t *testing.T) {
	t.Helper()
	until(t, "the connection falls asleep", c.isAsleep)
}

func TestServeWithoutGoroutines(t *testing.T) {
	sleeps(t)
	const conns = 100
	before := runtime.NumGoroutine()
	var villains []*villain
	var ends []chan error
	var served []*Conn
	for range conns {
		c, v := against(t, wires[0], Server, nil, Agreed{})
		ends = append(ends, serving(c))
		served, villains = append(served, c), append(villains, v)
	}
	for round := range 3 {
		for i, v := range villains {
			v.text(fmt.Sprint(round, i))
			v.expectText(fmt.Sprint(round, i))
		}
		for _, c := range served {
			c.Kick() // it may have been quick enough to count as lively
			c.fallsAsleep(t)
		}
		until(t, "only the poller's goroutine is left", func() bool { return runtime.NumGoroutine() <= before+1 })
	}
	for i, v := range villains {
		v.close(frame.NormalClosure, "")
		v.expectClose(frame.NormalClosure)
		v.expectEnd()
		v.leave()
		wantClosed(t, <-ends[i], frame.NormalClosure)
	}
	until(t, "the poller's goroutine ends", func() bool { return runtime.NumGoroutine() <= before })
}

// Who says something twice within a second keeps the goroutine, and who is
// kicked loses it.
func TestServeLively(t *testing.T) {
	sleeps(t)
	c, v := against(t, wires[0], Server, &Options{Kicked: true}, Agreed{})
	ended := serving(c)
	for i := range 50 {
		v.text("hello")
		v.expectText("hello")
		if i > 0 && i%10 == 0 {
			c.Kick()
			c.Kick()
			if i%20 == 0 {
				c.fallsAsleep(t)
			}
		}
	}
	v.close(frame.NormalClosure, "")
	v.expectClose(frame.NormalClosure)
	v.expectEnd()
	v.leave()
	wantClosed(t, <-ended, frame.NormalClosure)
}

// However a connection ends while it is asleep, that is told, and once.
func TestServeEndsAsleep(t *testing.T) {
	sleeps(t)
	broken := func(cause error) func(*testing.T, error) {
		return func(t *testing.T, err error) { t.Helper(); wantBroken(t, err, cause) }
	}
	closed := func(code frame.CloseCode) func(*testing.T, error) {
		return func(t *testing.T, err error) { t.Helper(); wantClosed(t, err, code) }
	}
	for _, test := range []struct {
		name string
		end  func(*testing.T, *Conn, *villain)
		want func(*testing.T, error)
	}{
		{"a close frame", func(_ *testing.T, _ *Conn, v *villain) {
			v.close(4000, "")
			v.expectClose(4000)
			v.leave()
		}, closed(4000)},
		{"the stream ends", func(_ *testing.T, _ *Conn, v *villain) { v.leave() }, broken(io.ErrUnexpectedEOF)},
		{"a reset", func(t *testing.T, _ *Conn, v *villain) {
			if err := v.nc.(*net.TCPConn).SetLinger(0); err != nil {
				t.Fatal(err)
			}
			v.leave()
		}, broken(syscall.ECONNRESET)},
		{"a last message and the end", func(_ *testing.T, _ *Conn, v *villain) {
			v.text("the last")
			v.leave()
		}, func(t *testing.T, err error) { // the answer may meet a reset
			t.Helper()
			if closed, is := errors.AsType[*CloseError](err); !is || closed.Code != frame.AbnormalClosure {
				t.Errorf("it ended with %v", err)
			}
		}},
		{"half a header and the end", func(_ *testing.T, _ *Conn, v *villain) {
			v.write([]byte{0x81})
			v.leave()
		}, broken(io.ErrUnexpectedEOF)},
		{"Abort", func(_ *testing.T, c *Conn, _ *villain) { c.Abort() }, broken(net.ErrClosed)},
		{"Close, answered", func(t *testing.T, c *Conn, v *villain) {
			if err := c.Close(frame.GoingAway, "bye"); err != nil {
				t.Error(err)
			}
			v.expectClose(frame.GoingAway)
			v.text("what was on its way")
			v.close(frame.GoingAway, "")
			v.expectEnd()
			v.leave()
		}, closed(frame.GoingAway)},
		{"Close, unanswered", func(t *testing.T, c *Conn, v *villain) {
			if err := c.Close(frame.GoingAway, "bye"); err != nil {
				t.Error(err)
			}
		}, broken(errUnanswered)},
		{"a write that fails", func(_ *testing.T, c *Conn, _ *villain) {
			c.opts.WriteTimeout = 50 * time.Millisecond
			for c.Write(context.Background(), frame.Binary, make([]byte, 1<<20)) == nil {
			}
		}, broken(os.ErrDeadlineExceeded)},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, v := against(t, wires[0], Server, &Options{Kicked: true, WriteTimeout: patience, CloseTimeout: time.Second}, Agreed{})
			ended := serving(c)
			if !c.isAsleep() {
				t.Fatal("it does not begin asleep")
			}
			test.end(t, c, v)
			test.want(t, <-ended)
			select {
			case err := <-ended:
				t.Errorf("it ended twice, and then with %v", err)
			default:
			}
		})
	}
}

// Messages of any size and in any pieces find a goroutine, again and again,
// while others write, kick and look.
func TestServeWakes(t *testing.T) {
	sleeps(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			c, v := against(t, wires[0], Server, &Options{Kicked: true, WriteTimeout: patience}, Agreed{})
			v.chop = []int{0, 1, 7, 4096}[i%4]
			v.pump()
			ended := serving(c)
			stop := make(chan struct{})
			var others sync.WaitGroup
			others.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						c.Kick()
						runtime.Gosched()
					}
				}
			})
			for n := range 30 {
				size := []int{0, 5, 125, 200, 5000, 70000}[n%6]
				if v.chop == 1 {
					size = min(size, 200)
				}
				text := strings.Repeat("x", size)
				v.text(text)
				v.expectText(text)
				if n%7 == 0 {
					c.fallsAsleep(t)
				}
			}
			close(stop)
			others.Wait()
			v.close(frame.NormalClosure, "")
			v.expectClose(frame.NormalClosure)
			v.leave()
			wantClosed(t, <-ended, frame.NormalClosure)
		})
	}
	all.Wait()
}

// Descriptors are used again at once: nobody hears of another's bytes or end.
func TestServeReusedDescriptors(t *testing.T) {
	sleeps(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 100 {
				c, v := against(t, wires[0], Server, &Options{Kicked: true}, Agreed{})
				ended := serving(c)
				text := fmt.Sprint(i, n)
				v.text(text)
				v.expectText(text)
				switch n % 3 {
				case 0:
					c.Abort()
				case 1:
					v.leave()
				case 2:
					v.close(frame.NormalClosure, "")
					v.expectClose(frame.NormalClosure)
					v.leave()
				}
				<-ended
				v.leave()
			}
		})
	}
	all.Wait()
}

// Whoever is given the connection by its handler's maker may close it before
// Serve has begun.
func TestCloseWhileServeBegins(t *testing.T) {
	for range 50 {
		c, v := against(t, wires[0], Server, nil, Agreed{})
		closed := make(chan error, 1)
		go func() { closed <- c.Close(frame.TryAgainLater, "full") }()
		ended := serving(c)
		v.expectClose(frame.TryAgainLater)
		v.close(frame.TryAgainLater, "")
		v.leave()
		if err := <-closed; err != nil {
			t.Fatal(err)
		}
		wantClosed(t, <-ended, frame.TryAgainLater)
	}
}

package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/internal/memnet"
	"websocket.example/03-raw-server/wsconn"
)

// bubble runs a test in virtual time.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		defer time.Sleep(time.Minute) // until all has come to its end
		test(t)
	})
}

// wantAfter checks when something happened, give or take a sweep.
func wantAfter(t *testing.T, start time.Time, want, sweep time.Duration) {
	t.Helper()
	if took := time.Since(start); took < want || took > want+2*sweep {
		t.Errorf("it took %v, not %v", took, want)
	}
}

// A silent client is asked, and cut off when it does not answer.
func TestPingAndIdle(t *testing.T) {
	for _, c := range []struct{ ping, idle, sweep time.Duration }{
		{0, 0, time.Second},
		{time.Minute, 5 * time.Minute, time.Second},
		{time.Second, 3 * time.Second, time.Second},
		{100 * time.Millisecond, time.Second, 100 * time.Millisecond},
		{time.Hour, 24 * time.Hour, time.Second},
	} {
		t.Run(fmt.Sprintf("%v/%v", c.ping, c.idle), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := inMemory(t, &Server{Ping: c.ping, Idle: c.idle})
				defer s.stop()
				ping, idle := c.ping, c.idle
				if ping == 0 {
					ping, idle = 30*time.Second, 2*time.Minute
				}
				client := s.raw()
				start := time.Now()
				for range 5 { // who answers is left alone
					client.expect(frame.Ping, "")
					wantAfter(t, start, ping, c.sweep)
					start = time.Now()
					client.send(frame.Pong, "")
				}
				for {
					op, payload, err := client.next()
					if op == frame.Ping {
						continue
					}
					if want := "\x03\xe9nothing came for too long"; op != frame.Close || payload != want {
						t.Errorf("got %s %q %v", op, payload, err)
					}
					break
				}
				wantAfter(t, start, idle, c.sweep)
				start = time.Now()
				if _, _, err := client.next(); !errors.Is(err, io.EOF) {
					t.Errorf("the stream ends with %v", err)
				}
				wantAfter(t, start, 5*time.Second, 0) // the close timeout
				synctest.Wait()
				if reasons := s.reasons(); len(reasons) != 1 {
					t.Errorf("Ended was told %v", reasons)
				} else {
					wantClosed(t, reasons[0], frame.AbnormalClosure)
				}
			})
		})
	}
}

// Any number will do, also one that makes no sense.
func TestSmallPingAndIdle(t *testing.T) {
	for _, d := range []time.Duration{-1, 1, time.Millisecond, 11 * time.Millisecond} {
		bubble(t, func(t *testing.T) {
			s := inMemory(t, &Server{Ping: d, Idle: time.Hour})
			defer s.stop()
			client := s.raw()
			client.expect(frame.Ping, "")
			client.nc.Close()
		})
		bubble(t, func(t *testing.T) {
			s := inMemory(t, &Server{Ping: time.Hour, Idle: d})
			defer s.stop()
			client := s.raw()
			client.expectClose(frame.GoingAway)
			client.nc.Close()
		})
	}
}

// Whoever sends is not idle: not even in the middle of a long message, nor
// with a client that does not answer pings but talks.
func TestTheBusyAreNotIdle(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inMemory(t, &Server{Ping: 30 * time.Second, Idle: 90 * time.Second})
		defer s.stop()
		client := s.raw()
		const parts = 20
		header := frame.Header{Fin: true, Opcode: frame.Binary, Masked: true, Length: parts * 70_000}
		if _, err := client.nc.Write(frame.Append(nil, header)); err != nil {
			t.Fatal(err)
		}
		for range parts {
			time.Sleep(time.Minute)
			if _, err := client.nc.Write(make([]byte, 70_000)); err != nil {
				t.Fatal(err)
			}
		}
		for {
			op, payload, err := client.next()
			if err != nil {
				t.Fatal(err)
			}
			if op == frame.Binary {
				if len(payload) != parts*70_000 {
					t.Errorf("%d bytes came back", len(payload))
				}
				break
			}
		}
		client.nc.Close()
	})
}

// A client that sends a byte now and then, within a frame, is cut off.
func TestTrickle(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inMemory(t, &Server{})
		defer s.stop()
		client := s.raw()
		start := time.Now()
		go func() {
			header := frame.Header{Fin: true, Opcode: frame.Binary, Masked: true, Length: 1 << 20}
			_, _ = client.nc.Write(frame.Append(nil, header)) // if it fails, so does what follows
			for {
				if _, err := client.nc.Write([]byte{1}); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		for {
			if op, _, err := client.next(); err != nil || op == frame.Close {
				break
			}
		}
		wantAfter(t, start, 2*time.Minute, time.Second)
		client.nc.Close()
	})
}

// A client that never reads is cut off also by what it is sent unasked.
func TestClientThatNeverReads(t *testing.T) {
	bubble(t, func(t *testing.T) {
		conns := make(chan *wsconn.Conn, 1)
		s := inMemory(t, &Server{Handler: func(c *wsconn.Conn, h *handshake.Handshake) wsconn.Handler {
			conns <- c
			return echo(c, h)
		}})
		client := s.raw()
		c := <-conns
		start := time.Now()
		for {
			if err := c.Write(t.Context(), frame.Text, make([]byte, 1000)); err != nil {
				break
			}
		}
		wantAfter(t, start, 10*time.Second, 0)
		s.stop()
		client.nc.Close()
	})
}

// A handshake that is not complete in time is given up.
func TestHandshakeTimeout(t *testing.T) {
	for _, page := range []bool{false, true} {
		for name, talk := range map[string]func(nc net.Conn){
			"silence": func(net.Conn) {},
			"a byte a second": func(nc net.Conn) {
				for _, b := range []byte("GET / HTTP/1.1\r\nHost: memory\r\nUpgrade: websocket\r\n") {
					if _, err := nc.Write([]byte{b}); err != nil {
						return
					}
					time.Sleep(time.Second)
				}
			},
		} {
			t.Run(fmt.Sprintf("%s/%v", name, page), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					server := &Server{Handshake: handshake.Options{Timeout: 7 * time.Second}}
					limit := 7 * time.Second
					if page {
						server.Plain = notFound
						limit = 17 * time.Second // it has time to say which of the two it is
					}
					s := inMemory(t, server)
					defer s.stop()
					nc, err := s.dial(t.Context(), "", "")
					if err != nil {
						t.Fatal(err)
					}
					start := time.Now()
					go talk(nc)
					answer, _ := io.ReadAll(nc) // however it ends, it ends
					if took := time.Since(start); took < limit-10*time.Second || took > limit+time.Second {
						t.Errorf("it took %v", took)
					}
					if len(answer) > 0 && !strings.HasPrefix(string(answer), "HTTP/1.1 4") {
						t.Errorf("it was answered %.100q", answer)
					}
					nc.Close()
					time.Sleep(time.Minute)
				})
			})
		}
	}
}

func TestMaxConns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inMemory(t, &Server{MaxConns: 2})
		defer s.stop()
		first, second := s.raw(), s.raw()
		for range 3 {
			_, err := s.tryClient(nil)
			refused, is := errors.AsType[*handshake.RefusedError](err)
			if !is || refused.Response.Status != 503 || refused.Response.Header.Get("Retry-After") == "" {
				t.Errorf("the third: %v", err)
			}
		}
		first.nc.Close()
		synctest.Wait()
		third := s.raw() // there is a place again
		for _, c := range []*rawClient{second, third} {
			c.send(frame.Text, "hello")
			c.expect(frame.Text, "hello")
			c.nc.Close()
		}
	})
}

// Those who are too many cost little, and nothing when they are very many.
func TestFloodOfConnections(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := inMemory(t, &Server{MaxConns: 1})
		only := s.raw()
		var all []net.Conn
		for range 10 * maxRefused {
			nc, err := s.dial(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, nc)
		}
		synctest.Wait()
		s.Server.mu.Lock()
		if n := len(s.refused); n != maxRefused {
			t.Errorf("%d are being refused", n)
		}
		s.Server.mu.Unlock()
		for _, nc := range all[maxRefused:] {
			if _, err := nc.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Fatalf("one of too many reads: %v", err)
			}
		}
		time.Sleep(10 * time.Second)
		s.Server.mu.Lock()
		if n := len(s.refused); n != 0 {
			t.Errorf("%d are still being refused", n)
		}
		s.Server.mu.Unlock()
		only.send(frame.Text, "still here")
		only.expect(frame.Text, "still here")
		only.nc.Close()
		s.stop()
		for _, nc := range all {
			nc.Close()
		}
	})
}

func TestShutdown(t *testing.T) {
	t.Run("clients that answer", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			s := inMemory(t, &Server{})
			const clients = 10
			ended := make(chan error, clients)
			for range clients {
				c := s.client(nil)
				go func() {
					_, _, err := c.Read(context.Background())
					ended <- err
				}()
			}
			synctest.Wait()
			start := time.Now()
			s.stop()
			wantAfter(t, start, 0, 0)
			for range clients {
				wantClosed(t, <-ended, frame.GoingAway)
			}
			reasons := s.reasons()
			if len(reasons) != clients {
				t.Errorf("Ended was told of %d", len(reasons))
			}
			for _, err := range reasons {
				wantClosed(t, err, frame.GoingAway)
			}
		})
	})
	t.Run("and Ended is slow", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			s := inMemory(t, &Server{Ended: func(*wsconn.Conn, error) { time.Sleep(time.Second) }})
			client := s.raw()
			synctest.Wait()
			client.nc.Close()
			s.stop()
			if n := len(s.reasons()); n != 1 {
				t.Errorf("Shutdown came back before Ended did (%d)", n)
			}
		})
	})
	t.Run("one that does not", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			s := inMemory(t, &Server{})
			client := s.raw()
			synctest.Wait()
			start := time.Now()
			s.stop()
			wantAfter(t, start, 5*time.Second, 0)
			client.expectClose(frame.GoingAway)
			client.nc.Close()
		})
	})
	t.Run("with a deadline", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			s := inMemory(t, &Server{})
			client := s.raw()
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			start := time.Now()
			if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Shutdown: %v", err)
			}
			wantAfter(t, start, time.Second, 0)
			client.expectClose(frame.GoingAway)
			if _, _, err := client.next(); !errors.Is(err, io.EOF) {
				t.Errorf("the stream ends with %v", err)
			}
			wantAfter(t, start, time.Second, 0)
			s.wantServed()
			client.nc.Close()
			if err := s.Shutdown(t.Context()); err != nil { // now there is nobody left
				t.Errorf("Shutdown again: %v", err)
			}
		})
	})
	t.Run("while a handler is stuck", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			stuck := make(chan bool)
			s := inMemory(t, &Server{Handler: func(*wsconn.Conn, *handshake.Handshake) wsconn.Handler {
				return func(frame.Opcode, []byte) error {
					<-stuck
					return nil
				}
			}})
			client := s.raw()
			client.send(frame.Text, "x")
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			start := time.Now()
			if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Shutdown: %v", err)
			}
			wantAfter(t, start, time.Second, 0)
			close(stuck)
			s.wantServed()
			if err := s.Shutdown(t.Context()); err != nil {
				t.Errorf("Shutdown again: %v", err)
			}
			client.nc.Close()
		})
	})
	t.Run("twice at once", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			s := inMemory(t, &Server{})
			client := s.raw()
			synctest.Wait()
			again := make(chan error)
			for range 3 {
				go func() { again <- s.Shutdown(context.Background()) }()
			}
			client.expectClose(frame.GoingAway)
			client.send(frame.Close, "\x03\xe9")
			for range 3 {
				if err := <-again; err != nil {
					t.Errorf("Shutdown: %v", err)
				}
			}
			s.wantServed()
			client.nc.Close()
		})
	})
	t.Run("before anything", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			s := &Server{Handler: echo}
			if err := s.Shutdown(t.Context()); err != nil {
				t.Errorf("Shutdown: %v", err)
			}
			l := memnet.Listen()
			if err := s.Serve(l); !errors.Is(err, ErrClosed) {
				t.Errorf("Serve: %v", err)
			}
			if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
				t.Error("the listener is still open")
			}
		})
	})
	t.Run("during handshakes", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			s := inMemory(t, &Server{MaxConns: 1, Plain: notFound})
			half, err := s.dial(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			tooMany, err := s.dial(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := half.Write([]byte("GET / HTTP/1.1\r\n")); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			start := time.Now()
			s.stop()
			wantAfter(t, start, 0, 0)
			for _, nc := range []net.Conn{half, tooMany} {
				if b, err := io.ReadAll(nc); len(b) > 0 {
					t.Errorf("read %q, %v", b, err)
				}
				nc.Close()
			}
		})
	})
	t.Run("between a handshake and its connection", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			slow := make(chan bool)
			s := inMemory(t, &Server{Handler: func(c *wsconn.Conn, h *handshake.Handshake) wsconn.Handler {
				<-slow
				return echo(c, h)
			}})
			client := s.raw()
			synctest.Wait()
			down := make(chan error)
			go func() { down <- s.Shutdown(context.Background()) }()
			synctest.Wait()
			slow <- true
			client.expectClose(frame.GoingAway)
			client.send(frame.Close, "\x03\xe9")
			client.nc.Close()
			if err := <-down; err != nil {
				t.Errorf("Shutdown: %v", err)
			}
			s.wantServed()
			for _, err := range s.reasons() {
				wantClosed(t, err, frame.GoingAway)
			}
		})
	})
}

// A listener that has trouble is asked again; one that fails is left.
func TestAcceptErrors(t *testing.T) {
	bubble(t, func(t *testing.T) {
		l := &troubled{Listener: memnet.Listen(), errs: []error{errTimeout{}, errTooMany, errTimeout{}}}
		s := start(t, &Server{}, l)
		s.dial = l.Dial
		client := s.raw()
		client.send(frame.Text, "after all")
		client.expect(frame.Text, "after all")
		client.nc.Close()
		s.stop()
	})
	bubble(t, func(t *testing.T) {
		broken := errors.New("broken")
		s := start(t, &Server{}, &troubled{Listener: memnet.Listen(), errs: []error{broken}})
		if err := <-s.served; !errors.Is(err, broken) {
			t.Errorf("Serve: %v", err)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

// Who decides sees the connection, and is told of one that was not made.
func TestDecide(t *testing.T) {
	bubble(t, func(t *testing.T) {
		decided, unmade := make(chan net.Conn, 1), make(chan net.Conn, 1)
		status := 0
		var made net.Conn
		s := inMemory(t, &Server{
			Decide: func(_ context.Context, nc net.Conn, h *handshake.Handshake) *handshake.Refusal {
				decided <- nc
				time.Sleep(time.Second)
				switch h.Request.Target {
				case "/gone":
					nc.Close()
				case "/no":
					return &handshake.Refusal{Status: 418}
				}
				return nil
			},
			Unmade: func(nc net.Conn) { unmade <- nc },
			Handler: func(c *wsconn.Conn, h *handshake.Handshake) wsconn.Handler {
				status, made = h.Response.Status, c.NetConn()
				return echo(c, h)
			},
		})
		defer s.stop()

		client := s.client(nil)
		synctest.Wait() // the client has the 101 before the handler is asked
		if nc := <-decided; nc != made || status != 101 {
			t.Errorf("the connection is another, or the status %d", status)
		}
		go client.Read(t.Context()) //nolint:errcheck // to answer the close frame

		for target, want := range map[string]bool{"/gone": true, "/no": false} {
			nc, err := s.dial(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(nc, "GET %s HTTP/1.1\r\nHost: memory\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
				"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", target)
			mine := <-decided
			time.Sleep(5 * time.Second)
			nc.Close()
			select {
			case nc := <-unmade:
				if !want || nc != mine {
					t.Errorf("%s: told of %v", target, nc)
				}
			default:
				if want {
					t.Errorf("%s: nobody was told", target)
				}
			}
		}
	})
}

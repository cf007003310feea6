package web

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/narrate"
	"websocket.example/03-raw-server/wsconn"
)

// The page is told of both frames of an echo, to the bit.
func TestThePageIsToldOfFrames(t *testing.T) {
	everywhere(t, Options{}, func(t *testing.T, base string) {
		page := dial(t, base, "/page")
		hello := next(t, page)
		if hello.Type != "hello" || hello.ID == "" {
			t.Fatalf("%+v", hello)
		}
		c := dial(t, base, "/echo?compress=off&page="+hello.ID)
		if opened := next(t, page); opened.Type != "opened" || opened.Agreed != "" {
			t.Fatalf("%+v", opened)
		}
		send(t, c, "Hello")
		if got := receive(t, c); got != "Hello" {
			t.Errorf("the echo is %q", got)
		}
		in, out := next(t, page), next(t, page)
		if !in.FromClient || !strings.HasPrefix(in.Header, "8185") || in.Header[4:] != in.Key || len(in.Key) != 8 ||
			in.Payload != "48656c6c6f" || in.Length != 5 || in.Opcode != "text" || in.Kind != "text" {
			t.Errorf("the client's frame is told as %+v", in)
		}
		if out.FromClient || out.Header != "8105" || out.Key != "" || out.Payload != "48656c6c6f" {
			t.Errorf("the server's frame is told as %+v", out)
		}
		if err := c.Close(4321, "tchau"); err != nil {
			t.Error(err)
		}
		if closing := next(t, page); closing.Close == nil || closing.Close.Code != 4321 || closing.Close.Reason != "tchau" {
			t.Errorf("the close is told as %+v", closing)
		}
		until(t, page, "ended")
	})
}

// With compression the page is told both the bytes and what they stand for.
func TestCompression(t *testing.T) {
	everywhere(t, Options{}, func(t *testing.T, base string) {
		page := dial(t, base, "/page")
		c := dial(t, base, "/echo?page="+next(t, page).ID)
		if opened := next(t, page); !strings.HasPrefix(opened.Agreed, "permessage-deflate") {
			t.Fatalf("%+v", opened)
		}
		text := strings.Repeat("0123456789", 100)
		for range 2 { // the second refers to the first
			send(t, c, text)
			if got := receive(t, c); got != text {
				t.Errorf("the echo is %q", got)
			}
			for range 2 {
				if f := next(t, page); !f.Compressed || f.Length >= 1000 || f.Inflated == nil || f.Inflated.Length != 1000 ||
					!strings.HasPrefix(f.Inflated.Payload, "303132") {
					t.Errorf("%+v", f)
				}
			}
		}
	})
}

func TestWithoutCompression(t *testing.T) {
	everywhere(t, Options{NoCompression: true}, func(t *testing.T, base string) {
		page := dial(t, base, "/page")
		dial(t, base, "/echo?page="+next(t, page).ID)
		if opened := next(t, page); opened.Agreed != "" {
			t.Errorf("%+v", opened)
		}
	})
}

// What a page wishes for happens on the connection it looks at.
func TestWishes(t *testing.T) {
	everywhere(t, Options{}, func(t *testing.T, base string) {
		page := dial(t, base, "/page")
		id := next(t, page).ID
		send(t, page, `{"do":"ping"}`)
		if m := next(t, page); m.Type != "refused" || m.Why != "closed" {
			t.Errorf("a ping to nobody: %+v", m)
		}
		c := dial(t, base, "/echo?compress=off&page="+id)
		until(t, page, "opened")
		for request, why := range map[string]string{
			`nonsense`:                      "unknown",
			`{"do":"dance"}`:                "unknown",
			`{"do":"fragments","parts":1}`:  "unknown",
			`{"do":"fragments","parts":99}`: "unknown",
			`{"do":"close","code":1005}`:    "code",
			`{"do":"close"}`:                "code",
			`{"do":"close","code":70000}`:   "unknown",
			`{"do":"ping","text":"` + strings.Repeat("x", 126) + `"}`:                "unknown",
			`{"do":"close","code":1000,"reason":"` + strings.Repeat("x", 124) + `"}`: "reason",
		} {
			send(t, page, request)
			if m := next(t, page); m.Type != "refused" || m.Why != why {
				t.Errorf("%.40s: %+v", request, m)
			}
		}

		// A ping, which our client answers as soon as it reads.
		send(t, page, `{"do":"ping","text":"there?"}`)
		if m := until(t, page, "frame"); m.Opcode != "ping" || m.Payload != "74686572653f" {
			t.Errorf("%+v", m)
		}

		send(t, page, `{"do":"fragments","parts":3}`)
		until(t, page, "granted")
		send(t, page, `{"do":"fragments","parts":3}`) // asked for twice is as good as once
		until(t, page, "granted")
		send(t, c, "Hello")
		if got := receive(t, c); got != "Hello" {
			t.Errorf("the fragments are %q", got)
		}
		var got []string
		for len(got) < 6 {
			if m := next(t, page); m.Type == "frame" && m.Opcode != "pong" {
				got = append(got, m.Header[:2]+" "+m.Opcode)
				if len(got) == 5 {
					send(t, c, "whole again")
					receive(t, c)
					break
				}
			}
		}
		if want := "81 text, 01 text, 89 ping, 00 continuation, 80 continuation"; strings.Join(got, ", ") != want {
			t.Errorf("the frames are %q, want %s", got, want)
		}

		send(t, page, `{"do":"close","code":1013,"reason":"mais tarde"}`)
		_, _, err := c.Read(t.Context())
		if closed, is := errors.AsType[*wsconn.CloseError](err); !is || closed.Code != frame.TryAgainLater || closed.Reason != "mais tarde" {
			t.Errorf("closed with %v", err)
		}
		until(t, page, "ended")
	})
}

// One page is not told of another's connection, nor of one that names none.
func TestPagesAreApart(t *testing.T) {
	everywhere(t, Options{}, func(t *testing.T, base string) {
		first, second := dial(t, base, "/page"), dial(t, base, "/page")
		next(t, first)
		other := dial(t, base, "/echo")
		send(t, other, "nobody's")
		receive(t, other)
		c := dial(t, base, "/echo?compress=off&page="+next(t, second).ID)
		send(t, c, "second's")
		receive(t, c)
		until(t, second, "frame")
		send(t, first, `{"do":"ping"}`)
		if m := next(t, first); m.Type != "refused" {
			t.Errorf("the first page was told %+v", m)
		}
	})
}

func TestTooManyPages(t *testing.T) {
	everywhere(t, Options{Pages: 1}, func(t *testing.T, base string) {
		first := dial(t, base, "/page")
		next(t, first)
		second := dial(t, base, "/page")
		if m := next(t, second); m.Type != "refused" || m.Why != "full" {
			t.Errorf("%+v", m)
		}
		_, _, err := second.Read(t.Context())
		if closed, is := errors.AsType[*wsconn.CloseError](err); !is || closed.Code != frame.TryAgainLater {
			t.Errorf("closed with %v", err)
		}
		if err := first.Close(frame.NormalClosure, ""); err != nil {
			t.Error(err)
		}
	})
}

func TestForeignPages(t *testing.T) {
	for _, path := range []string{"/page", "/echo", "/echo?compress=off"} {
		everywhere(t, Options{}, func(t *testing.T, base string) {
			_, err := wsconn.Dial(t.Context(), strings.Replace(base, "http", "ws", 1)+path, &wsconn.DialOptions{
				Handshake: handshake.DialOptions{Header: http.Header{"Origin": {"http://evil.example"}}},
			})
			if refused, is := errors.AsType[*handshake.RefusedError](err); !is || refused.Response.Status != http.StatusForbidden {
				t.Errorf("%s: %v", path, err)
			}
		})
	}
	base, _ := attach(t, Options{Origin: handshake.AnyOrigin}, nil)
	c, err := wsconn.Dial(t.Context(), strings.Replace(base, "http", "ws", 1), &wsconn.DialOptions{
		Handshake: handshake.DialOptions{Header: http.Header{"Origin": {"http://evil.example"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.NetConn().Close()
}

// A witness counts what it is told.
type witness struct {
	mu             sync.Mutex
	opened, frames []string
	ended          chan error
}

func (w *witness) Opened(_ int, _ net.Addr, h *handshake.Handshake) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.opened = append(w.opened, h.Request.Target)
}

func (w *witness) Frame(f narrate.Frame) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.frames = append(w.frames, f.Header.Opcode.String())
}

func (w *witness) Ended(_ int, err error) { w.ended <- err }

// Whatever the path, the server echoes, and its witness is told, but not of
// the pages' own connections.
func TestWitness(t *testing.T) {
	w := &witness{ended: make(chan error, 1)}
	base, _ := attach(t, Options{Witness: w}, nil)
	next(t, dial(t, base, "/page"))
	c := dial(t, base, "/any/path?at=all")
	send(t, c, "Hello")
	receive(t, c)
	if err := c.Close(frame.NormalClosure, ""); err != nil {
		t.Error(err)
	}
	if closed, is := errors.AsType[*wsconn.CloseError](<-w.ended); !is || closed.Code != frame.NormalClosure {
		t.Errorf("ended with %v", closed)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if strings.Join(w.opened, " ") != "/any/path?at=all" || strings.Join(w.frames, " ") != "text text close close" {
		t.Errorf("the witness was told %q and %q", w.opened, w.frames)
	}
}

// After Close nothing begins.
func TestClosed(t *testing.T) {
	page := New(Options{})
	page.Close()
	if response := get(page, http.MethodGet, "/echo", nil); response.StatusCode != http.StatusServiceUnavailable {
		t.Error(response.Status)
	}
}

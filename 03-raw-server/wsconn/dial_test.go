package wsconn

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/internal/memnet"
)

// answering dials a server that agrees to extensions as it is told, whatever
// was offered, and returns how it went and what the server heard afterwards.
func answering(t *testing.T, extensions string, o *DialOptions) (*Conn, <-chan string, error) {
	t.Helper()
	ours, theirs := memnet.Pipe()
	heard := make(chan string, 1)
	go func() {
		defer theirs.Close()
		b := make([]byte, 8<<10)
		n, err := theirs.Read(b)
		if err != nil {
			t.Error(err)
			return
		}
		request, _, err := handshake.ParseRequest(b[:n])
		if err != nil {
			t.Error(err)
			return
		}
		answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
			handshake.Accept(request.Header.Get("Sec-WebSocket-Key")) + "\r\n"
		if extensions != "" {
			answer += "Sec-WebSocket-Extensions: " + extensions + "\r\n"
		}
		answer += "\r\n\x81\x05Hello" // and the first message
		if _, err := theirs.Write([]byte(answer)); err != nil {
			t.Error(err)
		}
		all, _ := io.ReadAll(theirs) // however it ends
		heard <- string(all)
	}()
	o.Handshake.NetDial = func(context.Context, string, string) (net.Conn, error) { return ours, nil }
	o.Handshake.Proxy = func(*http.Request) (*url.URL, error) { return nil, nil }
	c, err := Dial(t.Context(), "ws://memory/", o)
	return c, heard, err
}

// RFC 6455, section 9.1, and RFC 7692, section 5: a client that is promised
// what it did not ask for, or what makes no sense, fails the connection.
func TestDialJudgesTheAnswer(t *testing.T) {
	offered := handshake.DialOptions{Extensions: []handshake.Extension{{Name: "x-other"}}}
	for _, c := range []struct {
		name, answer string
		options      DialOptions
		fine         bool
	}{
		{"nothing was offered", "", DialOptions{}, true},
		{"nothing was agreed on", "", DialOptions{Compress: true}, true},
		{"agreed", "permessage-deflate", DialOptions{Compress: true}, true},
		{"agreed on less", "permessage-deflate; client_max_window_bits=10; server_no_context_takeover", DialOptions{Compress: true}, true},
		{"not offered", "permessage-deflate", DialOptions{}, false},
		{"agreed twice", "permessage-deflate, permessage-deflate", DialOptions{Compress: true}, false},
		{"with another", "permessage-deflate, x-other", DialOptions{Compress: true, Handshake: offered}, false},
		{"another, which nobody here speaks", "x-other", DialOptions{Handshake: offered}, false},
		{"a parameter that there is not", "permessage-deflate; faster", DialOptions{Compress: true}, false},
		{"a window that there is not", "permessage-deflate; client_max_window_bits=16", DialOptions{Compress: true}, false},
		{"a window without a size", "permessage-deflate; client_max_window_bits", DialOptions{Compress: true}, false},
		{"a window larger than offered", "permessage-deflate; server_max_window_bits=12", DialOptions{Compress: true, Options: Options{Deflate: deflate.Options{ServerWindowBits: 10}}}, false},
		{"context takeover, though refused", "permessage-deflate", DialOptions{Compress: true, Options: Options{Deflate: deflate.Options{NoServerTakeover: true}}}, false},
		{"a parameter twice", "permessage-deflate; server_no_context_takeover; server_no_context_takeover", DialOptions{Compress: true}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, heard, err := answering(t, c.answer, &c.options)
			if !c.fine {
				if err == nil {
					t.Error("it is content")
					conn.NetConn().Close()
				}
				if all := <-heard; all != "" {
					t.Errorf("the server heard %q", all)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, b, err := conn.Read(t.Context()); err != nil || string(b) != "Hello" {
				t.Errorf("read %q, %v", b, err)
			}
			conn.NetConn().Close()
			<-heard
		})
	}
}

func TestDialFails(t *testing.T) {
	refusing := httptest.NewServer(http.NotFoundHandler())
	defer refusing.Close()
	_, err := Dial(t.Context(), "ws"+strings.TrimPrefix(refusing.URL, "http"), nil)
	if refused, is := errors.AsType[*handshake.RefusedError](err); !is || refused.Response.Status != http.StatusNotFound {
		t.Errorf("a server that refuses: %v", err)
	}
	if _, err := Dial(t.Context(), "http://127.0.0.1/", nil); err == nil {
		t.Error("http: no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Dial(ctx, "ws"+strings.TrimPrefix(refusing.URL, "http"), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
}

// From net/http to Each and back, with compression and without.
func TestUpgrade(t *testing.T) {
	for _, compress := range []bool{false, true} {
		ended := make(chan error, 1)
		page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, h, err := Upgrade(w, r, nil, &Options{CloseTimeout: patience})
			if err != nil {
				ended <- err
				return
			}
			if got := len(h.Extensions) > 0; got != compress {
				t.Errorf("agreed on %v", h.Extensions)
			}
			ended <- echoEach(c)
		}))
		c, err := Dial(t.Context(), "ws"+strings.TrimPrefix(page.URL, "http"), &DialOptions{Compress: compress})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 10, 1000, 100_000} {
			message := words(n)
			if err := c.Write(t.Context(), frame.Text, []byte(message)); err != nil {
				t.Fatal(err)
			}
			if _, b, err := c.Read(t.Context()); err != nil || string(b) != message {
				t.Errorf("read %d bytes, %v", len(b), err)
			}
		}
		if err := c.Close(4000, "bye"); err != nil {
			t.Error(err)
		}
		wantClosed(t, <-ended, 4000)
		page.Close()
	}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, err := Upgrade(w, r, &handshake.Options{}, nil); err == nil {
			t.Error("a plain request was upgraded")
		}
	}))
	defer page.Close()
	response, err := http.Get(page.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	defer http.DefaultClient.CloseIdleConnections()
	if response.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("a plain request: %s", response.Status)
	}
}

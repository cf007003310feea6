package handshake

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func noProxy(*http.Request) (*url.URL, error) { return nil, nil }

// served is a NetDial whose server is the function given. It sees the
// request, and writes what it likes.
func served(t *testing.T, server func(c net.Conn, r Request)) *DialOptions {
	return &DialOptions{Proxy: noProxy, NetDial: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		done := make(chan struct{})
		t.Cleanup(func() { <-done })
		go func() {
			defer close(done)
			defer far.Close()
			var r Request
			_, _, err := readHead(far, make([]byte, 8192), 0, func(b []byte) (n int, err error) {
				r, n, err = ParseRequest(b)
				return n, err
			})
			if err != nil {
				t.Error(err)
				return
			}
			server(far, r)
		}()
		return near, nil
	}}
}

// answerFor is a good answer to r.
func answerFor(r Request) string {
	response := goodResponse()
	response.Header[2].Value = Accept(r.Header.Get("Sec-WebSocket-Key"))
	return string(response.Append(nil))
}

func TestDial(t *testing.T) {
	o := served(t, func(c net.Conn, r Request) {
		if err := firstBreach(RequestRules, Exchange{Request: &r}); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(c, strings.TrimSuffix(answerFor(r), "\r\n")+
			"Sec-WebSocket-Protocol: b\r\nSec-WebSocket-Extensions: x; y=1\r\n\r\n\x81\x00")
	})
	o.Subprotocols, o.Extensions = []string{"a", "b"}, []Extension{{Name: "x"}}
	o.Header = http.Header{"Origin": {"http://page.example"}}
	conn, h, err := Dial(t.Context(), "ws://server.example/chat?room=1", o)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if h.Subprotocol != "b" || joinExtensions(h.Extensions) != "x; y=1" || string(h.Rest) != "\x81\x00" {
		t.Errorf("%+v", h)
	}
	if wire := string(h.Request.Append(nil)); !strings.HasPrefix(wire, "GET /chat?room=1 HTTP/1.1\r\nHost: server.example\r\n") || !strings.Contains(wire, "Origin: http://page.example\r\n") {
		t.Errorf("the request was %q", wire)
	}
}

func TestParseURL(t *testing.T) {
	for _, row := range []struct{ url, host, target, address, auth, err string }{
		{url: "ws://example.com", host: "example.com", target: "/", address: "example.com:80"},
		{url: "WSS://example.com/a/b?c=d", host: "example.com", target: "/a/b?c=d", address: "example.com:443"},
		{url: "ws://example.com:80/", host: "example.com", target: "/", address: "example.com:80"},
		{url: "wss://example.com:443", host: "example.com", target: "/", address: "example.com:443"},
		{url: "ws://example.com:443", host: "example.com:443", target: "/", address: "example.com:443"},
		{url: "ws://[::1]:8002/x", host: "[::1]:8002", target: "/x", address: "[::1]:8002"},
		{url: "ws://[::1]", host: "[::1]", target: "/", address: "[::1]:80"},
		{url: "ws://[fe80::1%25eth0]/", host: "[fe80::1]", target: "/", address: "[fe80::1%eth0]:80"},
		{url: "ws://example.com?a=b", host: "example.com", target: "/?a=b", address: "example.com:80"},
		{url: "ws://example.com/a b/é", host: "example.com", target: "/a%20b/%C3%A9", address: "example.com:80"},
		{url: "ws://ada:lace@example.com/", host: "example.com", target: "/", address: "example.com:80", auth: "Basic YWRhOmxhY2U="},
		{url: "http://example.com", err: "must start with ws:// or wss://"},
		{url: "example.com", err: "must start with ws:// or wss://"},
		{url: "ws:///path", err: "names no host"},
		{url: "ws://:80/", err: "names no host"},
		{url: "ws:example.com", err: "names no host"},
		{url: "ws://example.com/#top", err: "has a fragment"},
		{url: "ws://example.com/#", err: "has a fragment"},
		{url: "ws://exämple.com/", err: "must be ASCII"},
		{url: "ws://example.com:port/", err: "is not a URL"},
		{url: "ws://ada:lace@/", err: "names no host"},
	} {
		u, err := ParseURL(row.url)
		if row.err != "" {
			if err == nil || !strings.Contains(err.Error(), row.err) || strings.Contains(err.Error(), "lace") {
				t.Errorf("%s: %v, want %q", row.url, err, row.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", row.url, err)
			continue
		}
		r, err := NewRequest(u, nil)
		if err != nil || r.Header.Get("Host") != row.host || r.Target != row.target || address(u) != row.address || r.Header.Get("Authorization") != row.auth {
			t.Errorf("%s: %v, %+v, to %s", row.url, err, r, address(u))
		}
	}
}

// What we would send wrongly is an error before anything is sent.
func TestDialMisuse(t *testing.T) {
	for _, row := range []struct {
		name string
		o    DialOptions
		want string
	}{
		{"our own header", DialOptions{Header: http.Header{"Upgrade": {"x"}}}, "leave it out of Header"},
		{"two lines in one", DialOptions{Header: http.Header{"X": {"a\r\nY: b"}}}, "control character"},
		{"a name that is none", DialOptions{Header: http.Header{"X Y": {"a"}}}, "not a token"},
		{"a subprotocol twice", DialOptions{Subprotocols: []string{"a", "a"}}, "offered twice"},
		{"a subprotocol of two words", DialOptions{Subprotocols: []string{"a b"}}, "request-subprotocols"},
		{"an extension that is none", DialOptions{Extensions: []Extension{{Name: "a b"}}}, "request-extensions"},
		{"a proxy that is none", DialOptions{Proxy: http.ProxyURL(&url.URL{Scheme: "socks5", Host: "p"})}, "only http:// and https:// proxies"},
		{"no proxy to be had", DialOptions{Proxy: func(*http.Request) (*url.URL, error) { return nil, errors.New("no") }}, "choosing a proxy"},
	} {
		row.o.NetDial = func(context.Context, string, string) (net.Conn, error) {
			t.Errorf("%s: it dialed", row.name)
			return nil, io.EOF
		}
		if _, _, err := Dial(t.Context(), "ws://example.com/", &row.o); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %q", row.name, err, row.want)
		}
	}
}

func TestDialHostHeader(t *testing.T) {
	o := served(t, func(c net.Conn, r Request) { _, _ = io.WriteString(c, answerFor(r)) })
	o.Header = http.Header{"Host": {"other.example"}, "Authorization": {"Bearer x"}}
	conn, h, err := Dial(t.Context(), "ws://me:secret@server.example/", o)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if h.Request.Host() != "other.example" || h.Request.Header.Count("Host") != 1 || h.Request.Header.Get("Authorization") != "Bearer x" {
		t.Errorf("%+v", h.Request)
	}
}

func TestDialAnswers(t *testing.T) {
	for _, row := range []struct {
		name   string
		answer func(c net.Conn, r Request)
		want   string // part of the error; empty if there is none
	}{
		{"early hints", func(c net.Conn, r Request) {
			_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"+answerFor(r))
		}, ""},
		{"early hints without end", func(c net.Conn, r Request) {
			_, _ = io.WriteString(c, strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 9)+answerFor(r))
		}, "more than 8 answers"},
		{"nothing", func(net.Conn, Request) {}, "closed the connection after 0 bytes"},
		{"half an answer", func(c net.Conn, r Request) { _, _ = io.WriteString(c, answerFor(r)[:40]) }, "closed the connection after 40 bytes"},
		{"silence", func(c net.Conn, _ Request) { _, _ = io.Copy(io.Discard, c) }, "deadline exceeded"},
		{"a byte a second", func(c net.Conn, r Request) {
			for i := range answerFor(r) {
				time.Sleep(time.Second)
				if _, err := c.Write([]byte{answerFor(r)[i]}); err != nil {
					return
				}
			}
		}, "deadline exceeded"},
		{"too much", func(c net.Conn, _ Request) {
			_, _ = io.WriteString(c, "HTTP/1.1 101 x\r\nx: "+strings.Repeat("y", 100_000))
		}, "larger than 8192 bytes"},
		{"another language", func(c net.Conn, _ Request) { _, _ = io.WriteString(c, "220 mail.example ESMTP\r\n\r\n") }, "syntax-start"},
		{"a wrong Accept", func(c net.Conn, r Request) {
			_, _ = io.WriteString(c, strings.Replace(answerFor(r), "Accept: ", "Accept: x", 1))
		}, "response-accept"},
		{"LF only", func(c net.Conn, r Request) {
			_, _ = io.WriteString(c, strings.ReplaceAll(answerFor(r), "\r\n", "\n"))
		}, "syntax-line"},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				conn, _, err := Dial(t.Context(), "ws://server.example/", served(t, row.answer))
				if err == nil {
					conn.Close()
				}
				if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
					t.Errorf("%v, want %q", err, row.want)
				}
				if took := time.Since(start); took > defaultTimeout {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

func TestDialRefused(t *testing.T) {
	for _, row := range []struct {
		name, answer string
		status       int
		body         string
		after        time.Duration
	}{
		{"with a length", "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 4\r\n\r\nwho?", 401, "who?", 0},
		{"in chunks", "HTTP/1.1 503 x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nwho\r\n1\r\n?\r\n0\r\n\r\n", 503, "who?", 0},
		{"a redirect is not followed", "HTTP/1.1 307 x\r\nLocation: ws://else.example\r\nContent-Length: 0\r\n\r\n", 307, "", 0},
		{"a 200", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", 0},
		{"a long body is cut", "HTTP/1.1 404 x\r\nContent-Length: 9000\r\n\r\n" + strings.Repeat("x", 9000), 404, strings.Repeat("x", 10), 0},
		{"a body that never ends", "HTTP/1.1 500 x\r\n\r\noops", 500, "oops", bodyTime},
		{"a body that is promised", "HTTP/1.1 500 x\r\nContent-Length: 9\r\n\r\noops", 500, "oops", bodyTime},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				o := served(t, func(c net.Conn, _ Request) {
					_, _ = io.WriteString(c, row.answer)
					_, _ = io.Copy(io.Discard, c)
				})
				o.MaxBodyBytes = 10
				_, _, err := Dial(t.Context(), "ws://server.example/", o)
				e, is := errors.AsType[*RefusedError](err)
				if !is || e.Response.Status != row.status || string(e.Body) != row.body {
					t.Fatalf("%+v, %v", e, err)
				}
				if took := time.Since(start); took != row.after {
					t.Errorf("it took %v, want %v", took, row.after)
				}
			})
		})
	}
}

// The context bounds Dial from the first to the last byte.
func TestDialContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		_, _, err := Dial(ctx, "ws://server.example/", served(t, func(c net.Conn, _ Request) { _, _ = io.Copy(io.Discard, c) }))
		if !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

// tlsServer does not log the clients that do not trust it.
func tlsServer(handler http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	return server
}

func TestDialTLS(t *testing.T) {
	server := tlsServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, _, err := (*Options)(nil).Upgrade(w, r); err == nil {
			conn.Close()
		}
	}))
	defer server.Close()
	address := "wss" + strings.TrimPrefix(server.URL, "https")
	config := server.Client().Transport.(*http.Transport).TLSClientConfig
	conn, _, err := Dial(t.Context(), address, &DialOptions{TLS: config})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	_, _, err = Dial(t.Context(), address, nil)
	if _, is := errors.AsType[x509.UnknownAuthorityError](err); !is {
		t.Errorf("a certificate that nobody knows: %v", err)
	}
}

// A proxy that knows CONNECT, and one name and password.
func startProxy(t *testing.T, secure bool) (address string, tunnels *int) {
	tunnels = new(int)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := (&http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}).BasicAuth()
		if r.Method != "CONNECT" || user != "ada" || password != "lace" {
			w.Header().Set("Proxy-Authenticate", "Basic")
			http.Error(w, "who are you?", http.StatusProxyAuthRequired)
			return
		}
		*tunnels++
		up, err := net.Dial("tcp", r.URL.Host)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		down, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(down, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() {
			_, _ = io.Copy(up, down)
			up.Close()
		}()
		_, _ = io.Copy(down, up)
		down.Close()
	})
	server := httptest.NewUnstartedServer(handler)
	if secure {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), tunnels
}

func TestDialProxy(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, _, err := (*Options)(nil).Upgrade(w, r); err == nil {
			conn.Close()
		}
	})
	plain, secure := httptest.NewServer(handler), tlsServer(handler)
	defer plain.Close()
	defer secure.Close()
	proxy, tunnels := startProxy(t, false)
	via := func(user *url.Userinfo) *DialOptions {
		return &DialOptions{
			Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: proxy, User: user}),
			TLS:   secure.Client().Transport.(*http.Transport).TLSClientConfig,
		}
	}
	ada := url.UserPassword("ada", "lace")
	for i, address := range []string{"ws" + strings.TrimPrefix(plain.URL, "http"), "wss" + strings.TrimPrefix(secure.URL, "https")} {
		conn, _, err := Dial(t.Context(), address, via(ada))
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
		if *tunnels != i+1 {
			t.Errorf("%d tunnels", *tunnels)
		}
	}
	_, _, err := Dial(t.Context(), "ws://server.example/", via(nil))
	if e, is := errors.AsType[*RefusedError](err); !is || e.Response.Status != 407 || string(e.Body) != "who are you?\n" || !strings.Contains(err.Error(), "proxy") {
		t.Errorf("without a password: %v", err)
	}
	_, _, err = Dial(t.Context(), "ws://127.0.0.1:1/", via(ada))
	if e, is := errors.AsType[*RefusedError](err); !is || e.Response.Status != 502 {
		t.Errorf("to a server that is not there: %v", err)
	}
}

// The environment is asked about http for ws and about https for wss.
func TestProxyIsAskedAboutHTTP(t *testing.T) {
	for text, want := range map[string]string{"ws://a.example/x": "http://a.example/x", "wss://a.example": "https://a.example"} {
		u, err := ParseURL(text)
		if err != nil {
			t.Fatal(err)
		}
		o := &DialOptions{Proxy: func(r *http.Request) (*url.URL, error) {
			if r.URL.String() != want {
				t.Errorf("asked about %s, want %s", r.URL, want)
			}
			return nil, nil
		}}
		if _, err := o.proxyFor(u); err != nil {
			t.Error(err)
		}
	}
}

// A tunnel in which the proxy speaks first is no tunnel.
func TestProxyThatTalks(t *testing.T) {
	o := &DialOptions{
		Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: "p.example"}),
		NetDial: func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			go func() {
				defer far.Close()
				if _, err := http.ReadRequest(bufio.NewReader(far)); err != nil {
					t.Error(err)
				}
				_, _ = io.WriteString(far, "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n")
			}()
			return near, nil
		},
	}
	if _, _, err := Dial(t.Context(), "ws://server.example/", o); err == nil || !strings.Contains(err.Error(), "before we had asked") {
		t.Error(err)
	}
}

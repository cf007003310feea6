package handshake

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const goodWire = "GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: " + sampleKey + "\r\nSec-WebSocket-Version: 13\r\n\r\n"

const goodAnswer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

// accepted runs Accept on a pipe whose other end is the client's.
func accepted(ctx context.Context, o *Options, client func(net.Conn)) (*Handshake, error) {
	near, far := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		client(far)
		far.Close()
	}()
	h, err := o.Accept(ctx, near)
	near.Close()
	<-done
	return h, err
}

// send writes something and reads the answer to its end, or for a second.
func send(wire string, answer *string) func(net.Conn) {
	return func(c net.Conn) {
		go func() { _, _ = io.WriteString(c, wire) }()
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		got, _ := io.ReadAll(c)
		*answer = string(got)
	}
}

func TestAcceptOnConn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var answer string
		h, err := accepted(t.Context(), nil, send(goodWire+"\x81\x80\x01\x02\x03\x04", &answer))
		if err != nil || answer != goodAnswer {
			t.Fatalf("%v, the answer is %q", err, answer)
		}
		if h.Request.Target != "/chat" || h.Request.Host() != "h" || string(h.Rest) != "\x81\x80\x01\x02\x03\x04" {
			t.Errorf("%+v", h)
		}
	})
}

// After the handshake the connection has no deadline left.
func TestAcceptClearsDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		go func() {
			_, _ = io.WriteString(far, goodWire)
			_, _ = io.ReadFull(far, make([]byte, len(goodAnswer)))
			time.Sleep(time.Hour)
			_, _ = io.WriteString(far, "x")
		}()
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := (*Options)(nil).Accept(ctx, near); err != nil {
			t.Fatal(err)
		}
		cancel() // bounds Accept, and not the connection
		if n, err := near.Read(make([]byte, 1)); n != 1 {
			t.Errorf("an hour later: %v", err)
		}
		near.Close()
		far.Close()
	})
}

func TestAcceptLimits(t *testing.T) {
	long := "GET / HTTP/1.1\r\nx: " + strings.Repeat("y", 200)
	for _, row := range []struct {
		name, wire string
		options    Options
		rule       string
		status     string
		after      time.Duration // how long it takes
	}{
		{"nothing comes", "", Options{}, "server-time", "408", 10 * time.Second},
		{"half of it comes", goodWire[:50], Options{Timeout: time.Second}, "server-time", "408", time.Second},
		{"the header is too large", long, Options{MaxHeaderBytes: 100}, "syntax-size", "431", 0},
		{"the header is too large by a byte", goodWire, Options{MaxHeaderBytes: len(goodWire) - 1}, "syntax-size", "431", 0},
		{"a bad byte", "GET /\x00", Options{}, "syntax-bytes", "400", 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				var answer string
				_, err := accepted(t.Context(), &row.options, send(row.wire, &answer))
				wantError(t, err, row.rule, "")
				if !strings.HasPrefix(answer, "HTTP/1.1 "+row.status+" ") || !strings.Contains(answer, "\r\nConnection: close\r\n") {
					t.Errorf("the answer is %q", answer)
				}
				if took := time.Since(start); took < row.after || took > row.after+lingerTime {
					t.Errorf("it took %v, want %v", took, row.after)
				}
			})
		})
	}
	t.Run("the header just fits", func(t *testing.T) {
		var answer string
		if _, err := accepted(t.Context(), &Options{MaxHeaderBytes: len(goodWire)}, send(goodWire, &answer)); err != nil {
			t.Error(err)
		}
	})
}

// A client that sends a byte a second has no more time than another.
func TestAcceptSlowClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := accepted(t.Context(), &Options{Timeout: 5 * time.Second}, func(c net.Conn) {
			for _, b := range []byte(goodWire) {
				if _, err := c.Write([]byte{b}); err != nil {
					return
				}
				if time.Since(start) >= 5*time.Second {
					_ = c.SetReadDeadline(time.Now().Add(time.Second))
					_, _ = io.Copy(io.Discard, c)
					return
				}
				time.Sleep(time.Second)
			}
		})
		wantError(t, err, "server-time", "not complete after 5s")
	})
}

func TestAcceptEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("the server stops")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(gone) })
		start := time.Now()
		var answer string
		_, err := accepted(ctx, nil, send("GET", &answer))
		if !errors.Is(err, gone) || time.Since(start) != time.Second || answer != "" {
			t.Errorf("after %v: %v, the answer is %q", time.Since(start), err, answer)
		}
		if _, err := accepted(ctx, nil, func(net.Conn) {}); !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that has ended: %v", err)
		}
	})
	t.Run("the client leaves at once", func(t *testing.T) {
		if _, err := accepted(t.Context(), nil, func(net.Conn) {}); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
			t.Error(err)
		}
	})
	t.Run("the client leaves too soon", func(t *testing.T) {
		_, err := accepted(t.Context(), nil, func(c net.Conn) { _, _ = io.WriteString(c, "GET / HTTP/1.1\r\n") })
		wantError(t, err, "syntax-line", "ends after 16 bytes")
	})
}

// The answer arrives over real TCP although the client has sent more than
// was read, which makes a plain Close send a reset.
func TestRefusalArrives(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	done := make(chan error)
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			_, err = (&Options{MaxHeaderBytes: 100}).Accept(context.Background(), conn)
			conn.Close()
		}
		done <- err
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nx: "+strings.Repeat("y", 100_000)); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(5*time.Second, func() { conn.Close() })
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if response.StatusCode != 431 || err != nil || !bytes.Contains(body, []byte("syntax-size")) {
		t.Errorf("%d, %v, %q", response.StatusCode, err, body)
	}
	conn.Close()
	wantError(t, <-done, "syntax-size", "")
}

func TestJudgeOptions(t *testing.T) {
	deflate := Extension{"permessage-deflate", []Param{{"client_max_window_bits", "10"}}}
	for _, row := range []struct {
		name    string
		options Options
		status  int
		answer  string // part of the 101 or of the refusal
		absent  string
	}{
		{"nothing asked", Options{}, 101, "", "Sec-WebSocket-Protocol"},
		{"the server's favourite", Options{Subprotocols: []string{"x", "superchat", "chat"}}, 101, "Sec-WebSocket-Protocol: superchat\r\n", ""},
		{"nothing in common", Options{Subprotocols: []string{"soap"}}, 101, "", "Sec-WebSocket-Protocol"},
		{"another case is another name", Options{Subprotocols: []string{"Chat"}}, 101, "", "Sec-WebSocket-Protocol"},
		{"an extension", Options{Extensions: func([]Extension) ([]Extension, error) { return []Extension{deflate}, nil }}, 101,
			"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=10\r\n", ""},
		{"no extension", Options{Extensions: func([]Extension) ([]Extension, error) { return nil, nil }}, 101, "", "Sec-WebSocket-Extensions"},
		{"extensions that can't be", Options{Extensions: func([]Extension) ([]Extension, error) { return nil, errors.New("no window of 3") }}, 400, "no window of 3", ""},
		{"an extension never offered", Options{Extensions: func([]Extension) ([]Extension, error) { return []Extension{{Name: "mux"}}, nil }}, 500, "not offered", ""},
		{"a broken extension", Options{Extensions: func(o []Extension) ([]Extension, error) {
			o[0].Params = []Param{{"a", "b\r\nc"}}
			return o, nil
		}}, 500, "not made of tokens", ""},
		{"more lines", Options{Header: http.Header{"Set-Cookie": {"a=1", "b=2"}}}, 101, "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n", ""},
		{"a line that is ours", Options{Header: http.Header{"Sec-Websocket-Accept": {"x"}}}, 500, "leave it out", ""},
		{"two lines in one", Options{Header: http.Header{"X": {"a\r\nb: c"}}}, 500, "control character", "\r\nb: c"},
		{"every origin", Options{Origin: AnyOrigin}, 101, "", ""},
		{"no origin", Options{Origin: func(string, *Request) bool { return false }}, 403, "server-origin", ""},
		{"refused", Options{Decide: func(context.Context, *Handshake) *Refusal {
			return &Refusal{Status: 302, Header: http.Header{"Location": {"/there"}, "Content-Length": {"99"}}, Body: "there"}
		}}, 302, "Location: /there\r\n", "99"},
		{"refused without a word", Options{Decide: func(context.Context, *Handshake) *Refusal { return &Refusal{} }}, 403, "server-decides", ""},
		{"refused with a 101", Options{Decide: func(context.Context, *Handshake) *Refusal { return &Refusal{Status: 101} }}, 500, "status 101", ""},
		{"refused with two lines in one", Options{Decide: func(context.Context, *Handshake) *Refusal {
			return &Refusal{Header: http.Header{"X": {"a\nb"}}}
		}}, 500, "control character", ""},
		{"decided otherwise", Options{Decide: func(_ context.Context, h *Handshake) *Refusal {
			h.Subprotocol = "superchat"
			h.Response.Header.Add("X-Id", "7")
			return nil
		}}, 101, "Sec-WebSocket-Protocol: superchat\r\nX-Id: 7\r\n", ""},
		{"decided impossibly", Options{Decide: func(_ context.Context, h *Handshake) *Refusal {
			h.Subprotocol = "soap"
			return nil
		}}, 500, "not offered", ""},
		{"passed on, two lines in one", Options{AnySubprotocol: true, Decide: func(_ context.Context, h *Handshake) *Refusal {
			h.Subprotocol = "soap\r\nX: y"
			return nil
		}}, 500, "control character", "\r\nX: y"},
		{"refused with a type and no body", Options{Decide: func(context.Context, *Handshake) *Refusal {
			return &Refusal{Status: 400, Header: http.Header{"Content-Type": {"application/json"}}}
		}}, 400, "Content-Length: 0\r\n", "server-decides"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := goodRequest()
			h, err := row.options.Judge(t.Context(), &r)
			var response Response
			var body string
			if e, is := errors.AsType[*Error](err); is {
				response, body = e.Response(true)
			} else {
				response = h.Response
			}
			wire := string(response.Append(nil)) + body
			if response.Status != row.status || !strings.Contains(wire, row.answer) || row.absent != "" && strings.Contains(wire, row.absent) {
				t.Errorf("%v\n%s", err, wire)
			}
			if row.status == 101 {
				if err := firstBreach(ResponseRules, Exchange{&r, &h.Response}); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// Through net/http: what the client has already sent is not lost, and a
// refusal goes through the ResponseWriter.
func TestUpgrade(t *testing.T) {
	got := make(chan *Handshake, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, h, err := (*Options)(nil).Upgrade(w, r)
		if err != nil {
			return
		}
		got <- h
		conn.Close()
	}))
	defer server.Close()
	talk := func(wire string) (status int, body string) {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, wire); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode == 101 {
			return 101, response.Header.Get("Sec-WebSocket-Accept")
		}
		text, _ := io.ReadAll(response.Body)
		return response.StatusCode, string(text)
	}

	status, accept := talk(goodWire + "\x81\x80\x01\x02\x03\x04")
	if status != 101 || accept != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Errorf("%d, %s", status, accept)
	}
	if h := <-got; string(h.Rest) != "\x81\x80\x01\x02\x03\x04" || h.Request.Host() != "h" {
		t.Errorf("%+v", h)
	}
	for _, row := range []struct {
		name, from, to string
		status         int
		body           string
	}{
		{"a plain request", "Upgrade: websocket", "X: y", 426, "request-upgrade"},
		{"a body", "\r\n\r\n", "\r\nContent-Length: 2\r\n\r\nhi", 400, "request-body"},
		{"chunks", "\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "request-body"},
		{"HTTP/1.0", "HTTP/1.1", "HTTP/1.0", 505, "request-http"},
		{"POST", "GET", "POST", 405, "request-method"},
		{"a foreign page", "\r\n\r\n", "\r\nOrigin: http://evil.example\r\n\r\n", 403, "server-origin"},
	} {
		status, body := talk(strings.Replace(goodWire, row.from, row.to, 1))
		if status != row.status || !strings.Contains(body, row.body) {
			t.Errorf("%s: %d, %s", row.name, status, body)
		}
	}
	recorder := httptest.NewRecorder() // which cannot be hijacked
	request := httptest.NewRequest("GET", "/", nil)
	request.Header = http.Header{"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Key": {sampleKey}, "Sec-Websocket-Version": {"13"}}
	_, _, err := (*Options)(nil).Upgrade(recorder, request)
	wantError(t, err, "server-fault", "does not hand over")
	if recorder.Code != 500 {
		t.Errorf("the status is %d", recorder.Code)
	}
}

// A looped connection gives the same request again and again.
type loopConn struct {
	net.Conn
	wire string
}

func (c *loopConn) Read(b []byte) (int, error)  { return copy(b, c.wire), nil }
func (c *loopConn) Write(b []byte) (int, error) { return len(b), nil }
func (*loopConn) SetDeadline(time.Time) error   { return nil }

// An accepted connection costs a handful of allocations, and none of them is
// a buffer: the strings of the request and of the answer, and the Handshake.
func TestAcceptAllocates(t *testing.T) {
	conn := &loopConn{wire: goodWire}
	o := new(Options)
	n := testing.AllocsPerRun(1000, func() {
		if _, err := o.Accept(context.Background(), conn); err != nil {
			t.Fatal(err)
		}
	})
	const most = 9
	if n > most {
		t.Errorf("%v allocations, at most %d", n, most)
	}
}

func BenchmarkAccept(b *testing.B) {
	conn := &loopConn{wire: goodWire}
	o := new(Options)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.Accept(context.Background(), conn); err != nil {
			b.Fatal(err)
		}
	}
}

// A gateway passes on what somebody else decided, even what the client must
// refuse.
func TestAnySubprotocol(t *testing.T) {
	o := Options{AnySubprotocol: true, Decide: func(_ context.Context, h *Handshake) *Refusal {
		h.Subprotocol = "soap"
		return nil
	}}
	r := goodRequest()
	h, err := o.Judge(t.Context(), &r)
	if err != nil || h.Response.Header.Get("Sec-WebSocket-Protocol") != "soap" {
		t.Fatalf("%v, %v", h, err)
	}
	err = firstBreach(ResponseRules, Exchange{&h.Request, &h.Response})
	if broken, is := errors.AsType[*Error](err); !is || broken.Rule != "response-subprotocol" {
		t.Errorf("a client finds %v", err)
	}
}

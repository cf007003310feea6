package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A screen is an output that can be read while it is written.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// invoke runs the program in this process, as main does.
func invoke(ctx context.Context, args ...string) (status int, out, errs string) {
	var stdout, stderr screen
	status = run(ctx, args, strings.NewReader(""), &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

// Wrong use is one line that names the flag and the way out.
func TestWrongUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, row := range []struct{ args, want string }{
		{"-addr " + taken.Addr().String(), "is taken by another program: choose another port"},
		{"-addr nonsense", "write it like 127.0.0.1:8003"},
		{"-addr 127.0.0.1:99999", "with a port up to 65535"},
		{"-addr", "-addr needs a value"},
		{"-origin none", `-origin "none": choose same or any`},
		{"-compress=maybe", `-compress "maybe": choose true or false`},
		{"-what", "there is no flag -what"},
		{"-v extra", `"extra" is not a flag`},
		{"dance", `no command is called "dance"`},
	} {
		t.Run(row.args, func(t *testing.T) {
			status, out, errs := invoke(t.Context(), strings.Fields(row.args)...)
			if status != misuse || out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, row.want) {
				t.Errorf("status %d, output %q, errors %q, want %q", status, out, errs, row.want)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	status, out, errs := invoke(t.Context(), "-v", "-h")
	if status != fine || errs != "" {
		t.Errorf("status %d, errors %q", status, errs)
	}
	for _, want := range []string{"go run ./03-raw-server -v", "RSV1", "-addr host:port  where to listen", "(127.0.0.1:8003)", "-origin pages", "(same)"} {
		if !strings.Contains(out, want) {
			t.Errorf("-h does not say %q:\n%s", want, out)
		}
	}
}

// start runs the program until the test cancels it, and waits for its address.
func start(t *testing.T, args ...string) (out *screen, url string, interrupt func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out = &screen{}
	var errs screen
	status := make(chan int, 1)
	go func() { status <- run(ctx, append(args, "-addr", "127.0.0.1:0"), strings.NewReader(""), out, &errs) }()
	address := regexp.MustCompile(`ws://127\.0\.0\.1:\d+`)
	eventually(t, "the address is printed", func() bool { return address.MatchString(out.String()) })
	return out, address.FindString(out.String()), func() int {
		cancel()
		code := <-status
		if errs.String() != "" {
			t.Errorf("errors: %s", errs.String())
		}
		return code
	}
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// A conversation, line by line; then Ctrl-C, at which the server says goodbye.
func TestConversation(t *testing.T) {
	out, url, interrupt := start(t)
	c, err := wsconn.Dial(t.Context(), url+"/chat", &wsconn.DialOptions{Compress: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range []string{"Olá", strings.Repeat("la", 200)} {
		if err := c.Write(t.Context(), frame.Text, []byte(message)); err != nil {
			t.Fatal(err)
		}
		if _, got, err := c.Read(t.Context()); err != nil || string(got) != message {
			t.Fatalf("%q: %v", got, err)
		}
	}
	if err := c.Ping(t.Context(), []byte{0xff, 0}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the pong is printed", func() bool { return strings.Contains(out.String(), "<- pong") })

	over := make(chan error)
	go func() {
		_, _, err := c.Read(t.Context())
		over <- err
	}()
	if status := interrupt(); status != fine {
		t.Errorf("status %d", status)
	}
	if closed, is := errors.AsType[*wsconn.CloseError](<-over); !is || closed.Code != frame.GoingAway {
		t.Errorf("the client was told %v", closed)
	}

	got := regexp.MustCompile(`mask [0-9a-f]{8}`).ReplaceAllString(out.String(), "mask KEY")
	got = regexp.MustCompile(`(?m)^ *\d+\.\d{3}s`).ReplaceAllString(got, "0s")
	got = regexp.MustCompile(` +`).ReplaceAllString(got, " ")
	for _, want := range []string{
		"0s #1 opened /chat from 127.0.0.1:",
		", permessage-deflate\n",
		"0s #1 -> text FIN mask KEY 4 B \"Olá\"\n",
		"0s #1 <- text FIN - 4 B \"Olá\"\n",
		`, inflated 400 B: "lalalala`,
		"0s #1 -> ping FIN mask KEY 2 B ff 00\n",
		"0s #1 <- pong FIN - 2 B ff 00\n",
		"0s #1 <- close FIN - 29 B 1001 going away \"the server is shutting down\"\n",
		"0s #1 -> close FIN mask KEY ",
		"0s #1 ended the connection was closed: 1001 going away",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}

// A client that breaks a rule is told so, and so is the terminal, which draws
// the frame. What was the payload's text stays harmless.
func TestBrokenFrame(t *testing.T) {
	out, url, interrupt := start(t, "-v", "-compress=false")
	c, err := wsconn.Dial(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.NetConn().Write([]byte("\x81\x05Hello")); err != nil { // not masked
		t.Fatal(err)
	}
	_, _, err = c.Read(t.Context())
	if closed, is := errors.AsType[*wsconn.CloseError](err); !is || closed.Code != frame.ProtocolError {
		t.Errorf("the client was told %v", err)
	}
	eventually(t, "the end is printed", func() bool { return strings.Contains(out.String(), "ended") })
	for _, want := range []string{
		"BREAKS RFC 6455, section 5.1: an unmasked frame from a client (close 1002)",
		"    |1|0|0|0|0 0 0 1|0|0 0 0 0 1 0 1|\n    |F|R|R|R|opcode |M| Payload len |\n",
		"no extension",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, out)
		}
	}
	if status := interrupt(); status != fine {
		t.Errorf("status %d", status)
	}
}

func TestNoColoursInAPipe(t *testing.T) {
	if colours(&bytes.Buffer{}) {
		t.Error("a buffer is no terminal")
	}
}

package nodejs

import (
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"
)

// hangUp asks for a WebSocket and resets the connection without waiting for
// the answer. It reports whether anybody was there.
func hangUp(host, path string) error {
	nc, err := net.Dial("tcp", host)
	if err != nil {
		return err
	}
	_, err = io.WriteString(nc, "GET "+path+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	return errors.Join(err, nc.(*net.TCPConn).SetLinger(0), nc.Close())
}

// A client that hangs up at a bad moment is no reason to stop serving.
func TestReset(t *testing.T) {
	needNode(t)
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			u, err := url.Parse(p.start(t))
			if err != nil {
				t.Fatal(err)
			}
			for range 50 {
				if err := hangUp(u.Host, p.path); err != nil {
					t.Fatal(err)
				}
			}
			// It answers: with a WebSocket where it has one.
			lines := ourClient(t.Context(), "ws://"+u.Host+p.path, nil)
			if text := strings.Join(lines, ", "); !strings.Contains(text, "hello") && !strings.Contains(text, "the server answered") {
				t.Error(text)
			}
		})
	}
}

// Two of the five stop for all their clients when one of them does that: the
// READMEs of their libraries don't listen for errors, and nor do the libraries.
func TestFragile(t *testing.T) {
	needNode(t)
	for library, path := range map[string]string{"websocket": "/", "sockjs": "/echo"} {
		t.Run(library, func(t *testing.T) {
			t.Parallel()
			p := start(t, nil, "testdata/fragile.mjs", library)
			u, err := url.Parse(strings.TrimPrefix(p.line(t), "at "))
			if err != nil {
				t.Fatal(err)
			}
			for end := time.Now().Add(patience); ; {
				if hangUp(u.Host, path) != nil {
					break
				}
				if time.Now().After(end) {
					t.Fatal("it is still there: mend the lesson")
				}
			}
			if err := p.wait(); err == nil || !strings.Contains(err.Error(), "Unhandled 'error' event") {
				t.Error(err)
			}
		})
	}
}

package script

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/workbench/tap"
	"websocket.example/03-raw-server/wsconn"
)

// Our own server keeps to every conversation that package wsconn is tested
// with, played over TCP.
func TestPlayWritten(t *testing.T) {
	address := serve(t, echo)
	for name, text := range written(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			played, differences, err := against(t, address).Play(t.Context(), mustParse(t, text))
			if err != nil || played == 0 {
				t.Errorf("%d played: %v", played, err)
			}
			for _, d := range differences {
				t.Errorf("%+v", d)
			}
		})
	}
}

// tapped has a conversation with a server, through a tap that records it into
// a file, and returns the file.
func tapped(t *testing.T, address string, talk func(address string)) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "talk.txt"))
	if err != nil {
		t.Fatal(err)
	}
	const keep = 1000
	r := NewRecorder(file, keep, true)
	closed := make(chan struct{}, 10)
	between, err := tap.New("ws://"+address, func(e tap.Event) {
		r.See(e)
		if e.Kind == tap.Closed {
			closed <- struct{}{}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	between.Keep, between.Parts = keep, true
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- between.Serve(ctx, l) }()
	talk(l.Addr().String())
	<-closed
	cancel()
	if err := errors.Join(<-done, r.Err(), file.Close()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// converse sends each message and waits for its echo.
func converse(t *testing.T, address string, messages ...string) {
	t.Helper()
	c, err := wsconn.Dial(t.Context(), "ws://"+address+"/chat", &wsconn.DialOptions{
		Compress: true, Options: wsconn.Options{Deflate: deflate.Options{MinSize: 100}},
	})
	if err != nil {
		t.Error(err)
		return
	}
	for _, message := range messages {
		if err := c.Write(t.Context(), frame.Text, []byte(message)); err != nil {
			t.Error(err)
		}
		if _, _, err := c.Read(t.Context()); err != nil {
			t.Error(err)
		}
	}
	_ = c.Close(frame.NormalClosure, "tchau")
	_, _, _ = c.Read(t.Context())
}

var messages = []string{"Olá", strings.Repeat("compressed ", 50), strings.Repeat("again compressed ", 50), strings.Repeat("0123456789", 500)}

// What was recorded is what the same server says again, and another one
// differs where it differs.
func TestPlayClient(t *testing.T) {
	address := serve(t, echo)
	text := tapped(t, address, func(address string) { converse(t, address, messages...) })
	s := mustParse(t, text)
	played, differences, err := against(t, address).Play(t.Context(), s)
	if err != nil || played != 1 || len(differences) != 0 {
		t.Errorf("%d played, %+v, %v in\n%s", played, differences, err, text)
	}

	// One that forgets an accent, and one that is silent.
	wrong := serve(t, func(c *wsconn.Conn, op frame.Opcode, message []byte) error {
		return echo(c, op, bytes.ReplaceAll(message, []byte("á"), []byte("a")))
	})
	_, differences, err = against(t, wrong).Play(t.Context(), s)
	if err != nil || len(differences) != 1 || differences[0].Wanted != `< text "Olá"` || differences[0].Came != `< text "Ola"` ||
		!strings.HasSuffix(strings.Split(text, "\n")[differences[0].Line-1], `< text "Olá"`) {
		t.Errorf("%+v, %v", differences, err)
	}
	silent := against(t, serve(t, func(*wsconn.Conn, frame.Opcode, []byte) error { return nil }))
	silent.Wait = 50 * time.Millisecond
	_, differences, err = silent.Play(t.Context(), s)
	if err != nil || len(differences) != 1 || differences[0].Came != "nothing within 50ms" {
		t.Errorf("%+v, %v", differences, err)
	}
	// One that says too much.
	twice := against(t, serve(t, func(c *wsconn.Conn, op frame.Opcode, message []byte) error {
		return errors.Join(echo(c, op, message), echo(c, op, message))
	}))
	_, differences, err = twice.Play(t.Context(), s)
	if err != nil || len(differences) != 1 || differences[0].Came != `< text "Olá"` {
		t.Errorf("%+v, %v", differences, err)
	}
}

// A compressed message is what it says: one in smaller pieces, or compressed
// better, is no difference; another text is.
func TestPlayCompressed(t *testing.T) {
	talk := []string{
		">" + asks, "<" + agrees, ">\x89\x80\x00\x00\x00\x00",
		"<\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00",
		"<\xc1\x05\xf2\x00\x11\x00\x00",
	}
	stored := append(talk[:3:3], "<\xc1\x0b\x00\x05\x00\xfa\xffHello\x00", "<\xc1\x05\xf2\x00\x11\x00\x00") // RFC 7692, section 7.2.3.3
	other := append(talk[:4:4], "<\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", "<\x81\x00")
	for i, row := range []struct {
		talk []string
		want int
	}{{talk, 0}, {stored, 0}, {other, 1}} {
		s := mustParse(t, record(t, talk, 125, false))
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			server := Player{Connect: func(context.Context) (net.Conn, error) { return l.Accept() }}
			_, _, _ = server.Play(t.Context(), mustParse(t, record(t, row.talk, 125, false)))
		}()
		_, differences, err := against(t, l.Addr().String()).Play(t.Context(), s)
		if err != nil || len(differences) != row.want {
			t.Errorf("%d: %+v, %v", i, differences, err)
		}
		<-done
		l.Close()
	}
}

// The server of a recording, played to a client that does the same again, and
// to one that does something else.
func TestPlayServer(t *testing.T) {
	s := mustParse(t, tapped(t, serve(t, echo), func(address string) { converse(t, address, messages...) }))
	for _, row := range []struct {
		last string
		want int
	}{{messages[3], 0}, {"something else", 1}} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			c, err := wsconn.Dial(t.Context(), "ws://"+l.Addr().String()+"/chat", &wsconn.DialOptions{
				Compress: true, Options: wsconn.Options{Deflate: deflate.Options{MinSize: 100}},
			})
			if err != nil {
				t.Error(err)
				return
			}
			for _, message := range append(messages[:3:3], row.last) {
				if c.Write(t.Context(), frame.Text, []byte(message)) != nil {
					break
				}
				if _, got, err := c.Read(t.Context()); err != nil || string(got) != message {
					break
				}
			}
			_ = c.Close(frame.NormalClosure, "tchau")
			_, _, _ = c.Read(t.Context())
		}()
		p := Player{Connect: func(context.Context) (net.Conn, error) { return l.Accept() }}
		played, differences, err := p.Play(t.Context(), s)
		if err != nil || played != 1 || len(differences) != row.want {
			t.Errorf("%d played, %+v, %v", played, differences, err)
		}
		<-done
		l.Close()
	}
}

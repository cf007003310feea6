package cluster

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pair is a connection through a link, with both its ends.
func pair(t *testing.T, l *link, far net.Listener) (here, there net.Conn) {
	t.Helper()
	here, err := net.Dial("tcp", l.addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { here.Close() })
	there, err = far.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { there.Close() })
	return here, there
}

func testLink(t *testing.T) (*link, net.Listener) {
	t.Helper()
	far, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	l, err := newLink(far.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.close)
	return l, far
}

func say(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

// hears reads as much as the text has.
func hears(t *testing.T, c net.Conn, text string) {
	t.Helper()
	b := make([]byte, len(text))
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second)) // then it can't be read
	if _, err := io.ReadFull(c, b); err != nil || string(b) != text {
		t.Fatalf("%q, %v, want %q", b, err, text)
	}
}

// silent checks that nothing comes, not even an end.
func silent(t *testing.T, c net.Conn) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)) // then it can't be read
	n, err := c.Read(make([]byte, 100))
	if n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("%d bytes, %v", n, err)
	}
}

// What was said while it was cut arrives, once and in order.
func TestCutAndMend(t *testing.T) {
	l, far := testLink(t)
	here, there := pair(t, l, far)
	say(t, here, "one ")
	hears(t, there, "one ")
	l.cut()
	l.cut() // is cut already
	say(t, here, "two ")
	say(t, there, "zwei ")
	silent(t, there)
	silent(t, here)
	l.mend(false)
	say(t, here, "three")
	hears(t, there, "two three")
	hears(t, here, "zwei ")
}

func TestReset(t *testing.T) {
	l, far := testLink(t)
	here, there := pair(t, l, far)
	l.cut()
	say(t, here, "lost")
	silent(t, there)
	l.mend(true)
	for _, c := range []net.Conn{here, there} {
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second)) // then the error is another one
		if n, err := c.Read(make([]byte, 100)); n != 0 || err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%d bytes, %v", n, err)
		}
	}
	here, there = pair(t, l, far) // the next one is fine
	say(t, here, "again")
	hears(t, there, "again")
}

// The end of a connection is a message, too.
func TestEnd(t *testing.T) {
	l, far := testLink(t)
	here, there := pair(t, l, far)
	l.cut()
	here.Close()
	silent(t, there)
	l.mend(false)
	_ = there.SetReadDeadline(time.Now().Add(10 * time.Second)) // then the error is another one
	if _, err := there.Read(make([]byte, 100)); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

// Whoever dials while it is cut is not answered before it is mended.
func TestDialWhileCut(t *testing.T) {
	l, far := testLink(t)
	l.cut()
	here, err := net.Dial("tcp", l.addr())
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	_ = far.(*net.TCPListener).SetDeadline(time.Now().Add(50 * time.Millisecond)) // then Accept ends
	if _, err := far.Accept(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	_ = far.(*net.TCPListener).SetDeadline(time.Time{}) // if it fails, so does Accept
	l.mend(false)
	there, err := far.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	say(t, here, "hello")
	hears(t, there, "hello")
}

// A link that is closed while it is cut leaves nothing behind, which goleak sees.
func TestCloseWhileCut(t *testing.T) {
	l, far := testLink(t)
	here, _ := pair(t, l, far)
	l.cut()
	say(t, here, "?")
	l.close()
}

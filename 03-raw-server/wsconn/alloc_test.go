package wsconn

import (
	"context"
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"websocket.example/03-raw-server/frame"
)

// Small messages are echoed without making garbage: buffers come from pools,
// and what is asked of the socket brings its own function along.
func TestEchoAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools forget")
	}
	for _, batch := range []int{1, 32} {
		ours, theirs := tcpWire(t)
		defer theirs.Close()
		c := New(ours, Server, &Options{Kicked: true}, Agreed{})
		ended := make(chan error, 1)
		go func() { ended <- echoEach(c) }()
		v := &villain{t: t, nc: theirs, role: Client}
		var out []byte
		for range batch {
			out = append(out, v.frame(whole(frame.Binary), string(make([]byte, 125)))...)
		}
		in := make([]byte, batch*(2+125))
		_ = theirs.SetDeadline(time.Now().Add(patience)) // if it fails, the test may hang
		if allocs := mallocs(2000, func() { roundTrip(t, theirs, out, in) }); allocs > 0.05 {
			t.Errorf("%d messages at once: an echo of all allocates %.2f times", batch, allocs)
		}
		theirs.Close()
		<-ended
	}
}

func roundTrip(t *testing.T, nc net.Conn, out, in []byte) {
	if _, err := nc.Write(out); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(nc, in); err != nil {
		t.Fatal(err)
	}
}

// mallocs is how often f allocates on average, in all goroutines, once it has
// been warmed up.
func mallocs(runs int, f func()) float64 {
	for range 100 {
		f()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		f()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(runs)
}

// The same without a network: reading and writing a message, in both roles.
func TestReadAndWriteAllocateNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools forget")
	}
	for _, role := range []Role{Server, Client} {
		v := &villain{t: t, role: 1 - role}
		again := &again{frame: v.frame(whole(frame.Text), "hello")}
		c := New(again, role, nil, Agreed{})
		allocs := mallocs(2000, func() {
			op, b, err := c.Read(context.Background())
			if err == nil {
				err = c.Write(context.Background(), op, b)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
		if allocs > 0.05 {
			t.Errorf("%s: an echo allocates %.2f times", nameOf(role), allocs)
		}
	}
}

// again is a connection on which the same frame comes again and again.
type again struct {
	net.Conn
	frame []byte
}

func (a *again) Read(b []byte) (int, error)       { return copy(b, a.frame), nil }
func (a *again) Write(b []byte) (int, error)      { return len(b), nil }
func (a *again) SetReadDeadline(time.Time) error  { return nil }
func (a *again) SetWriteDeadline(time.Time) error { return nil }
func (a *again) Close() error                     { return nil }

package link

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/Shopify/toxiproxy/v2/toxics"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCheck(t *testing.T) {
	for _, row := range []struct {
		name string
		Settings
		want string // part of the error, none if empty
	}{
		{"nothing", Settings{}, ""},
		{"all", Settings{time.Second, time.Second, 8000}, ""},
		{"negative round trip", Settings{RTT: -1}, "shorter than nothing"},
		{"long round trip", Settings{RTT: time.Minute}, "longer than 10s"},
		{"negative jitter", Settings{RTT: time.Second, Jitter: -1}, "below nothing"},
		{"jitter over round trip", Settings{RTT: 10, Jitter: 11}, "more than the round trip"},
		{"little bandwidth", Settings{Bandwidth: 7999}, "too little"},
		{"negative bandwidth", Settings{Bandwidth: -1}, "too little"},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := row.Check()
			if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
	for _, p := range Presets {
		if err := p.Check(); err != nil {
			t.Errorf("preset %s: %v", p.Name, err)
		}
	}
}

func TestNamed(t *testing.T) {
	if p, err := Named("4g"); err != nil || p.RTT != 70*time.Millisecond {
		t.Errorf("4g: %v, %v", p, err)
	}
	if _, err := Named("5g"); err == nil || !strings.Contains(err.Error(), "loopback, lan, wifi, 4g, 3g, satellite") {
		t.Errorf("5g: the error %v does not name those there are", err)
	}
}

// A pipe is one direction of a connection, in a bubble of virtual time.
type pipe struct {
	path
	in, out chan *stream.StreamChunk
}

func newPipe(t *testing.T, s Settings, opener bool) *pipe {
	p := &pipe{in: make(chan *stream.StreamChunk, 1024), out: make(chan *stream.StreamChunk)}
	p.settings.Store(&s)
	p.closed = make(chan struct{})
	paths.Store(t.Name(), &p.path)
	t.Cleanup(func() { paths.Delete(t.Name()) })
	toxic := &wan{Link: t.Name(), Opener: opener}
	stub := toxics.NewToxicStub(p.in, p.out)
	stub.State = toxic.NewState()
	go toxic.Pipe(stub)
	return p
}

func (p *pipe) send() { p.in <- &stream.StreamChunk{Data: []byte("x"), Timestamp: time.Now()} }

// The link's delays are exact, connection by connection.
func TestDelays(t *testing.T) {
	const rtt = 80 * time.Millisecond
	for _, row := range []struct {
		name   string
		opener bool
		sent   []time.Duration
		want   []time.Duration // the last is the end, which is sent with the last chunk
	}{
		{"bytes travel half a round trip", false,
			[]time.Duration{0, 1e6, 500e6}, []time.Duration{40e6, 41e6, 540e6, 580e6}},
		{"the first waits for the connection", true,
			[]time.Duration{0, 1e6, 500e6}, []time.Duration{120e6, 120e6, 540e6, 580e6}},
		{"unless that was opened before", true,
			[]time.Duration{200e6}, []time.Duration{240e6, 280e6}},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				p := newPipe(t, Settings{RTT: rtt}, row.opener)
				go func() {
					for _, at := range row.sent {
						time.Sleep(time.Until(start.Add(at)))
						p.send()
					}
					close(p.in)
				}()
				for i, want := range row.want {
					chunk := <-p.out
					if got := time.Since(start); got != want {
						t.Errorf("chunk %d came after %v, want %v", i, got, want)
					}
					if last := i == len(row.want)-1; last != (chunk == nil) {
						t.Errorf("chunk %d is the end: %t", i, chunk == nil)
					}
				}
			})
		})
	}
}

// A slider acts from the next byte on, on a connection that is open.
func TestSetActsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipe(t, Settings{}, false)
		for _, rtt := range []time.Duration{0, 200 * time.Millisecond, 20 * time.Millisecond} {
			p.settings.Store(&Settings{RTT: rtt})
			start := time.Now()
			p.send()
			<-p.out
			if got := time.Since(start); got != rtt/2 {
				t.Errorf("with a round trip of %v a byte took %v", rtt, got)
			}
		}
		close(p.in)
		<-p.out
	})
}

func TestJitterStaysInBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipe(t, Settings{RTT: 80 * time.Millisecond, Jitter: 40 * time.Millisecond}, false)
		var shortest, longest, sum time.Duration = time.Hour, 0, 0
		const n = 1000
		for range n {
			start := time.Now()
			p.send()
			<-p.out
			took := time.Since(start)
			shortest, longest, sum = min(shortest, took), max(longest, took), sum+took
		}
		if shortest < 20*time.Millisecond || longest > 60*time.Millisecond {
			t.Errorf("from %v to %v, want 40 ms ± 20", shortest, longest)
		}
		if mean := sum / n; mean < 38*time.Millisecond || mean > 42*time.Millisecond {
			t.Errorf("mean %v, want about 40 ms", mean)
		}
		close(p.in)
		<-p.out
	})
}

// A receiver that has gone holds up a chunk for so long and no longer.
func TestReceiverGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipe(t, Settings{}, false)
		start := time.Now()
		p.send() // nobody takes it
		time.Sleep(patience + time.Second)
		p.send() // thrown away
		close(p.in)
		if chunk := <-p.out; chunk != nil || time.Since(start) != patience+time.Second {
			t.Errorf("after %v there was a chunk: %t", time.Since(start), chunk != nil)
		}
	})
}

// When the link is closed nothing waits for a receiver.
func TestLinkClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipe(t, Settings{}, false)
		start := time.Now()
		p.send() // nobody takes it
		synctest.Wait()
		close(p.closed)
		close(p.in)
		if chunk := <-p.out; chunk != nil || time.Since(start) > 0 {
			t.Errorf("after %v there was a chunk: %t", time.Since(start), chunk != nil)
		}
	})
}

// Through a real proxy, over real TCP: bytes arrive unchanged, not before
// their time, and are counted where the server reads and writes them.
func TestProxy(t *testing.T) {
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var counter Counter
	server := Count(plain, &counter)
	go func() {
		conn, err := server.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		if CounterOf(conn) != &counter {
			t.Error("the connection has another counter")
		}
		_, _ = io.Copy(conn, conn)
		conn.Close()
	}()
	defer server.Close()

	const rtt = 40 * time.Millisecond
	proxy, err := Listen("127.0.0.1:0", plain.Addr().String(), Settings{RTT: rtt, Bandwidth: 80_000_000})
	if err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	start := time.Now()
	conn, err := net.Dial("tcp", proxy.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	sent := bytes.Repeat([]byte("0123456789"), 10_000)
	if _, err := conn.Write(sent); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("what came back differs: %v", err)
	}
	if took := time.Since(start); took < 2*rtt {
		t.Errorf("a new connection and an echo took %v, less than two round trips of %v", took, rtt)
	}
	if c, up, down := counter.Connections.Load(), counter.Up.Load(), counter.Down.Load(); c != 1 || up != int64(len(sent)) || down != up {
		t.Errorf("counted %d connections, %d bytes up, %d down", c, up, down)
	}
}

func TestListenOnATakenPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if _, err := Listen(taken.Addr().String(), "127.0.0.1:1", Settings{}); err == nil {
		t.Error("two listen on one port")
	}
}

package wsconn

import (
	"context"
	"errors"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/internal/memnet"
)

// heap is how many bytes are in use after all garbage is gone.
func heap() int64 {
	runtime.GC() // pools keep what they have for one more
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A header may promise anything. Memory is taken for what comes.
func TestClaims(t *testing.T) {
	const claim = 16 << 20
	for _, l := range loops {
		roles(t, &Options{MaxMessage: 1 << 62}, func(t *testing.T, c *Conn, v *villain) {
			ended := make(chan error, 1)
			go func() { ended <- l.echo(c) }()
			v.send(frame.Header{Fin: true, Opcode: frame.Binary, Length: 1 << 62}, "")
			came := 0
			for _, n := range []int{0, 1, 10, 1000, 50_000, 200_000} {
				v.more(strings.Repeat("x", n))
				came += n
				synctest.Wait()
				v.nc.(*memnet.Conn).Waiting() // orders what comes before what follows
				if held := heldBy(c); held > 2*16*came+2*readSize {
					t.Errorf("after %d bytes of 2^62 it holds %d", came, held)
				}
			}
			v.nc.Close()
			<-ended
		})
	}
	const conns = 200
	before := heap()
	var all []*Conn
	for range conns {
		ours, theirs := memnet.Pipe()
		c, v := New(ours, Server, nil, Agreed{}), &villain{t: t, nc: theirs, role: Client}
		v.send(frame.Header{Fin: true, Opcode: frame.Binary, Length: claim}, "")
		readNothing(t, c)
		all = append(all, c)
	}
	if each := (heap() - before) / conns; each > 4<<10 {
		t.Errorf("a claim of 16 MiB without a byte of it costs %d bytes", each)
	}
	runtime.KeepAlive(all)
}

// heldBy is the size of the buffers of a connection whose reader waits.
func heldBy(c *Conn) int {
	held := len(c.stash)
	for _, b := range []*buffer{c.in, c.out} {
		if b != nil {
			held += len(b.b)
		}
	}
	if c.parts != nil {
		held += len(c.parts.b)
	}
	return held
}

// readNothing reads what is there, of which no message can be made.
func readNothing(t *testing.T, c *Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, _, err := c.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Read: %v", err)
	}
}

// A connection that waits holds no buffer.
func TestIdleHoldsNothing(t *testing.T) {
	for _, w := range wires {
		c, v := against(t, w, Server, nil, Agreed{})
		v.text("hello")
		op, b, err := c.Read(t.Context())
		if err == nil {
			err = c.Write(t.Context(), op, b)
		}
		if err != nil {
			t.Fatal(err)
		}
		readNothing(t, c)
		if held := heldBy(c); held > 0 {
			t.Errorf("%s: after a message it holds %d bytes", w.name, held)
		}
		ping := v.frame(whole(frame.Ping), "half of it")
		v.write(ping[:9])
		readNothing(t, c)
		if held := heldBy(c); held > 9 {
			t.Errorf("%s: with half a ping it holds %d bytes", w.name, held)
		}
		v.write(ping[9:])
		v.send(frame.Header{Opcode: frame.Binary}, "half of it")
		readNothing(t, c)
		if held := heldBy(c); held > 1<<smallest {
			t.Errorf("%s: with half a message it holds %d bytes", w.name, held)
		}
	}
}

// The same with Each, seen from outside: 300 connections that have had an
// echo and wait.
func TestIdleEachHoldsNothing(t *testing.T) {
	const conns = 300
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var peers []net.Conn
	ended := make(chan error, conns)
	before := heap()
	echoed := make([]byte, 7)
	for range conns {
		peer, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		ours, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		peers = append(peers, peer)
		go func() { ended <- echoEach(New(ours, Server, &Options{Kicked: true}, Agreed{})) }()
		v := villain{t: t, nc: peer, role: Client}
		v.text("hello")
		if _, err := peer.Read(echoed); err != nil {
			t.Fatal(err)
		}
	}
	const most = 6 << 10 // two sockets and what this test needs; a buffer is 64 KiB
	start := time.Now()
	each := (heap() - before) / conns
	for each > most && time.Since(start) < patience { // the last ones may still be about to wait
		runtime.Gosched()
		each = (heap() - before) / conns
	}
	if each > most {
		t.Errorf("an idle connection costs %d bytes", each)
	}
	for _, peer := range peers {
		peer.Close()
	}
	_ = l.Close()
	for range conns {
		// Those whose end came with their last bytes were promised a kick.
		select {
		case <-ended:
		case <-time.After(patience):
			t.Fatal("a connection outlives its peer")
		}
	}
}

// What a connection had is given back when it has ended, whoever ended it.
func TestNothingIsKept(t *testing.T) {
	for name, end := range map[string]func(v *villain){
		"closed":  func(v *villain) { v.close(frame.NormalClosure, ""); v.expectClose(frame.NormalClosure) },
		"refused": func(v *villain) { v.send(whole(4), ""); v.expectClose(frame.ProtocolError) },
		"left":    func(v *villain) { v.nc.Close() },
		"in a message": func(v *villain) {
			v.send(frame.Header{Opcode: frame.Text}, "begun")
			v.send(frame.Header{Length: 1 << 20}, "begun")
			v.nc.Close()
		},
	} {
		for _, l := range loops {
			roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
				c.pmd = &deflate.Params{}
				ended := make(chan error, 1)
				go func() { ended <- l.echo(c) }()
				v.text(words(1000))
				v.send(frame.Header{Fin: true, RSV: frame.RSV1, Opcode: frame.Text}, pack(words(1000)))
				v.next()
				v.next()
				end(v)
				v.nc.Close()
				<-ended
				if c.in != nil || c.out != nil || c.parts != nil || c.stash != nil || c.inflate != nil || c.deflate != nil {
					t.Errorf("%s: something is kept", name)
				}
			})
		}
	}
}

// A peer that sends a byte a second is served, and costs next to nothing.
func TestAByteASecond(t *testing.T) {
	for _, l := range loops {
		roles(t, nil, func(t *testing.T, c *Conn, v *villain) {
			ended := make(chan error, 1)
			go func() { ended <- l.echo(c) }()
			all := v.frame(whole(frame.Text), "slowly")
			all = append(all, v.frame(whole(frame.Ping), "more slowly")...)
			for i := range all {
				time.Sleep(time.Second)
				v.write(all[i : i+1])
			}
			v.expectText("slowly")
			v.expect(whole(frame.Pong), "more slowly")
			v.goodbye()
			v.nc.Close()
			wantClosed(t, <-ended, frame.NormalClosure)
		})
	}
}

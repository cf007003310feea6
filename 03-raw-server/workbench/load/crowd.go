package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
)

// A Crowd is very many connections on which next to nothing happens: they
// answer pings, and now and then one is asked for an echo. They cost this
// process as little as can be; how little depends on the system: see wires.
type Crowd struct {
	Workers int          // how many dial at the same time
	Batch   int          // how many handshakes each of them has under way
	PerHost int          // how many connections come from one address: each takes a port of it
	MayGrow func() error // asked before each batch; an error ends Open

	addr     netip.AddrPort
	request  []byte // what every connection sends
	accept   string // what every answer must have in it
	question []byte
	wires

	mu    sync.Mutex
	ids   []int32               // all that were opened
	gone  map[int32]bool        // those that have ended since
	why   error                 // why the first of them did
	asked map[int32][]time.Time // when the echoes that are still to come were due to be asked for
	rest  map[int32][]byte      // the start of a frame
	all   chan struct{}         // closed when no echo is to come any more; nil while nobody waits
	delay []time.Duration

	pings int
}

// NewCrowd opens one connection and has all rules of step 02 hold its
// handshake. The others send the same bytes, and of the answer they look at the
// status and the proof: they are here to cost nothing. (RFC 6455 wants a new
// key for each connection. It protects from proxies, of which there is none.)
func NewCrowd(ctx context.Context, addr string) (*Crowd, error) {
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, err
	}
	nc, h, err := handshake.Dial(ctx, "ws://"+addr, nil)
	if err != nil {
		return nil, err
	}
	nc.Close()
	c := &Crowd{
		Workers: 4, Batch: 64, PerHost: 10000, addr: to,
		request: h.Request.Append(nil), accept: h.Response.Header.Get("Sec-WebSocket-Accept"),
		gone: map[int32]bool{}, asked: map[int32][]time.Time{}, rest: map[int32][]byte{},
	}
	c.question = masked(frame.Text, message)
	return c, c.start()
}

var message = bytes.Repeat([]byte("Hello"), 25)

// masked is a client's frame.
func masked(op frame.Opcode, payload []byte) []byte {
	h := frame.Header{Fin: true, Opcode: op, Masked: true, Key: [4]byte{1, 2, 3, 4}, Length: uint64(len(payload))}
	b := append(frame.Append(nil, h), payload...)
	frame.Mask(b[h.Size():], h.Key, 0)
	return b
}

// Source is the address that connection i comes from: of 127.0.0.1 and those
// that follow, each in turn. On Linux and Windows all of 127.0.0.0/8 is this
// machine.
func (c *Crowd) Source(i, of int) netip.Addr {
	at := i%c.Sources(of) + 1
	return netip.AddrFrom4([4]byte{127, byte(at >> 16), byte(at >> 8), byte(at)})
}

// Sources is from how many addresses n connections come.
func (c *Crowd) Sources(n int) int { return max(1, (n+c.PerHost-1)/c.PerHost) }

// Open opens n connections. What is open when an error ends it stays open.
func (c *Crowd) Open(ctx context.Context, n int) error {
	var next atomic.Int64
	var failure error
	var workers sync.WaitGroup
	stop, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for range c.Workers {
		workers.Go(func() {
			for stop.Err() == nil {
				to := int(next.Add(int64(c.Batch)))
				from := to - c.Batch
				if from >= n {
					return
				}
				var err error
				if c.MayGrow != nil {
					err = c.MayGrow()
				}
				if err == nil {
					err = c.dial(from, min(to, n), n)
				}
				if err != nil {
					cancel(err)
				}
			}
		})
	}
	workers.Wait()
	if stop.Err() != nil {
		failure = context.Cause(stop)
	}
	return failure
}

// joined counts a connection in.
func (c *Crowd) joined(id int32) {
	c.mu.Lock()
	c.ids = append(c.ids, id)
	c.mu.Unlock()
}

// answered judges the answer to the handshake, up to its end.
func (c *Crowd) answered(b []byte) (done bool, err error) {
	head, rest, found := bytes.Cut(b, []byte("\r\n\r\n"))
	switch {
	case !found && len(b) < 4096:
		return false, nil
	case !found:
		return false, errors.New("the answer to the handshake does not end")
	case !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")):
		line, _, _ := bytes.Cut(head, []byte("\r\n"))
		return false, fmt.Errorf("the server answered %q", line)
	case !bytes.Contains(head, []byte(c.accept)):
		return false, errors.New("the answer has another proof than the first one had")
	case len(rest) > 0:
		return false, errors.New("the server sends without being asked")
	}
	return true, nil
}

// came takes what a connection has read.
func (c *Crowd) came(id int32, b []byte) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if rest := c.rest[id]; rest != nil {
		b = append(rest, b...)
		delete(c.rest, id)
	}
	for len(b) > 0 {
		h, n, err := frame.Parse(b)
		if err != nil || uint64(len(b)-n) < h.Length {
			c.rest[id] = bytes.Clone(b)
			return
		}
		payload := b[n : n+int(h.Length)]
		b = b[n+len(payload):]
		due := c.asked[id]
		switch {
		case h.Opcode == frame.Ping:
			c.pings++
			if err := c.write(id, masked(frame.Pong, payload)); err != nil {
				c.lost(id, err)
			}
		case h.Opcode == frame.Pong:
		case h.Opcode == frame.Close:
			_, reason, _ := frame.ParseClose(payload)
			c.lost(id, fmt.Errorf("the server closed it: %s", reason))
		case h.Opcode != frame.Text || !h.Fin || !bytes.Equal(payload, message):
			c.lost(id, fmt.Errorf("another message came back than was sent: %s of %d bytes", h.Opcode, h.Length))
		case len(due) == 0:
			c.lost(id, errors.New("an echo came that nobody had asked for"))
		default:
			c.delay = append(c.delay, now.Sub(due[0]))
			if c.asked[id] = due[1:]; len(due) == 1 {
				delete(c.asked, id)
				c.settle()
			}
		}
	}
}

// ended says that a connection can't be read any more.
func (c *Crowd) ended(id int32, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost(id, err)
}

func (c *Crowd) lost(id int32, err error) {
	if !c.gone[id] {
		c.gone[id] = true
		if c.why == nil {
			c.why = err
		}
	}
	delete(c.asked, id)
	c.settle()
}

// Count is how many are open, pings answered so far, connections that ended by
// themselves, and why the first of those did.
func (c *Crowd) Count() (open, pings, lost int, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.ids) - len(c.gone), c.pings, len(c.gone), c.why
}

// EchoAll has an echo come back on each connection, one after the other.
func (c *Crowd) EchoAll(ctx context.Context) error {
	c.mu.Lock()
	ids := slices.Clone(c.ids)
	c.mu.Unlock()
	for _, id := range ids {
		if err := c.ask(id, time.Now()); err != nil {
			return err
		}
		if left := c.wait(ctx, 10*time.Second); left > 0 {
			return errors.Join(errors.New("no echo came back within 10 s"), ctx.Err())
		}
		if _, _, lost, why := c.Count(); lost > 0 {
			return why
		}
	}
	return nil
}

// Echo has messages echoed on connections that chance picks, so many in a
// second for so long, at moments that chance picks as well: nobody waits for
// an earlier answer. A delay counts from when the question was due, and ends
// when the answer was read. Unanswered is how many were not, 10 s after the last question.
func (c *Crowd) Echo(ctx context.Context, rate float64, d time.Duration) (delays []time.Duration, unanswered int) {
	c.mu.Lock()
	c.delay = nil
	c.mu.Unlock()
	sleep, done := sleeper()
	defer done()
	wait := func() time.Duration { return time.Duration(rand.ExpFloat64() / rate * float64(time.Second)) }
	began := time.Now()
	asked := 0
	for due := began.Add(wait()); due.Sub(began) < d && ctx.Err() == nil; due = due.Add(wait()) {
		sleep(time.Until(due))
		id, any := c.pick()
		if !any {
			break
		}
		asked++
		_ = c.ask(id, due) // if it fails, it is one that was not answered
	}
	c.wait(ctx, 10*time.Second)
	c.mu.Lock()
	defer c.mu.Unlock()
	delays, c.delay = c.delay, nil
	return delays, asked - len(delays)
}

// pick picks an open connection.
func (c *Crowd) pick() (int32, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for range 1000 {
		if len(c.ids) == 0 {
			break
		}
		if id := c.ids[rand.IntN(len(c.ids))]; !c.gone[id] {
			return id, true
		}
	}
	return 0, false
}

func (c *Crowd) ask(id int32, due time.Time) error {
	c.mu.Lock()
	c.asked[id] = append(c.asked[id], due)
	c.mu.Unlock()
	err := c.write(id, c.question)
	if err != nil {
		c.ended(id, err)
	}
	return err
}

// wait waits for the echoes that are still to come, and says how many never did.
func (c *Crowd) wait(ctx context.Context, most time.Duration) int {
	c.mu.Lock()
	all := make(chan struct{})
	c.all = all
	c.settle()
	c.mu.Unlock()
	late := time.NewTimer(most)
	defer late.Stop()
	select {
	case <-all:
	case <-late.C:
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = nil
	return len(c.asked)
}

// settle tells whoever waits when nothing is to come any more.
func (c *Crowd) settle() {
	if c.all != nil && len(c.asked) == 0 {
		close(c.all)
		c.all = nil
	}
}

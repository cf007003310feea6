package load

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
)

// Clients are the connections of a workload.
type Clients struct {
	script   *script
	clients  []*client
	messages atomic.Int64
	done     sync.WaitGroup
	failed   chan error
}

type client struct {
	nc   net.Conn
	in   []byte // bytes that were read
	r, w int    // what is unread of them
	skip uint64 // payload bytes that are still to come
	fin  bool   // their frame is the last of its message
	next int    // the number of the message to send next
}

// Dial connects a workload's clients to a server, and compares the first
// messages of each with what comes back.
func Dial(ctx context.Context, addr string, w *Workload) (*Clients, error) {
	s, err := newScript(w)
	if err != nil {
		return nil, err
	}
	c := &Clients{script: s, failed: make(chan error, 1)}
	for range w.Conns {
		one, err := dial(ctx, addr, w.Offer())
		if err != nil {
			c.Close()
			return nil, err
		}
		c.clients = append(c.clients, one)
		_ = one.nc.SetDeadline(time.Now().Add(10 * time.Second))
		if err := one.compare(s); err != nil {
			c.Close()
			return nil, err
		}
		_ = one.nc.SetDeadline(time.Time{})
	}
	return c, nil
}

func dial(ctx context.Context, addr, offer string) (*client, error) {
	var o handshake.DialOptions
	if offer != "" {
		offered, err := handshake.ParseExtensions(offer)
		if err != nil {
			return nil, err
		}
		o.Extensions = offered
	}
	nc, h, err := handshake.Dial(ctx, "ws://"+addr, &o)
	if err != nil {
		return nil, err
	}
	if len(h.Extensions) != len(o.Extensions) {
		nc.Close()
		return nil, errors.New("the server does not compress")
	}
	one := &client{nc: nc, in: make([]byte, 256<<10)}
	one.w = copy(one.in, h.Rest)
	return one, nil
}

// compare sends the first messages one by one, and compares the answers.
func (c *client) compare(s *script) error {
	var history []byte
	for ; c.next < Checked; c.next++ {
		if _, err := c.nc.Write(s.frames(c.next, 1)); err != nil {
			return err
		}
		got, op, packed, err := c.message()
		if err != nil {
			return err
		}
		if packed {
			if got, err = inflate(got, history); err != nil {
				return err
			}
			history = append(history, got...)
			history = history[max(0, len(history)-32<<10):]
		}
		if want := s.plain[c.next%len(s.plain)]; op != s.Opcode || !bytes.Equal(got, want) {
			return fmt.Errorf("message %d did not come back as it was sent: %s of %d bytes for %s of %d", c.next, op, len(got), s.Opcode, len(want))
		}
		if packed != s.Deflate {
			return errors.New("the server answers without compressing")
		}
	}
	return nil
}

// message reads a whole message.
func (c *client) message() (payload []byte, op frame.Opcode, packed bool, err error) {
	for {
		h, n, err := frame.Parse(c.in[c.r:c.w])
		if err != nil {
			if err := c.read(); err != nil {
				return nil, 0, false, err
			}
			continue
		}
		c.r += n
		if h.Opcode.IsControl() {
			return nil, 0, false, fmt.Errorf("a %s frame came: %q", h.Opcode, c.in[c.r:min(c.w, c.r+125)])
		}
		if h.Opcode != frame.Continuation {
			op, packed = h.Opcode, h.RSV&frame.RSV1 != 0
		}
		for left := int(h.Length); left > 0; {
			if c.r == c.w {
				if err := c.read(); err != nil {
					return nil, 0, false, err
				}
			}
			part := min(left, c.w-c.r)
			payload = append(payload, c.in[c.r:c.r+part]...)
			c.r += part
			left -= part
		}
		if h.Fin {
			return payload, op, packed, nil
		}
	}
}

// read reads more, behind what is unread.
func (c *client) read() error {
	c.makeRoom()
	n, err := c.nc.Read(c.in[c.w:])
	c.w += n
	if n > 0 {
		return nil
	}
	return err
}

// makeRoom moves what is unread to the front.
func (c *client) makeRoom() {
	if c.r > 0 {
		c.w = copy(c.in, c.in[c.r:c.w])
		c.r = 0
	}
}

// inflate is the standard library's, not ours: a mistake in ours shall not hide
// itself.
func inflate(packed, history []byte) ([]byte, error) {
	end := bytes.NewReader([]byte{0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff})
	return io.ReadAll(flate.NewReaderDict(io.MultiReader(bytes.NewReader(packed), end), history))
}

// Start sets all clients going: each sends a window full, and again as many
// messages as have come back.
func (c *Clients) Start() {
	for _, one := range c.clients {
		c.done.Go(func() {
			if err := one.run(c.script, &c.messages); !errors.Is(err, os.ErrDeadlineExceeded) {
				select {
				case c.failed <- err:
				default:
				}
			}
		})
	}
}

// Messages is how many came back since Start.
func (c *Clients) Messages() int64 { return c.messages.Load() }

// Stop ends what Start began, and returns what went wrong meanwhile.
func (c *Clients) Stop() error {
	for _, one := range c.clients {
		_ = one.nc.SetDeadline(time.Unix(1, 0))
	}
	c.done.Wait()
	return c.Failed()
}

// Failed is what has gone wrong since Start, once.
func (c *Clients) Failed() error {
	select {
	case err := <-c.failed:
		return err
	default:
		return nil
	}
}

// Close ends the connections.
func (c *Clients) Close() {
	for _, one := range c.clients {
		one.nc.Close()
	}
}

// count goes over what was read, and says how many messages ended in it.
func (c *client) count() (ended int, err error) {
	for {
		part := min(c.skip, uint64(c.w-c.r))
		c.r += int(part)
		if c.skip -= part; c.skip > 0 {
			return ended, nil
		}
		if c.fin {
			c.fin = false
			ended++
		}
		h, n, err := frame.Parse(c.in[c.r:c.w])
		if err != nil {
			return ended, nil //nolint:nilerr // the rest of the header is still to come
		}
		if h.Opcode == frame.Close {
			return ended, errors.New("the server closed the connection")
		}
		c.r += n
		c.skip = h.Length
		c.fin = h.Fin && !h.Opcode.IsControl()
	}
}

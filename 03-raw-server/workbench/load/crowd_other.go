//go:build !linux

package load

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// wires are the connections as the system knows them: here those of package
// net, each with a goroutine that reads, which costs this process some 5 KiB a
// connection.
type wires struct {
	opening sync.Mutex
	conns   []net.Conn // by their numbers
	readers sync.WaitGroup
}

const patience = 30 * time.Second

func (c *Crowd) start() error { return nil }

// dial opens the connections from one number to another, of so many in the end.
func (c *Crowd) dial(from, to, of int) error {
	for i := from; i < to; i++ {
		d := net.Dialer{Timeout: patience, LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(c.Source(i, of), 0))}
		nc, err := d.DialContext(context.Background(), "tcp", c.addr.String())
		if err != nil {
			return err
		}
		if err := c.shake(nc); err != nil {
			nc.Close()
			return err
		}
		c.opening.Lock()
		id := int32(len(c.conns))
		c.conns = append(c.conns, nc)
		c.opening.Unlock()
		c.joined(id)
		c.readers.Go(func() {
			var b [256]byte
			for {
				n, err := nc.Read(b[:])
				if err != nil {
					c.ended(id, err)
					return
				}
				c.came(id, b[:n])
			}
		})
	}
	return nil
}

func (c *Crowd) shake(nc net.Conn) error {
	_ = nc.SetDeadline(time.Now().Add(patience)) // it fails on closed connections, as all else does
	if _, err := nc.Write(c.request); err != nil {
		return err
	}
	var b [4096]byte
	for have := 0; ; {
		n, err := nc.Read(b[have:])
		if err != nil {
			return errors.Join(errors.New("the handshake was not answered"), err)
		}
		have += n
		if done, err := c.answered(b[:have]); err != nil {
			return err
		} else if done {
			return nc.SetDeadline(time.Time{})
		}
	}
}

// write writes a frame: so small that the socket takes it whole.
func (c *Crowd) write(id int32, b []byte) error {
	c.opening.Lock()
	nc := c.conns[id]
	c.opening.Unlock()
	_, err := nc.Write(b)
	return err
}

// Close cuts the connections off. They are reset, so that their ports can be
// used again at once.
func (c *Crowd) Close() {
	c.opening.Lock()
	for _, nc := range c.conns {
		if tcp, is := nc.(*net.TCPConn); is {
			_ = tcp.SetLinger(0) // if it fails, the port waits a minute
		}
		nc.Close()
	}
	c.opening.Unlock()
	c.readers.Wait()
}

// sleeper returns a sleep that ends when it should, or a little later.
func sleeper() (sleep func(time.Duration), done func()) { return time.Sleep, func() {} }

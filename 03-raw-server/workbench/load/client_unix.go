//go:build unix

package load

import (
	"errors"
	"io"
	"sync/atomic"
	"syscall"

	"websocket.example/03-raw-server/internal/socket"
)

// run goes on until an error, of which the deadline in Stop is one.
//
// It stays inside RawConn.Read, which calls go on again whenever the socket is
// ready: so a read that has emptied it is not made twice, and the clients cost
// a good deal less than the servers. Where a server has to wait for them, what
// is measured is how often the machine falls asleep.
func (c *client) run(s *script, messages *atomic.Int64) error {
	raw, err := c.nc.(syscall.Conn).SyscallConn()
	if err != nil {
		return err
	}
	if _, err := c.nc.Write(s.frames(c.next, s.Window)); err != nil {
		return err
	}
	c.next += s.Window
	var failure error
	err = raw.Read(func(fd uintptr) bool {
		var waiting bool
		for !waiting && failure == nil {
			waiting, failure = c.turn(s, int(fd), messages)
		}
		return failure != nil
	})
	if failure != nil {
		return failure
	}
	return err
}

// turn reads once, and sends as many messages as have come back.
func (c *client) turn(s *script, fd int, messages *atomic.Int64) (wait bool, err error) {
	c.makeRoom()
	room := c.in[c.w:]
	n, err := socket.Read(fd, room)
	switch {
	case errors.Is(err, syscall.EAGAIN):
		return true, nil
	case err != nil:
		return false, err
	case n == 0:
		return false, io.ErrUnexpectedEOF
	}
	c.w += n
	ended, err := c.count()
	if err != nil || ended == 0 {
		return n < len(room), err
	}
	messages.Add(int64(ended))
	due := s.frames(c.next, ended)
	c.next += ended
	return n < len(room), socket.WriteAll(c.nc, fd, due)
}

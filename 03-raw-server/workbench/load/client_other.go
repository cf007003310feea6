//go:build !unix

package load

import "sync/atomic"

// run goes on until an error, of which the deadline in Stop is one.
func (c *client) run(s *script, messages *atomic.Int64) error {
	for due := s.Window; ; {
		if _, err := c.nc.Write(s.frames(c.next, due)); err != nil {
			return err
		}
		c.next += due
		for due = 0; due == 0; {
			if err := c.read(); err != nil {
				return err
			}
			var err error
			if due, err = c.count(); err != nil {
				return err
			}
		}
		messages.Add(int64(due))
	}
}

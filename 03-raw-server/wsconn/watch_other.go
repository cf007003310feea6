//go:build !unix

package wsconn

import (
	"context"
	"errors"
	"net"
	"syscall"
)

// Here a socket can't be watched without a buffer: reads wait with one, and
// writes always set a deadline.

func watchable(net.Conn) syscall.RawConn { return nil }

func (c *Conn) readWatched() error { return errors.ErrUnsupported }

func (c *Conn) sendNow(int, []byte) (int, error) { return 0, nil }

func (c *Conn) eachWatched(context.Context, Handler) error { return errors.ErrUnsupported }

func (c *Conn) lieDown() bool { return false }

//go:build !linux

package wsconn

import "errors"

// Here every connection keeps its goroutine.

type poller struct{}

func joinPoller() (*poller, error) { return nil, errors.ErrUnsupported }

func (*poller) watch(int, *Conn) error { return errors.ErrUnsupported }

func (*poller) leave(int, *Conn) {}

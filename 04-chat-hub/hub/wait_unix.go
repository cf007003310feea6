//go:build unix

package hub

import (
	"errors"
	"syscall"
)

// wait returns when there is something to read. A goroutine that waits here
// needs 2 KiB of stack; inside of gorilla's reader it would need 4.
func (c *conn) wait() {
	if c.raw != nil && c.in.Buffered() == 0 {
		_ = c.raw.Read(readable) // whatever it is, who reads sees it
	}
}

var readable = func(fd uintptr) bool {
	var b [1]byte
	_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	return !errors.Is(err, syscall.EAGAIN)
}

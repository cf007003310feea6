//go:build unix

package lambda

import (
	"errors"
	"os"
	"syscall"
)

// lookInto returns a read that does not wait. It uses the pipe as follow does,
// which waits meanwhile, but for nothing that this takes.
func lookInto(f *os.File) func([]byte) int {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil
	}
	return func(b []byte) (n int) {
		_ = raw.Control(func(fd uintptr) { // it fails when the pipe is closed: 0
			n, _ = syscall.Read(int(fd), b)
		})
		return n
	}
}

// follow takes what is printed whenever there is something.
func (o *output) follow() {
	raw, err := o.out.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Read(func(fd uintptr) bool { // it ends with the pipe
		for {
			if n, err := o.takeOnce(int(fd)); n <= 0 && !errors.Is(err, syscall.EINTR) {
				return !errors.Is(err, syscall.EAGAIN) // false: wait for more
			}
		}
	})
}

// takeOnce takes one piece, in order with those that drain takes.
func (o *output) takeOnce(fd int) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := syscall.Read(fd, o.buf)
	if n > 0 {
		if o.over {
			o.late += n
		}
		o.add(o.buf[:n])
	}
	return n, err
}

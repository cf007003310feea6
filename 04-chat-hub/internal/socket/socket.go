//go:build unix

package socket

import (
	"errors"
	"syscall"
)

// Write writes what the socket takes: none of it is no error.
func Write(fd int, b []byte) (int, error) {
	for {
		n, err := write(fd, b)
		switch {
		case err == nil:
			return n, nil
		case errors.Is(err, syscall.EAGAIN):
			return 0, nil
		case !errors.Is(err, syscall.EINTR):
			return 0, err
		}
	}
}

// writePlain is what every Unix has.
func writePlain(fd int, b []byte) (int, error) { return syscall.Write(fd, b) }

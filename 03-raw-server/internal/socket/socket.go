//go:build unix

package socket

import (
	"errors"
	"net"
	"os"
	"syscall"
)

// Read reads what is there, at most as much as b has room for. 0 without an
// error is the end of the stream, syscall.EAGAIN says that nothing is there.
func Read(fd int, b []byte) (int, error) {
	for {
		n, err := read(fd, b)
		switch {
		case err == nil:
			return n, nil
		case !errors.Is(err, syscall.EINTR):
			return 0, err
		}
	}
}

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
			return 0, os.NewSyscallError("write", err)
		}
	}
}

// WriteAll tries without a deadline, which is nearly always enough. nc is the
// connection that the socket belongs to.
func WriteAll(nc net.Conn, fd int, b []byte) error {
	n, err := Write(fd, b)
	if err == nil && n < len(b) {
		_, err = nc.Write(b[n:])
	}
	return err
}

// readPlain and writePlain are what every Unix has.
func readPlain(fd int, b []byte) (int, error)  { return syscall.Read(fd, b) }
func writePlain(fd int, b []byte) (int, error) { return syscall.Write(fd, b) }

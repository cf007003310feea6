//go:build unix

// Package socket reads and writes where nothing may wait: on sockets that are
// non-blocking, as all of package net's are.
//
//	socket.go      what is needed, with the calls that files have as well
//	socket_fast.go the same with a socket's own calls
package socket

import (
	"errors"
	"os"
	"sync/atomic"
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

// Count, set before the first call, has those counted that the kernel leaves
// out of its own count, in /proc/PID/io.
var (
	Count         bool
	reads, writes atomic.Int64
)

// Uncounted is how many the kernel has left out.
func Uncounted() (r, w int64) { return reads.Load(), writes.Load() }

// readPlain and writePlain are what every Unix has.
func readPlain(fd int, b []byte) (int, error)  { return syscall.Read(fd, b) }
func writePlain(fd int, b []byte) (int, error) { return syscall.Write(fd, b) }

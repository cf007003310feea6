//go:build linux && (amd64 || arm64) && !race && !msan && !asan

package socket

import (
	"syscall"
	"unsafe"
)

// write is sendto(2). With one message at a time there is one for each
// delivery, and next to nothing else. It leaves out what write(2) does for
// files: that is 5 % of what a delivery costs.
//
// The scheduler is told, although this never waits. A room writes to hundreds
// of members in a row, and with one CPU it would keep those from it who come
// back from fsync: with the history on the disk a delivery then costs twice
// as much.
func write(fd int, b []byte) (int, error) {
	if len(b) == 0 {
		return writePlain(fd, b)
	}
	if Count {
		writes.Add(1)
	}
	n, _, errno := syscall.Syscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), syscall.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

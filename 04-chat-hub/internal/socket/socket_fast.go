//go:build linux && (amd64 || arm64) && !race && !msan && !asan

package socket

import (
	"syscall"
	"unsafe"
)

// short is how much may be copied while the scheduler does not know.
const short = 64 << 10

// write is sendto(2). With one message at a time there is one for each
// delivery, and next to nothing else. It leaves out what write(2) does for
// files, and as it never waits, the scheduler need not know of it: that is
// 5 % of what a delivery costs.
func write(fd int, b []byte) (int, error) {
	if len(b) == 0 || len(b) > short {
		return writePlain(fd, b)
	}
	if Count {
		writes.Add(1)
	}
	n, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), syscall.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

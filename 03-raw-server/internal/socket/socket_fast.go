//go:build linux && (amd64 || arm64) && !race && !msan && !asan

package socket

import (
	"syscall"
	"unsafe"
)

// A message of 125 bytes costs an echo server one read and one write, and next
// to nothing else. recv and send do the same as they do, without what the
// kernel does for files: permission to each access, and who is to be told of
// it. And as they never wait, the scheduler need not know of them. Together
// that is 5 to 8 % of all the CPU time that the message costs.
//
// Detectors have the plain ones: of those of package syscall the race detector
// learns what happened before what, and the others which memory was written.

// short is how much may be copied while the scheduler does not know.
const short = 64 << 10

func read(fd int, b []byte) (int, error) {
	if len(b) == 0 || len(b) > short {
		return readPlain(fd, b)
	}
	if Count {
		reads.Add(1)
	}
	return call(syscall.SYS_RECVFROM, fd, b, 0)
}

func write(fd int, b []byte) (int, error) {
	if len(b) == 0 || len(b) > short {
		return writePlain(fd, b)
	}
	if Count {
		writes.Add(1)
	}
	return call(syscall.SYS_SENDTO, fd, b, syscall.MSG_NOSIGNAL)
}

func call(number uintptr, fd int, b []byte, flags uintptr) (int, error) {
	n, _, errno := syscall.RawSyscall6(number, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), flags, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

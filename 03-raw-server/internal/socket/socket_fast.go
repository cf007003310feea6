//go:build linux && (amd64 || arm64) && !race && !msan && !asan

package socket

import (
	"syscall"
	"unsafe"
)

// A message of 125 bytes costs an echo server one read and one write, and next
// to nothing else. recv and send do the same as they do, without what the
// kernel does for files: permission to each access, and who is to be told of
// it. That is about 5 % of all the CPU time that the message costs.
//
// Of a read, which is short and after which its goroutine waits, the scheduler
// need not know. Of writes it must: somebody may write to hundreds in a row,
// and would keep those from the CPU who come back from other calls.
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
	return result(syscall.RawSyscall6(syscall.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), 0, 0, 0))
}

func write(fd int, b []byte) (int, error) {
	if len(b) == 0 {
		return writePlain(fd, b)
	}
	if Count {
		writes.Add(1)
	}
	return result(syscall.Syscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), syscall.MSG_NOSIGNAL, 0, 0))
}

func result(n, _ uintptr, errno syscall.Errno) (int, error) {
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

package nats

import (
	"os"

	"golang.org/x/sys/windows"
)

// lock takes the file for this process, until it is closed or the process
// ends in whatever way.
func lock(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
}

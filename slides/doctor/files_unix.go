//go:build unix

package doctor

import "syscall"

// fileLimit is how many files this process may hold open. Go raises it by itself as far
// as the system lets it.
func fileLimit() (uint64, bool) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, false
	}
	return uint64(limit.Cur), true
}

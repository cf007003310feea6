//go:build unix

package bots

import (
	"syscall"

	"websocket.example/04-chat-hub/workbench/internal/console"
)

// spare is what a process has open besides.
const spare = 100

// files says whether this process may have so many connections. Go has raised
// the soft limit to the hard one.
func files(n int) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return nil //nolint:nilerr // then the connections will tell
	}
	if most := uint64(limit.Max); uint64(n+spare) > most {
		return console.Wrong("-n %d needs %d open files, and %d are allowed: run 'ulimit -n %[2]d' before (as root, if it says no), or take -n %[4]d",
			n, n+spare, most, max(int(most)-spare, 1))
	}
	return nil
}

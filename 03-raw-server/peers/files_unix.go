//go:build unix

package main

import (
	"fmt"
	"runtime"
	"syscall"
)

// roomFor says whether this process and the server may open a file for each
// of so many connections. Go has raised the soft limit to the hard one.
func roomFor(connections int) error {
	const others = 200 // what a process has open besides
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return nil //nolint:nilerr // then the connections will tell
	}
	need := uint64(connections + others)
	if uint64(limit.Max) >= need {
		return nil
	}
	command := fmt.Sprintf("ulimit -n %d", need)
	if runtime.GOOS == "linux" {
		command = fmt.Sprintf("sudo prlimit --pid $$ --nofile=%d:%d", need, need)
	}
	if most := int64(limit.Max) - others; most >= 100 {
		return wrong("-idle %d needs %d open files, and %d are allowed: run '%s', or give -idle %d", connections, need, limit.Max, command, most)
	}
	return wrong("-idle %d needs %d open files, and %d are allowed: run '%s'", connections, need, limit.Max, command)
}

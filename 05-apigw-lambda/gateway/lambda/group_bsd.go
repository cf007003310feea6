//go:build unix && !linux

package lambda

import (
	"os/exec"
	"syscall"
)

// asGroup gives the process a group of its own.
func asGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

func stayOnThread() func() { return func() {} }

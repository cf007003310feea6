//go:build unix

package offline

import (
	"os/exec"
	"syscall"
)

// asGroup makes a process, with all that it starts, a group of its own:
// Ctrl-C is not for them.
func asGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup ends it. If that fails, it has ended.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

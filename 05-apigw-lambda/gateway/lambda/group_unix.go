//go:build unix

package lambda

import (
	"os/exec"
	"syscall"
)

// Signals go to the process's group, which holds what it has started too. An
// error means that the group has ended, which is all right.

// canFreeze: there are signals for it.
const canFreeze = true

func freezeGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGSTOP) }
func thawGroup(cmd *exec.Cmd)   { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGCONT) }
func terminate(cmd *exec.Cmd)   { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
func killGroup(cmd *exec.Cmd)   { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

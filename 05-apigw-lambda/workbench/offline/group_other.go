//go:build !unix

package offline

import "os/exec"

func asGroup(*exec.Cmd) {}

// killGroup ends the process. If that fails, it has ended.
func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

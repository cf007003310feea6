//go:build !unix

package lambda

import "os/exec"

// canFreeze: nothing freezes a process here.
const canFreeze = false

func asGroup(*exec.Cmd)       {}
func stayOnThread() func()    { return func() {} }
func freezeGroup(*exec.Cmd)   {}
func thawGroup(*exec.Cmd)     {}
func terminate(cmd *exec.Cmd) { killGroup(cmd) }
func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() } // it fails when it has ended

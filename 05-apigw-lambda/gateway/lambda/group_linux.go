package lambda

import (
	"os/exec"
	"runtime"
	"syscall"
)

// asGroup gives the process a group of its own, and a death with ours: a
// gateway that is killed leaves nobody frozen behind.
func asGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// stayOnThread keeps the goroutine on its thread until the function returned
// is called. Linux takes the parent's death for that of the thread which
// started the process, and Go ends threads when it likes.
func stayOnThread() func() {
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}

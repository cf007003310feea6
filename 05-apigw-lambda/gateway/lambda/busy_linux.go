package lambda

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func procFile(pid int, name string) string {
	return "/proc/" + strconv.Itoa(pid) + "/" + name
}

// running says whether a thread of the frozen process was running when it was
// stopped. The kernel shows -1 for a thread that is in no system call.
func (c *child) running() bool {
	threads, _ := filepath.Glob(procFile(c.cmd.Process.Pid, "task/*/syscall")) // the pattern is fine
	for _, name := range threads {
		if b, err := os.ReadFile(name); err == nil && bytes.HasPrefix(b, []byte("-1 ")) {
			return true
		}
	}
	return false
}

// processorTime is how long its threads have been running.
func (c *child) processorTime() (sum time.Duration) {
	threads, _ := filepath.Glob(procFile(c.cmd.Process.Pid, "task/*/schedstat")) // the pattern is fine
	for _, name := range threads {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		first, _, _ := bytes.Cut(b, []byte(" "))
		n, _ := strconv.ParseInt(string(first), 10, 64) // 0 will do
		sum += time.Duration(n)
	}
	return sum
}

// unread counts its connections that hold data which it has not read, other
// than the one to the Runtime API.
func (c *child) unread(api string) (n int) {
	pid := c.cmd.Process.Pid
	mine := map[string]bool{}
	fds, _ := os.ReadDir(procFile(pid, "fd")) // none will do
	for _, fd := range fds {
		if to, err := os.Readlink(procFile(pid, "fd/"+fd.Name())); err == nil && strings.HasPrefix(to, "socket:[") {
			mine[strings.Trim(to, "socket:[]")] = true
		}
	}
	_, port, _ := strings.Cut(api, ":")
	number, _ := strconv.Atoi(port)
	own := ":" + strings.ToUpper(strconv.FormatInt(int64(number)+1<<16, 16)[1:])
	for _, table := range []string{"net/tcp", "net/tcp6"} {
		b, _ := os.ReadFile(procFile(pid, table)) // none will do
		for line := range strings.Lines(string(b)) {
			// sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
			f := strings.Fields(line)
			if len(f) < 10 || f[3] != "01" || !mine[f[9]] || strings.HasSuffix(f[2], own) {
				continue
			}
			if _, unread, _ := strings.Cut(f[4], ":"); strings.Trim(unread, "0") != "" {
				n++
			}
		}
	}
	return n
}

// peakMemory is the most resident memory the process has had, in bytes.
func peakMemory(cmd *exec.Cmd) int64 {
	b, err := os.ReadFile(procFile(cmd.Process.Pid, "status"))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(b, []byte("VmHWM:"))
	line, _, _ := bytes.Cut(rest, []byte("kB"))
	kib, _ := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64) // 0 is nobody knows
	return kib << 10
}

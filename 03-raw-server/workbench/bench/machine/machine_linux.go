package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// CPUs chooses a CPU for the server and one for the clients. Two threads of
// one core get in each other's way, so if there is another core it is taken.
func CPUs() (server, clients int, err error) {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return 0, 0, err
	}
	var list []int
	for cpu := 0; len(list) < allowed.Count(); cpu++ {
		if allowed.IsSet(cpu) {
			list = append(list, cpu)
		}
	}
	if len(list) < 2 {
		return 0, 0, errors.New("there is only one CPU to run on")
	}
	for _, cpu := range list[1:] {
		if core(cpu) != core(list[0]) {
			return list[0], cpu, nil
		}
	}
	return list[0], list[1], nil
}

// core names the core that a CPU is a thread of.
func core(cpu int) string {
	path := fmt.Sprintf("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu)
	text, err := os.ReadFile(path)
	if err != nil {
		return strconv.Itoa(cpu)
	}
	return strings.TrimSpace(string(text))
}

// PinSelf keeps all threads of this process on one CPU, and has the
// scheduler know that there is only one.
func PinSelf(cpu int) error {
	var set unix.CPUSet
	set.Set(cpu)
	for range 2 { // a thread may have begun meanwhile; from now on they inherit
		tasks, err := filepath.Glob("/proc/self/task/*")
		if err != nil {
			return err
		}
		for _, task := range tasks {
			id, err := strconv.Atoi(filepath.Base(task))
			if err != nil {
				return err
			}
			if err := unix.SchedSetaffinity(id, &set); err != nil && !errors.Is(err, unix.ESRCH) {
				return err
			}
		}
	}
	runtime.GOMAXPROCS(1)
	return nil
}

// OnCPU runs start on a thread that is kept on one CPU. A process that is
// started there stays there, with all its threads, and a Go program sees only
// this CPU from its first instruction on.
func OnCPU(cpu int, start func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return err
	}
	set.Set(cpu)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return err
	}
	err := start()
	return errors.Join(err, unix.SchedSetaffinity(0, &before))
}

// UsageOf asks the process's own clock, which counts nanoseconds, where
// /proc/PID/stat counts hundredths of a second.
func UsageOf(pid int) (u Usage, err error) {
	const schedClock = 2
	var now unix.Timespec
	if err := unix.ClockGettime(int32(^uint32(pid)<<3|schedClock), &now); err != nil {
		return u, fmt.Errorf("the CPU clock of process %d: %w", pid, err)
	}
	u.CPU = time.Duration(now.Nano())
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid))
	if err != nil {
		return u, nil //nolint:nilerr // not every system shows it, and it is only an extra
	}
	for line := range strings.Lines(string(text)) {
		_, _ = fmt.Sscanf(line, "syscr: %d", &u.Reads)
		_, _ = fmt.Sscanf(line, "syscw: %d", &u.Writes)
	}
	return u, nil
}

// ResidentOf is how many bytes of memory a process has.
func ResidentOf(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	var total, resident int64
	if _, err := fmt.Sscan(string(text), &total, &resident); err != nil {
		return 0, err
	}
	return resident * int64(os.Getpagesize()), nil
}

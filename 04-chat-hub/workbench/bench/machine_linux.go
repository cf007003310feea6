package bench

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

// cpus are a CPU for the server and one for the clients.
type cpus struct {
	all             unix.CPUSet
	server, clients int
	procs           int // GOMAXPROCS as it was
}

// twoCPUs chooses them. Two threads of one core get in each other's way, so
// if there is another core it is taken.
func twoCPUs() (*cpus, error) {
	c := &cpus{procs: runtime.GOMAXPROCS(0)}
	if err := unix.SchedGetaffinity(0, &c.all); err != nil {
		return nil, err
	}
	var list []int
	for cpu := 0; len(list) < c.all.Count(); cpu++ {
		if c.all.IsSet(cpu) {
			list = append(list, cpu)
		}
	}
	if len(list) < 2 {
		return nil, errors.New("there is only one CPU, and the server and the clients need one each")
	}
	c.server, c.clients = list[0], list[1]
	for _, cpu := range list[1:] {
		if core(cpu) != core(list[0]) {
			c.clients = cpu
			break
		}
	}
	return c, nil
}

// core names the core that a CPU is a thread of.
func core(cpu int) string {
	text, err := os.ReadFile(fmt.Sprintf("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu))
	if err != nil {
		return strconv.Itoa(cpu)
	}
	return strings.TrimSpace(string(text))
}

// pin keeps this process on the clients' CPU; free lets it go anywhere.
func (c *cpus) pin() error {
	runtime.GOMAXPROCS(1)
	return moveTo(one(c.clients))
}

func (c *cpus) free() error {
	runtime.GOMAXPROCS(c.procs)
	return moveTo(c.all)
}

func one(cpu int) (set unix.CPUSet) {
	set.Set(cpu)
	return set
}

// moveTo moves all threads of this process.
func moveTo(set unix.CPUSet) error {
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
	return nil
}

// within runs start on a thread that is kept on some CPUs. A process that is
// started there stays there, with all its threads, and a Go program sees only
// these CPUs from its first instruction on.
func within(set unix.CPUSet, start func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return err
	}
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return err
	}
	err := start()
	return errors.Join(err, unix.SchedSetaffinity(0, &before))
}

// A usage is what a process has used so far.
type usage struct {
	cpu    time.Duration
	writes int64 // system calls
}

// usageOf asks the process's own clock, which counts the nanoseconds of what
// /proc/PID/stat counts in hundredths of a second.
func usageOf(pid int) (u usage, err error) {
	const schedClock = 2
	var now unix.Timespec
	if err := unix.ClockGettime(int32(^uint32(pid)<<3|schedClock), &now); err != nil {
		return u, fmt.Errorf("the CPU clock of process %d: %w", pid, err)
	}
	u.cpu = time.Duration(now.Nano())
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid))
	if err != nil {
		return u, nil //nolint:nilerr // not every system shows it, and it is only an extra
	}
	for line := range strings.Lines(string(text)) {
		_, _ = fmt.Sscanf(line, "syscw: %d", &u.writes)
	}
	return u, nil
}

// residentOf is how many bytes of memory a process has.
func residentOf(pid int) (int64, error) {
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

// machineName is the name of the processor.
func machineName() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "a processor of unknown kind"
	}
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return fmt.Sprintf("%s, %d CPUs", strings.TrimSpace(value), runtime.NumCPU())
		}
	}
	return fmt.Sprintf("%s, %d CPUs", runtime.GOARCH, runtime.NumCPU())
}

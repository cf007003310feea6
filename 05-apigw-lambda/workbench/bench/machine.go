package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"websocket.example/03-raw-server/workbench/bench/machine"
)

// usage is the CPU time that a process has used so far, with the processes
// that it has started. It is an error where the system does not tell.
func usage(pid int) (time.Duration, error) {
	u, err := machine.UsageOf(pid)
	if err != nil {
		return 0, err
	}
	sum := u.CPU
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // the pattern is good
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for field := range strings.FieldsSeq(string(text)) {
			child, err := strconv.Atoi(field)
			if err != nil {
				continue
			}
			used, err := usage(child)
			if err != nil {
				return 0, err // it has ended: nobody knows what it had used
			}
			sum += used
		}
	}
	return sum, nil
}

func machineName() string { return fmt.Sprintf("%s, %d CPUs", machine.Name(), runtime.NumCPU()) }

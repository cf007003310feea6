package lambda

import (
	"errors"
	"os/exec"
	"sync"
	"time"
)

// A child is the process of an environment, with those that it starts.
type child struct {
	cmd          *exec.Cmd
	output       *output
	initTimedOut bool

	mu     sync.Mutex // between signals and the end: a pid may be someone else's after it
	gone   bool
	ending *time.Timer // after a SIGTERM

	memory     int64
	memoryTime time.Time
	unreadTime time.Time // when its connections were last looked at
}

// startChild starts the function's program.
func startChild(e *environment, now time.Time) (*child, error) {
	p := e.of
	c := &child{cmd: exec.Command(p.command[0], p.command[1:]...)}
	var err error
	if c.output, err = newOutput(p, e.number); err != nil {
		return nil, err
	}
	c.cmd.Dir = p.task
	c.cmd.Env = p.options.variables(p.function, place{p.task, p.private, e.api.address()}, now)
	c.cmd.Stdout, c.cmd.Stderr = c.output.in, c.output.in
	asGroup(c.cmd)
	if err := c.cmd.Start(); err != nil {
		c.output.in.Close()
		c.output.close()
		return nil, err
	}
	c.output.started()
	return c, nil
}

// wait waits for its end, and tells it as Lambda does.
func (c *child) wait() string {
	err := c.cmd.Wait()
	c.mu.Lock()
	c.gone = true
	if c.ending != nil {
		c.ending.Stop()
	}
	killGroup(c.cmd) // what it has started ends with it
	c.mu.Unlock()
	c.output.close()
	if exit, is := errors.AsType[*exec.ExitError](err); is {
		return "Runtime exited with error: " + exit.Error()
	}
	return "Runtime exited without providing a reason"
}

func (c *child) signal(f func(*exec.Cmd)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.gone {
		f(c.cmd)
	}
}

func (c *child) kill()   { c.signal(killGroup) }
func (c *child) freeze() { c.signal(freezeGroup) }
func (c *child) thaw()   { c.signal(thawGroup) }

// farewell is how long a process has after its SIGTERM. It gets one only if an
// extension is registered; others are killed at once.
const farewell = 500 * time.Millisecond

func (c *child) stop(extension, frozen bool) {
	if !extension {
		c.kill()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return
	}
	if frozen {
		thawGroup(c.cmd)
	}
	terminate(c.cmd)
	c.ending = time.AfterFunc(farewell, c.kill)
}

// maxMemory is the most memory it has had. It is looked up now and then only:
// that takes as long as a tenth of an invocation.
func (c *child) maxMemory(now time.Time) int64 {
	if now.Sub(c.memoryTime) < 100*time.Millisecond {
		return c.memory
	}
	if m := peakMemory(c.cmd); m > 0 {
		c.memory, c.memoryTime = m, now
	}
	return c.memory
}

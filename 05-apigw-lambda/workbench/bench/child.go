package bench

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// A child is one of our servers, in a process of its own, so that it shares no
// scheduler and no memory with the clients.
type child struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
	wrote strings.Builder // on its standard error
	url   string
	pid   int
}

// startChild starts this program as bench serve. It is no command of a
// context: Ctrl-C is followed by stop, in which it ends in order.
func startChild(args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.Command(self, append([]string{"bench", "serve"}, args...)...)}
	c.cmd.Stderr = &c.wrote
	c.cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0") // for tests
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	c.pid, c.lines = c.cmd.Process.Pid, bufio.NewScanner(out)
	if !c.lines.Scan() {
		return nil, errors.Join(errors.New("the gateway did not start"), c.stop())
	}
	c.url = c.lines.Text()
	return c, nil
}

// inUse is what the Go runtime of a child says of itself, in bytes.
type inUse struct {
	Heap  uint64 `json:"heap"`  // what is in use
	Stack uint64 `json:"stack"` // of its goroutines
}

// memory has the child collect its garbage, give back what it does not use,
// and count the rest.
func (c *child) memory() (m inUse, err error) {
	if _, err := fmt.Fprintln(c.in, "memory"); err != nil {
		return m, err
	}
	if !c.lines.Scan() {
		return m, errors.New("the gateway has gone")
	}
	return m, json.Unmarshal(c.lines.Bytes(), &m)
}

// stop ends the server, and returns what it complained about.
func (c *child) stop() error {
	c.in.Close()
	late := time.AfterFunc(15*time.Second, func() { _ = c.cmd.Process.Kill() }) // if it fails, it has ended
	defer late.Stop()
	for c.lines.Scan() { // to the end: Wait may only be called then
		continue
	}
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(c.wrote.String()))
	}
	return nil
}

package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"websocket.example/03-raw-server/workbench/bench/machine"
)

// A child is a server in a process of its own.
type child struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
	wrote *strings.Builder // on its standard error
	addr  string
	pid   int
	knows bool // how many calls the kernel has not counted
}

// startChild starts a peer's server, on one CPU if it is not negative.
func startChild(ctx context.Context, peer *Peer, d Deflate, cpu int, profile string) (*child, error) {
	var command []string
	if peer.Serve != nil {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		command = []string{self, "bench", "serve", "-peer", peer.Name, "-deflate", string(d)}
		if profile != "" {
			command = append(command, "-cpuprofile", profile)
		}
	} else {
		var err error
		if command, err = peer.Command(d); err != nil {
			return nil, err
		}
	}
	c := &child{knows: peer.Serve != nil, cmd: exec.CommandContext(ctx, command[0], command[1:]...), wrote: new(strings.Builder)}
	c.cmd.Stderr = c.wrote
	// For tests, when this is built with -race: then a program waits a second
	// before it ends, and other people's races would be failures of ours.
	race := "GORACE=atexit_sleep_ms=0"
	if !peer.ours() {
		race += " exitcode=0"
	}
	c.cmd.Env = append(os.Environ(), race)
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	start := c.cmd.Start
	if cpu >= 0 {
		start = func() error { return machine.OnCPU(cpu, c.cmd.Start) }
	}
	if err := start(); err != nil {
		return nil, err
	}
	c.pid = c.cmd.Process.Pid
	c.lines = bufio.NewScanner(out)
	if !c.lines.Scan() {
		return nil, errors.Join(fmt.Errorf("the server %s did not start", peer.Name), c.stop())
	}
	c.addr = c.lines.Text()
	return c, nil
}

// free has the server give memory that it does not use back to the system.
func (c *child) free() error {
	if _, err := fmt.Fprintln(c.in, "free"); err != nil {
		return err
	}
	if !c.lines.Scan() {
		return errors.New("the server has gone")
	}
	return nil
}

// usage is what the server has used so far.
func (c *child) usage() (machine.Usage, error) {
	u, err := machine.UsageOf(c.pid)
	if err != nil || !c.knows {
		return u, err
	}
	if _, err := fmt.Fprintln(c.in, "calls"); err != nil {
		return u, err
	}
	if !c.lines.Scan() {
		return u, errors.New("the server has gone")
	}
	var reads, writes int64
	if _, err := fmt.Sscan(c.lines.Text(), &reads, &writes); err != nil {
		return u, err
	}
	u.Reads += reads
	u.Writes += writes
	return u, nil
}

// stop ends the server, and returns what it complained about.
func (c *child) stop() error {
	c.in.Close()
	late := time.AfterFunc(5*time.Second, func() { _ = c.cmd.Process.Kill() }) // if it fails, it has ended
	defer late.Stop()
	for c.lines.Scan() { // to the end: Wait may only be called then
		continue
	}
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(c.wrote.String()))
	}
	return nil
}

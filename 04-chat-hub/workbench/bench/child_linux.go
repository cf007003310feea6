package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A kind is a server that is measured.
type kind struct {
	name, how string
	joins     bool // it sends on what it gets, and may join several messages into one
	mutex     bool
	nats      bool
}

var kinds = []kind{
	{name: "chat", how: "gorilla/websocket's examples/chat as it is: no history, no acks, no rooms", joins: true},
	{name: "mutex", how: "the shortest hub: a map, a mutex, and a write for each; nothing else either", joins: true, mutex: true},
	{name: "hub", how: "this repository's hub, history and acks in memory"},
	{name: "hub-nats", how: "the same, history in the embedded NATS: on the disk before it is acknowledged", nats: true},
}

const example = "github.com/gorilla/websocket/examples/chat"

// buildExample builds gorilla's chat, which go.mod has anyway.
func buildExample(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "chat")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, example).CombinedOutput()
	if err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		return "", fmt.Errorf("%s can't be built, run this within the repository: %w: %s", example, err, line)
	}
	return binary, nil
}

// A child is a server in a process of its own.
type child struct {
	cmd   *exec.Cmd
	addr  string
	pid   int
	in    io.WriteCloser // nil if it is the example
	lines *bufio.Scanner
	wrote strings.Builder // on its standard error
}

// start starts a server on some CPUs. dir is for its files.
func (k *kind) start(ctx context.Context, example, dir string, set unix.CPUSet) (*child, error) {
	if k.name == "chat" {
		return startExample(ctx, example, set)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, self, "bench", "serve")}
	if k.nats {
		c.cmd.Args = append(c.cmd.Args, "-data", dir)
	}
	if k.mutex {
		c.cmd.Args = append(c.cmd.Args, "-mutex")
	}
	c.cmd.Stderr = &c.wrote
	c.cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := within(set, c.cmd.Start); err != nil {
		return nil, err
	}
	c.pid, c.lines = c.cmd.Process.Pid, bufio.NewScanner(out)
	if !c.lines.Scan() {
		return nil, errors.Join(fmt.Errorf("the server %s did not start", k.name), c.stop())
	}
	c.addr = c.lines.Text()
	return c, nil
}

// startExample finds a free port first, for the example can't.
func startExample(ctx context.Context, binary string, set unix.CPUSet) (*child, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &child{addr: l.Addr().String()}
	l.Close()
	c.cmd = exec.CommandContext(ctx, binary, "-addr", c.addr)
	if err := within(set, c.cmd.Start); err != nil {
		return nil, err
	}
	c.pid = c.cmd.Process.Pid
	for limit := time.Now().Add(stuck); ; {
		nc, err := net.Dial("tcp", c.addr)
		if err == nil {
			nc.Close()
			return c, nil
		}
		if time.Now().After(limit) || ctx.Err() != nil {
			return nil, errors.Join(fmt.Errorf("gorilla's chat did not start: %w", err), c.stop())
		}
		time.Sleep(10 * time.Millisecond)
	}
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

// stop ends the server, and returns what it complained about.
func (c *child) stop() error {
	if c.in == nil { // it knows no other end
		_ = c.cmd.Process.Kill() // if it fails, it has ended
		_ = c.cmd.Wait()         // "signal: killed"
		return nil
	}
	c.in.Close()
	late := time.AfterFunc(10*time.Second, func() { _ = c.cmd.Process.Kill() }) // if it fails, it has ended
	defer late.Stop()
	for c.lines.Scan() { // to the end: Wait may only be called then
		continue
	}
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(c.wrote.String()))
	}
	return nil
}

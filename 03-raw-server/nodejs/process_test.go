package nodejs

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// node is the command that runs an example. It ends with the context, and
// with this process: testdata/leash.mjs sees its standard input end.
func node(ctx context.Context, env []string, script string, args ...string) (*exec.Cmd, error) {
	// The go command repeats a test when a file has changed that the test has
	// looked at. What node reads, it does not see.
	if _, err := os.Stat(script); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "node", append([]string{"--import", "./testdata/leash.mjs", script}, args...)...)
	// A proxy is for the world outside, and nothing here goes there.
	cmd.Env = append(os.Environ(), "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
	cmd.Env = append(cmd.Env, env...)
	cmd.WaitDelay = patience
	_, err := cmd.StdinPipe() // closed by Wait, or when we are gone
	return cmd, err
}

// run runs a client to its end and returns the lines that it printed.
func run(t *testing.T, env []string, script string, args ...string) []string {
	t.Helper()
	p := start(t, env, script, args...)
	lines := []string{}
	for p.lines.Scan() {
		lines = append(lines, strings.TrimSpace(p.lines.Text()))
	}
	if err := p.wait(); err != nil {
		t.Errorf("%s %s: %v", script, strings.Join(args, " "), err)
	}
	return lines
}

// A process is an example that runs.
type process struct {
	cmd    *exec.Cmd
	lines  *bufio.Scanner // its standard output
	errors bytes.Buffer   // its standard error
	cancel context.CancelFunc
	wait   func() error // may be called again
}

// start starts a client, which ends with the test, or when patience does.
func start(t *testing.T, env []string, script string, args ...string) *process {
	t.Helper()
	p, err := startProcess(env, script, args...)
	if err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(patience, p.cancel)
	t.Cleanup(func() {
		late.Stop()
		p.stop()
	})
	return p
}

func startProcess(env []string, script string, args ...string) (*process, error) {
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{cancel: cancel}
	cmd, err := node(ctx, env, script, args...)
	if err != nil {
		cancel()
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	cmd.Stderr = &p.errors
	p.cmd, p.lines = cmd, bufio.NewScanner(out)
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	p.wait = sync.OnceValue(func() error {
		if err := cmd.Wait(); err != nil {
			return fmt.Errorf("%w: %s", err, bytes.TrimSpace(p.errors.Bytes()))
		}
		return nil
	})
	return p, nil
}

func (p *process) stop() {
	p.cancel()
	p.wait()
}

// line waits for the next line that it prints.
func (p *process) line(t *testing.T) string {
	t.Helper()
	if !p.lines.Scan() {
		t.Fatalf("%v ended: %v", p.cmd.Args, p.wait())
	}
	return p.lines.Text()
}

// startServer starts an example server on a free port. Its first line ends
// with its URL.
func startServer(library string, env ...string) (*process, string, error) {
	p, err := startProcess(append(env, "PORT=0"), library+"/server.mjs")
	if err != nil {
		return nil, "", err
	}
	if !p.lines.Scan() {
		err := p.wait()
		p.stop()
		return nil, "", fmt.Errorf("%s/server.mjs did not start: %w", library, err)
	}
	words := strings.Fields(p.lines.Text())
	return p, words[len(words)-1], nil
}

// ownServer is a server for one test.
func ownServer(t *testing.T, library string, env ...string) string {
	t.Helper()
	p, url, err := startServer(library, env...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	return url
}

// Most tests share a server for each library: starting one takes longer than
// the test.
var shared struct {
	mu        sync.Mutex
	urls      map[string]func() (string, error)
	processes []*process
}

func sharedServer(t *testing.T, library string, env ...string) string {
	t.Helper()
	shared.mu.Lock()
	key := strings.Join(append(env, library), " ")
	if shared.urls == nil {
		shared.urls = map[string]func() (string, error){}
	}
	if shared.urls[key] == nil {
		shared.urls[key] = sync.OnceValues(func() (string, error) {
			p, url, err := startServer(library, env...)
			if err == nil {
				shared.mu.Lock()
				defer shared.mu.Unlock()
				shared.processes = append(shared.processes, p)
			}
			return url, err
		})
	}
	start := shared.urls[key]
	shared.mu.Unlock()
	url, err := start()
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// stopServers says which of them did not live until now: Node's last words
// are its version.
func stopServers() (died error) {
	for _, p := range shared.processes {
		p.cancel()
		if err := p.wait(); strings.Contains(p.errors.String(), "\nNode.js v") {
			died = errors.Join(died, fmt.Errorf("%v: %w", p.cmd.Args, err))
		}
	}
	return died
}

package cluster

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// A process is this binary again, in a role of its own, to be killed.
type process struct {
	name string
	args []string
	log  string // the file for what it complains about

	cmd   *exec.Cmd
	in    io.WriteCloser // its end is the process's end: none outlives us
	lines chan string    // of its standard output
	ended chan struct{}
}

func (p *process) start() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() // the process has its own
	p.cmd = exec.Command(self, append([]string{"cluster"}, p.args...)...)
	p.cmd.Stderr = log
	p.cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.lines, p.ended = make(chan string, 16), make(chan struct{})
	go func(cmd *exec.Cmd, lines chan<- string, ended chan<- struct{}) {
		for s := bufio.NewScanner(out); s.Scan(); {
			select {
			case lines <- s.Text():
			default: // nobody waits for it
			}
		}
		_ = cmd.Wait() // whoever cares looks at the log
		close(ended)
	}(p.cmd, p.lines, p.ended)
	return nil
}

// line is the next one that it prints.
func (p *process) line(ctx context.Context, within time.Duration) (string, error) {
	late := time.NewTimer(within)
	defer late.Stop()
	select {
	case text := <-p.lines:
		return text, nil
	case <-p.ended:
		return "", p.hasEnded()
	case <-late.C:
		return "", fmt.Errorf("%s said nothing for %v: %s", p.name, within, p.lastWords())
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// kill is kill -9.
func (p *process) kill() error {
	err := p.cmd.Process.Kill()
	if errors.Is(err, os.ErrProcessDone) {
		err = p.hasEnded()
	}
	<-p.ended
	return err
}

// stop has it end by itself.
func (p *process) stop() {
	if p.cmd == nil || p.ended == nil {
		return
	}
	p.in.Close()
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill() // if it fails, it has ended
		<-p.ended
	}
}

// alive fails if it has ended by itself.
func (p *process) alive() error {
	select {
	case <-p.ended:
		return p.hasEnded()
	default:
		return nil
	}
}

func (p *process) hasEnded() error {
	return fmt.Errorf("%s has ended by itself, %v: %s", p.name, p.cmd.ProcessState, p.lastWords())
}

// lastWords is the last line of its log.
func (p *process) lastWords() string {
	data, err := os.ReadFile(p.log)
	data = bytes.TrimSpace(data)
	if err != nil || len(data) == 0 {
		return "without a word"
	}
	return string(data[bytes.LastIndexByte(data, '\n')+1:])
}

// together does something to several at the same time.
func together[P any](all []P, do func(P) error) error {
	errs := make([]error, len(all))
	var work sync.WaitGroup
	for i, p := range all {
		work.Go(func() { errs[i] = do(p) })
	}
	work.Wait()
	return errors.Join(errs...)
}

func logFile(dir, name string) string { return filepath.Join(dir, name+".log") }

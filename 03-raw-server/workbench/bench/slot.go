package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"websocket.example/03-raw-server/workbench/bench/machine"
	"websocket.example/03-raw-server/workbench/load"
)

// A slot is one measurement: one peer, one workload, one round.
type slot struct {
	Round    int           `json:"round"`
	Workload string        `json:"workload"`
	Peer     string        `json:"peer"`
	Wall     time.Duration `json:"wall_ns,omitempty"`
	Messages int64         `json:"messages,omitempty"` // that came back
	CPU      time.Duration `json:"server_cpu_ns,omitempty"`
	LoadCPU  time.Duration `json:"clients_cpu_ns,omitempty"`
	Reads    int64         `json:"server_reads,omitempty"` // system calls
	Writes   int64         `json:"server_writes,omitempty"`
	Idle     *idle         `json:"idle,omitempty"`
	Error    string        `json:"error,omitempty"`
}

// cost is what a message costs: CPU time, or time by the clock where that
// can't be had.
func (s *slot) cost() float64 {
	if s.CPU > 0 {
		return float64(s.CPU) / float64(s.Messages)
	}
	return float64(s.Wall) / float64(s.Messages)
}

// A place is where things run, and for how long.
type place struct {
	serverCPU    int // -1 is anywhere
	warmUp, time time.Duration
	idle         int
	profile      string
}

// deflateFor is how a server is to be set up for a workload.
func deflateFor(w *load.Workload) Deflate {
	switch {
	case w.Deflate && w.Takeover:
		return Takeover
	case w.Deflate:
		return NoTakeover
	}
	return Off
}

// measure fills a slot.
func (p *place) measure(ctx context.Context, peer *Peer, w *load.Workload, s *slot) (err error) {
	server, err := startChild(ctx, peer, deflateFor(w), p.serverCPU, p.profile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	clients, err := load.Dial(ctx, server.addr, w)
	if err != nil {
		return err
	}
	defer clients.Close()
	clients.Start()
	if err := sleep(ctx, p.warmUp); err != nil {
		return errors.Join(err, clients.Stop())
	}
	began, before := time.Now(), clients.Messages()
	used, usageErr := server.usage()
	mine, _ := machine.UsageOf(os.Getpid())
	if err := sleep(ctx, p.time); err != nil {
		return errors.Join(err, clients.Stop())
	}
	s.Wall, s.Messages = time.Since(began), clients.Messages()-before
	if usageErr == nil {
		now, err := server.usage()
		if err != nil {
			return errors.Join(err, clients.Stop())
		}
		s.CPU, s.Reads, s.Writes = now.CPU-used.CPU, now.Reads-used.Reads, now.Writes-used.Writes
		if now, err := machine.UsageOf(os.Getpid()); err == nil {
			s.LoadCPU = now.CPU - mine.CPU
		}
	}
	if err := clients.Stop(); err != nil {
		return err
	}
	if s.Messages == 0 {
		return fmt.Errorf("no message came back in %v", p.time)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

package bench

import (
	"context"
	"fmt"
	"os"
	"time"

	"websocket.example/04-chat-hub/workbench/internal/delay"
)

// A workload is what the members do.
type workload struct {
	name, title string
	members     int
	size        int // bytes of a delivery's payload
	publishers  int
	window      int     // messages that are under way at most
	rate        float64 // messages a second, whatever the server does; 0 is as fast as the window allows
	pinned      bool    // the server on one CPU, the clients on another
}

// The windows are smaller than the chat example's queues of 256 messages: who
// has more to get is dropped by it, and a comparison would end.
var workloads = []workload{
	{name: "w1", title: "1,000 members, 200 B, the next message when all have the last", members: 1000, size: 200, publishers: 1, window: 1, pinned: true},
	{name: "w8", title: "1,000 members, 200 B, eight messages under way", members: 1000, size: 200, publishers: 1, window: 8, pinned: true},
	{name: "sat", title: "500 members, 100 B, four publishers as fast as they can, 128 messages under way", members: 500, size: 100, publishers: 4, window: 128, pinned: true},
	{name: "rate", title: "500 members, 200 B, 200 messages a second, server and clients anywhere", members: 500, size: 200, publishers: 1, rate: 200},
}

const idleName = "idle"

// A slot is one measurement.
type slot struct {
	Round     int           `json:"round"`
	Workload  string        `json:"workload"`
	Server    string        `json:"server"`
	Wall      time.Duration `json:"wall_ns,omitempty"`
	Delivered int64         `json:"delivered,omitempty"`
	Bytes     int64         `json:"bytes,omitempty"` // that the members read
	CPU       time.Duration `json:"server_cpu_ns,omitempty"`
	LoadCPU   time.Duration `json:"clients_cpu_ns,omitempty"`
	Writes    int64         `json:"server_writes,omitempty"`
	P50       float64       `json:"p50_ms,omitempty"`
	P99       float64       `json:"p99_ms,omitempty"`
	Max       float64       `json:"max_ms,omitempty"`
	Idle      *idle         `json:"idle,omitempty"`
	Error     string        `json:"error,omitempty"`
}

// stuck is how long nothing may come before it is an error.
const stuck = 10 * time.Second

// measure fills a slot.
func (w *workload) measure(ctx context.Context, c *crowd, pid int, warmUp, measured time.Duration, s *slot) error {
	if err := c.enter(ctx, w.members, w.members); err != nil {
		return err
	}
	text := c.textOf(w.size)
	began := time.Now()
	from, to := began.Add(warmUp), time.Time{}
	var used, mine usage
	var bytes, delivered int64
	moved, movedAt := c.delivered, began
	due := began
	var batch []byte
	for turn := 0; ; turn++ {
		now := time.Now()
		switch {
		case to.IsZero() && !now.Before(from):
			var err error
			if used, err = usageOf(pid); err != nil {
				return err
			}
			if mine, err = usageOf(os.Getpid()); err != nil {
				return err
			}
			c.delays = new(delay.Histogram)
			bytes, delivered, from = c.bytes, c.delivered, time.Now()
			to = from.Add(measured)
		case !to.IsZero() && !now.Before(to):
			after, err := usageOf(pid)
			if err != nil {
				return err
			}
			own, err := usageOf(os.Getpid())
			if err != nil {
				return err
			}
			s.Wall, s.Delivered, s.Bytes = time.Since(from), c.delivered-delivered, c.bytes-bytes
			s.CPU, s.Writes, s.LoadCPU = after.cpu-used.cpu, after.writes-used.writes, own.cpu-mine.cpu
			s.P50, s.P99, s.Max = delay.Milliseconds(c.delays.Percentile(50)), delay.Milliseconds(c.delays.Percentile(99)), delay.Milliseconds(c.delays.Max())
			if s.Delivered == 0 {
				return fmt.Errorf("nothing was delivered in %v", measured)
			}
			return nil
		}
		if c.delivered > moved {
			moved, movedAt = c.delivered, now
		} else if now.Sub(movedAt) > stuck {
			return fmt.Errorf("nothing came in %v: all have %d messages of %d", stuck, c.done, c.next)
		}
		// All that may be published goes out in one write.
		m := c.members[turn%w.publishers]
		batch = batch[:0]
		switch {
		case w.rate > 0:
			for ; !due.After(now) && c.next-c.done < ring; due = due.Add(time.Duration(float64(time.Second) / w.rate)) {
				batch = c.publish(batch, text, due)
			}
			if err := c.wake(due); err != nil {
				return err
			}
		default:
			for c.next-c.done < w.window {
				batch = c.publish(batch, text, now)
			}
		}
		if len(batch) > 0 {
			if err := c.write(m, batch); err != nil {
				return err
			}
		}
		if err := c.turn(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

// idle is the resident memory of a server in bytes.
type idle struct {
	Members   int   `json:"members"`
	Before    int64 `json:"before"`
	Connected int64 `json:"connected"`       // some seconds after all have joined
	Freed     int64 `json:"freed,omitempty"` // asked to give back what is not in use; the example can't be asked
}

// perRoom is how many idle members are in a room of ours. The example has one
// room, and tells nobody who comes and goes.
const perRoom = 100

// measureIdle fills a slot. settle is time for what the handshakes left to be
// collected.
func measureIdle(ctx context.Context, c *crowd, server *child, n int, settle time.Duration, s *slot) (err error) {
	i := &idle{Members: n}
	if i.Before, err = residentOf(server.pid); err != nil {
		return err
	}
	if err := c.enter(ctx, n, perRoom); err != nil {
		return err
	}
	for until := time.Now().Add(settle); time.Now().Before(until); {
		if err := c.turn(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	if i.Connected, err = residentOf(server.pid); err != nil {
		return err
	}
	if server.in != nil {
		if err := server.free(); err != nil {
			return err
		}
		if i.Freed, err = residentOf(server.pid); err != nil {
			return err
		}
	}
	s.Idle = i
	return nil
}

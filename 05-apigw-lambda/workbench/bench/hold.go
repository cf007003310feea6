package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"websocket.example/03-raw-server/workbench/bench/machine"
)

// A holdReport is what connections cost the gateway, and what broadcasts do.
type holdReport struct {
	Began       time.Time `json:"began"`
	Machine     string    `json:"machine"`
	Go          string    `json:"go"`
	Connections int       `json:"connections"`
	Opening     float64   `json:"opening_s"` // how long it took to open them

	Before holding `json:"before"`
	Idle   holding `json:"idle"` // some seconds after the last has come

	Room       int         `json:"room"`
	Size       int         `json:"text_bytes"`
	Broadcasts []broadcast `json:"broadcasts"`
}

// holding is the memory of the gateway, in bytes.
type holding struct {
	Resident int64 `json:"resident"` // as it was
	Freed    int64 `json:"freed"`    // when what is not in use has been given back
	inUse
}

// A broadcast is one message to the room.
type broadcast struct {
	First float64 `json:"first_ms"`
	P50   float64 `json:"p50_ms"`
	P99   float64 `json:"p99_ms"`
	Last  float64 `json:"last_ms"`
	CPU   float64 `json:"server_cpu_us,omitempty"` // for one delivery
}

// settle is time for what the handshakes have left to be collected.
const settle = 2 * time.Second

func (s *settings) runHold(ctx context.Context, out io.Writer, show func(string)) (err error) {
	if err := machine.Room(s.hold+200, 1); err != nil { // 200: those of the functions to @connections
		return wrong("%w", err)
	}
	r := &holdReport{
		Began: time.Now().Round(time.Second), Machine: machineName(), Go: runtime.Version(),
		Connections: s.hold, Room: s.room, Size: s.size,
	}
	args := []string{"-chat"}
	if s.profile != "" {
		args = append(args, "-cpuprofile", filepath.Join(s.profile, "hold.pprof"))
	}
	gateway, err := startChild(args...)
	if err != nil {
		return err
	}
	c := newCrowd(s.room)
	defer func() {
		c.close()
		err = errors.Join(err, gateway.stop())
	}()
	if r.Before, err = gateway.holding(); err != nil {
		return err
	}
	began := time.Now()
	err = c.open(ctx, gateway.url, s.hold, s.pace, func(n int) {
		if n%100 == 0 {
			show(fmt.Sprintf("%s of %s connections", thousands(float64(n)), thousands(float64(s.hold))))
		}
	})
	if err != nil {
		return stopped(ctx, err)
	}
	r.Opening = time.Since(began).Seconds()
	show("waiting for what the handshakes have left to be collected")
	if err := sleepUntil(ctx, time.Now().Add(settle)); err != nil {
		return stopped(ctx, err)
	}
	if r.Idle, err = gateway.holding(); err != nil {
		return err
	}
	if err := s.broadcast(ctx, c, gateway, r, show); err != nil {
		return stopped(ctx, err)
	}
	show("")
	if s.asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", " ")
		return e.Encode(r)
	}
	r.text(out)
	return nil
}

func (s *settings) broadcast(ctx context.Context, c *crowd, gateway *child, r *holdReport, show func(string)) error {
	show("taking seats")
	room := c.in(s.room)
	if err := c.sit(ctx, room); err != nil {
		return err
	}
	text := strings.Repeat(".", s.size)
	const warmUp = 2 // the function's connections to @connections are opened in the first
	for i := range s.broadcasts + warmUp {
		show(fmt.Sprintf("broadcast %d of %d", i+1, s.broadcasts+warmUp))
		before, cpuErr := usage(gateway.pid)
		delays, err := c.say(ctx, i, text, room)
		if err != nil {
			return err
		}
		if i < warmUp {
			continue
		}
		slices.Sort(delays)
		b := broadcast{
			First: percentile(delays, 0) / 1000, P50: percentile(delays, 50) / 1000,
			P99: percentile(delays, 99) / 1000, Last: percentile(delays, 100) / 1000,
		}
		if after, err := usage(gateway.pid); err == nil && cpuErr == nil {
			b.CPU = float64((after - before).Nanoseconds()) / 1000 / float64(len(room))
		}
		r.Broadcasts = append(r.Broadcasts, b)
	}
	return nil
}

// holding asks for the memory of the gateway, in two ways. What the system
// does not tell is 0.
func (c *child) holding() (h holding, err error) {
	h.Resident, _ = machine.ResidentOf(c.pid)
	if h.inUse, err = c.memory(); err != nil {
		return h, err
	}
	h.Freed, _ = machine.ResidentOf(c.pid)
	return h, nil
}

// each is a difference for each connection, in KiB.
func (r *holdReport) each(before, after int64) float64 {
	if after == 0 {
		return math.NaN()
	}
	return float64(after-before) / float64(r.Connections) / 1024
}

func (r *holdReport) text(w io.Writer) {
	fmt.Fprintf(w, "%s, %s, %s\n\n", r.Machine, r.Go, r.Began.Format("2006-01-02 15:04"))
	fmt.Fprintf(w, "%s connections, opened in %.1f s. The gateway's memory, in KiB for each:\n", thousands(float64(r.Connections)), r.Opening)
	b, i := r.Before, r.Idle
	for _, row := range []struct {
		what string
		kib  float64
	}{
		{"resident", r.each(b.Freed, i.Resident)},
		{"resident, when what is not in use is given back", r.each(b.Freed, i.Freed)},
		{"of this the heap", r.each(int64(b.Heap), int64(i.Heap))},
		{"and the stacks", r.each(int64(b.Stack), int64(i.Stack))},
	} {
		fmt.Fprintf(w, "  %-48s %s\n", row.what, three(row.kib))
	}
	of := func(figure func(broadcast) float64) spread {
		var all []float64
		for _, b := range r.Broadcasts {
			all = append(all, figure(b))
		}
		return spreadOf(all)
	}
	fmt.Fprintf(w, "\nThe chat tells %s of them %d B, %d times. From the sender's write until a member has it, in ms:\n",
		thousands(float64(r.Room)), r.Size, len(r.Broadcasts))
	for _, row := range []struct {
		what   string
		spread spread
	}{
		{"the first", of(func(b broadcast) float64 { return b.First })},
		{"p50", of(func(b broadcast) float64 { return b.P50 })},
		{"p99", of(func(b broadcast) float64 { return b.P99 })},
		{"the last", of(func(b broadcast) float64 { return b.Last })},
		{"server CPU for a delivery, in µs", of(func(b broadcast) float64 { return orNaN(b.CPU) })},
	} {
		fmt.Fprintf(w, "  %-48s %s\n", row.what, row.spread)
	}
	fmt.Fprintln(w, "\n"+holdNotes)
}

const holdNotes = `A figure is the median over the broadcasts, and half of them are between those in brackets.
The function runs in the gateway's process, with a store in memory, and posts 50 at a time,
each a call without HTTP. The clients are another process on the same machine.

Not measured: the kernel's own memory for each socket, a network, TLS, a table.`

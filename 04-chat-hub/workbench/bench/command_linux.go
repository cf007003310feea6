package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"websocket.example/04-chat-hub/workbench/internal/console"
)

// idleRounds are enough: memory hardly varies.
const idleRounds = 2

func command(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := console.NewFlags("bench", lesson, stdout)
	quick := fs.Bool("quick", false, "one round, and short ones; the figures are rough")
	rounds := fs.Number("rounds", 5, 1, 1000, "`number` of rounds")
	only := fs.List("only", names, "`names` of what to measure, with commas between them")
	warmUp := fs.Duration("warmup", time.Second, 0, time.Minute, "`time` to run before it counts")
	measured := fs.Duration("time", 2*time.Second, 100*time.Millisecond, time.Minute, "`time` that counts, for each measurement")
	members := fs.Number("idle", 10_000, 100, 100_000, "`number` of idle members")
	crowded := fs.Number("members", 0, 0, 20_000, "`number` of members in all workloads but idle, 0 is their own")
	settle := fs.Duration("settle", 5*time.Second, 0, 10*time.Minute, "`time` to wait after the last idle member has joined")
	asJSON := fs.Bool("json", false, "print every measurement as JSON")
	if err := fs.Parse(args, 0); err != nil {
		return err
	}
	if *quick {
		*rounds, *warmUp, *measured, *members = 1, 500*time.Millisecond, time.Second, min(*members, 2000)
	}
	if *crowded > 0 {
		for i := range workloads {
			if workloads[i].publishers > *crowded {
				return console.Wrong("-members %d: %s has %d that publish", *crowded, workloads[i].name, workloads[i].publishers)
			}
		}
	}
	most := 0
	for _, name := range *only {
		if name == idleName {
			most = max(most, *members)
		} else {
			most = max(most, *crowded, 1000)
		}
	}
	if err := files(most); err != nil {
		return err
	}
	cpus, err := twoCPUs()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "chat-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{
		cpus: cpus, dir: dir, warmUp: *warmUp, time: *measured, settle: *settle, show: console.Status(stderr),
		report: &report{
			Began: time.Now().Round(time.Second), Machine: machineName(), Go: runtime.Version(),
			Server: cpus.server, Clients: cpus.clients, workloads: *only, idle: *members, Members: *crowded,
		},
	}
	b.show("building " + example)
	if b.example, err = buildExample(ctx, dir); err != nil {
		return err
	}
	err = b.all(ctx, *rounds)
	b.show("")
	r := b.report
	if len(r.Slots) == 0 {
		return err
	}
	r.judge()
	if *asJSON {
		return errors.Join(err, r.json(stdout))
	}
	r.text(stdout)
	if err == nil && slices.ContainsFunc(r.Slots, func(s slot) bool { return s.Error != "" }) {
		err = console.ErrFailed // it is in the table
	}
	return err
}

// files says whether a process may have so many connections. Go has raised
// the soft limit to the hard one.
func files(n int) error {
	const spare = 200
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || uint64(n+spare) <= limit.Max {
		return nil //nolint:nilerr // without a limit to look at, the connections will tell
	}
	return console.Wrong("%d members need %d open files, and %d are allowed: run 'ulimit -n %[2]d' before (as root, if it says no), or take fewer", n, n+spare, limit.Max)
}

// A bench is a run.
type bench struct {
	*report
	cpus         *cpus
	dir, example string
	warmUp, time time.Duration
	settle       time.Duration // in idle
	show         func(string)
}

// A turn is a measurement that is to be made.
type turn struct {
	round    int
	workload string
	kind     *kind
}

// all measures everything, round by round.
func (b *bench) all(ctx context.Context, rounds int) error {
	var todo []turn
	for round := 1; round <= rounds; round++ {
		for _, name := range b.workloads {
			if name == idleName && round > idleRounds {
				continue
			}
			for _, i := range rand.Perm(len(kinds)) {
				todo = append(todo, turn{round, name, &kinds[i]})
			}
		}
	}
	began := time.Now()
	for i, t := range todo {
		left := ""
		if i > 2 {
			left = fmt.Sprintf(", %.0f s left", time.Since(began).Seconds()/float64(i)*float64(len(todo)-i))
		}
		const width = 20
		at := width * i / len(todo)
		b.show(fmt.Sprintf("%s round %d of %d: %s, %s%s", strings.Repeat("█", at)+strings.Repeat("░", width-at), t.round, rounds, t.workload, t.kind.name, left))
		s := slot{Round: t.round, Workload: t.workload, Server: t.kind.name}
		if err := b.one(ctx, t, i, &s); ctx.Err() != nil {
			return fmt.Errorf("stopped in round %d of %d", t.round, rounds)
		} else if err != nil {
			s.Error = err.Error()
		}
		b.Slots = append(b.Slots, s)
	}
	return nil
}

// one makes a measurement.
func (b *bench) one(ctx context.Context, t turn, number int, s *slot) (err error) {
	i := slices.IndexFunc(workloads, func(w workload) bool { return w.name == t.workload })
	set, place := b.cpus.all, b.cpus.free
	if i >= 0 && workloads[i].pinned {
		set, place = one(b.cpus.server), b.cpus.pin
	}
	if err := place(); err != nil {
		return err
	}
	server, err := t.kind.start(ctx, b.example, filepath.Join(b.dir, fmt.Sprint(number)), set)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	c, err := newCrowd(server.addr, t.kind.joins)
	if err != nil {
		return err
	}
	defer c.close()
	if i < 0 {
		return measureIdle(ctx, c, server, b.idle, b.settle, s)
	}
	w := workloads[i]
	if b.Members > 0 {
		w.members = b.Members
	}
	return w.measure(ctx, c, server.pid, b.warmUp, b.time, s)
}

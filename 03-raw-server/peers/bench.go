package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"websocket.example/03-raw-server/peers/echo"
	"websocket.example/03-raw-server/peers/load"
)

const benchLesson = `
Usage: go run ./03-raw-server/peers bench [flags]

Runs echo servers written with several libraries, one after the other and each
in a process of its own, and measures what a message costs them.

  bench -rounds 1                          a quick look, 4 minutes
  bench -peers raw,gorilla -workloads large
  bench -json figures.json                 every single measurement as well

The figure to look at is the CPU time that a message costs the server. Messages
per second say less: on one machine the clients need as much CPU as the server,
and all else that runs there is in the figure too.

The server is kept on one CPU, so that a Go server has GOMAXPROCS=1, and the
clients on another. A round measures every peer once, in an order of its own;
each is compared with gorilla's ReadMessage loop in the same round. What the
table shows is the median over the rounds, with the quartiles beside it: half of
the rounds lie between them. If they are far apart, something else was running:
close it, or take more -rounds.

limit is no WebSocket server: it is what this machine lets a server have, with
everything left out that costs time and that a well-behaved client does not need.

Each client compares its first 5 echoes byte by byte; after that it looks at the
frame headers only, because checking would cost more than the server does.
`

// idleName is the workload that has no messages.
const idleName = "idle"

func benchCommand(ctx context.Context, args []string, t terminal) error {
	var peerNames, workloadNames []string
	for _, p := range echo.Peers {
		peerNames = append(peerNames, p.Name)
	}
	for _, w := range load.Workloads {
		workloadNames = append(workloadNames, w.Name)
	}
	workloadNames = append(workloadNames, idleName)

	fs := newFlags("bench", benchLesson, t)
	peers := listFlag(fs, "peers", peerNames, "`names` of libraries, with commas between them:\n"+wrap(peerNames))
	workloads := listFlag(fs, "workloads", workloadNames, "`names` of what the clients do:\n"+wrap(workloadNames))
	rounds := numberFlag(fs, "rounds", 5, 1, 1000, "`number` of rounds")
	idle := numberFlag(fs, "idle", 10000, 100, 1000000, "`number` of idle connections")
	warmUp := durationFlag(fs, "warmup", time.Second, 0, time.Minute, "`time` to run before it counts")
	measured := durationFlag(fs, "time", 1500*time.Millisecond, 100*time.Millisecond, time.Minute, "`time` that counts, for each measurement")
	path := fs.String("json", "", "write every measurement as JSON to this `file`, - for the standard output")
	profile := fs.String("cpuprofile", "", "have each server write a CPU profile to this `file`, the last one stays:\ngive one peer, one workload and -rounds 1")
	if err := fs.parse(args); err != nil {
		return err
	}
	file, err := openJSON(*path, t.out)
	if err != nil {
		return err
	}

	r := &report{Machine: machine(), Go: runtime.Version(), OS: runtime.GOOS + "/" + runtime.GOARCH, Began: time.Now().Round(time.Second), Versions: versions()}
	place := place{serverCPU: -1, warmUp: *warmUp, time: *measured, idle: *idle, profile: *profile}
	if err := place.pin(r); err != nil {
		r.notes = append(r.notes, "Nothing was pinned ("+err.Error()+"): server and clients took CPU from each other.")
	}
	if at := slices.Index(*workloads, idleName); at >= 0 {
		if err := roomFor(*idle); err != nil {
			return err
		}
		if _, err := residentOf(os.Getpid()); err != nil {
			*workloads = slices.Delete(slices.Clone(*workloads), at, at+1)
			r.notes = append(r.notes, "The memory of idle connections was not measured ("+err.Error()+").")
		}
	}
	err = place.all(ctx, r, *peers, *workloads, *rounds, progress(t.err))
	text := t.out
	if *path == "-" {
		text = t.err
	}
	if len(r.Slots) > 0 {
		r.markdown(text, *peers, *workloads)
		if file != nil {
			encoder := json.NewEncoder(file)
			encoder.SetIndent("", " ")
			err = errors.Join(err, encoder.Encode(r), file.Close())
		}
	}
	return err
}

// pin keeps the server and the clients apart.
func (p *place) pin(r *report) error {
	server, clients, err := cpus()
	if err != nil {
		return err
	}
	if err := pinSelf(clients); err != nil {
		return err
	}
	p.serverCPU = server
	r.ServerCPU, r.ClientsCPU = &server, &clients
	return nil
}

// all measures everything, round by round.
func (p *place) all(ctx context.Context, r *report, peers, workloads []string, rounds int, show func(string)) error {
	defer show("")
	gone := map[string]bool{} // peers that can't be started, after they were named once
	for round := 1; round <= rounds; round++ {
		for _, name := range workloads {
			// Whoever comes after a noisy moment of the machine has the worse
			// figures: in each round it is somebody else.
			order := slices.Clone(peers)
			rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			for _, peerName := range order {
				peer, err := peerNamed(peerName)
				if err != nil {
					return err
				}
				if gone[peerName] || !does(peer, name) || name == idleName && round > idleRounds {
					continue
				}
				show(fmt.Sprintf("round %d of %d: %s, %s", round, rounds, name, peerName))
				s := slot{Round: round, Workload: name, Peer: peerName}
				err = p.one(ctx, peer, name, &s)
				switch {
				case ctx.Err() != nil:
					return fmt.Errorf("stopped in round %d of %d", round, rounds)
				case errors.As(err, new(*echo.MissingError)):
					r.notes = append(r.notes, fmt.Sprintf("%s was left out: %v.", peerName, err))
					gone[peerName] = true
					continue
				case err != nil:
					s.Error = err.Error()
				}
				r.Slots = append(r.Slots, s)
			}
		}
	}
	return nil
}

// does says whether a peer can do a workload at all.
func does(peer *echo.Peer, workload string) bool {
	switch w := workloadNamed(workload); {
	case w == nil || !w.Deflate:
		return true
	case w.Takeover:
		return peer.TakesOver
	}
	return peer.Compresses
}

func (p *place) one(ctx context.Context, peer *echo.Peer, name string, s *slot) error {
	// A server that hangs is an error, not the end of the benchmark.
	ctx, cancel := context.WithTimeout(ctx, p.warmUp+p.time+2*time.Minute)
	defer cancel()
	if w := workloadNamed(name); w != nil {
		return p.measure(ctx, peer, w, s)
	}
	return p.measureIdle(ctx, peer, s)
}

func workloadNamed(name string) *load.Workload {
	for i := range load.Workloads {
		if load.Workloads[i].Name == name {
			return &load.Workloads[i]
		}
	}
	return nil
}

// progress shows what is going on, on a terminal.
func progress(w io.Writer) func(string) {
	file, is := w.(*os.File)
	if !is || !term.IsTerminal(int(file.Fd())) {
		return func(string) {}
	}
	return func(text string) { fmt.Fprint(w, "\r\x1b[K", text) }
}

// openJSON makes sure, before hours are spent, that the file can be written.
func openJSON(path string, out io.Writer) (io.WriteCloser, error) {
	switch path {
	case "":
		return nil, nil
	case "-":
		return unclosed{out}, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, wrong("-json: %w", err)
	}
	return file, nil
}

type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

// wrap puts names on lines that fit below a flag.
func wrap(names []string) string {
	text, line := "", ""
	for i, name := range names {
		if i > 0 {
			line += ", "
		}
		if len(line)+len(name) > 56 {
			text, line = text+strings.TrimSuffix(line, " ")+"\n", ""
		}
		line += name
	}
	return text + line
}

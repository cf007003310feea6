package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"websocket.example/03-raw-server/workbench/bench/machine"
	"websocket.example/03-raw-server/workbench/load"
)

const lesson = `
Usage: %[1]s [flags]
       %[1]s idle [flags]

Runs echo servers, one after the other and each in a process of its own, and
measures what a message costs them.

  %[1]s -rounds 1                   a quick look
  %[1]s -workloads large,idle
  %[1]s -html report.html           a page with everything, to keep
  %[1]s idle -n 100000              as many idle connections as you like

The figure to look at is the CPU time that a message costs the server. Messages
per second say less: on one machine the clients need as much CPU as the server,
and all else that runs there is in the figure too.

The server is kept on one CPU, so that a Go server has GOMAXPROCS=1, and the
clients on another. A round measures every server once, in an order of its own;
each is compared with %[2]s in the same round. What the
table shows is the median over the rounds, with the quartiles beside it: half of
the rounds lie between them. If they are far apart, something else was running:
close it, or take more -rounds.

limit is no WebSocket server: it is what this machine lets a server have, with
everything left out that costs time and that a well-behaved client does not need.

Each client compares its first %[3]d echoes byte by byte; after that it looks at the
frame headers only, because checking would cost more than the server does.
The servers' processes are this program again: serve -h tells more.
`

// idleName is the workload that has no messages.
const idleName = "idle"

func (p *Program) lesson() string {
	with := "the first of them"
	if peers(p.Peers).named(favourite) != nil {
		with = favourite + "'s ReadMessage loop"
	}
	return fmt.Sprintf(lesson, p.Name, with, load.Checked)
}

// compareCommand is bench without another word.
func (p *Program) compareCommand(ctx context.Context, args []string, t Terminal) error {
	var workloadNames []string
	for _, w := range load.Workloads {
		workloadNames = append(workloadNames, w.Name)
	}
	workloadNames = append(workloadNames, idleName)
	peerNames := peers(p.Peers).compared().names()

	fs := newFlags("bench", p.lesson(), t)
	chosen := listFlag(fs, "peers", peerNames, p.Elsewhere, "`names` of servers, with commas between them:\n"+wrap(peerNames))
	workloads := listFlag(fs, "workloads", workloadNames, "", "`names` of what the clients do:\n"+wrap(workloadNames))
	rounds := numberFlag(fs, "rounds", 5, 1, 1000, "`number` of rounds")
	idle := numberFlag(fs, "idle", 10000, 100, 1000000, "`number` of connections of the workload idle")
	warmUp := durationFlag(fs, "warmup", time.Second, 0, time.Minute, "`time` to run before it counts")
	measured := durationFlag(fs, "time", 1500*time.Millisecond, 100*time.Millisecond, time.Minute, "`time` that counts, for each measurement")
	plot := fs.Bool("plot", false, "draw the ratios as bars below the tables; on a terminal they are drawn anyway")
	jsonPath := fs.String("json", "", "write every measurement as JSON to this `file`, - for the standard output")
	htmlPath := fs.String("html", "", "write a page with plots and tables to this `file`")
	language := choiceFlag(fs, "lang", "the page begins in this `language`, en or pt-BR: it has both", "en", "pt-BR")
	profile := fs.String("cpuprofile", "", "have each server write a CPU profile to this `file`, the last one stays:\ngive one peer, one workload and -rounds 1")
	if err := fs.parse(args); err != nil {
		return err
	}
	jsonFile, err := create("-json", *jsonPath, t.Out)
	if err != nil {
		return err
	}
	htmlFile, err := create("-html", *htmlPath, nil)
	if err != nil {
		return err
	}

	r := &report{
		Machine: machine.Name(), Go: runtime.Version(), OS: runtime.GOOS + "/" + runtime.GOARCH,
		Began: time.Now().Round(time.Second), Versions: versions(), Command: strings.Join(append([]string{p.Name}, args...), " "),
		peers: pick(p.Peers, *chosen), workloads: slices.Clone(*workloads),
	}
	place := place{serverCPU: -1, warmUp: *warmUp, time: *measured, idle: *idle, profile: *profile}
	if err := place.pin(r); err != nil {
		r.note("unpinned", "why", err)
	}
	if at := slices.Index(r.workloads, idleName); at >= 0 {
		if err := machine.Room(*idle, 1); err != nil {
			return wrong("-idle %d: %w", *idle, err)
		}
		if _, err := machine.ResidentOf(os.Getpid()); err != nil {
			r.workloads = slices.Delete(r.workloads, at, at+1)
			r.note("no-memory", "why", err)
		}
	}
	err = place.all(ctx, r, *rounds, statusLine(t.Err))
	if len(r.Slots) == 0 {
		return err
	}
	text := t.Out
	if *jsonPath == "-" {
		text = t.Err
	}
	r.markdown(text)
	if *plot || onTerminal(text) {
		r.plot(text)
	}
	return errors.Join(err, writeAndClose(jsonFile, r.json), writeAndClose(htmlFile, func(w io.Writer) error { return r.html(w, *language) }))
}

// pick returns the peers of these names, in this order.
func pick(all peers, names []string) (chosen peers) {
	for _, name := range names {
		chosen = append(chosen, *all.named(name))
	}
	return chosen
}

// pin keeps the server and the clients apart.
func (p *place) pin(r *report) error {
	server, clients, err := machine.CPUs()
	if err != nil {
		return err
	}
	if err := machine.PinSelf(clients); err != nil {
		return err
	}
	p.serverCPU = server
	r.ServerCPU, r.ClientsCPU = &server, &clients
	return nil
}

// create makes sure, before hours are spent, that a file can be written. The
// path - is the standard output, if there is one.
func create(flag, path string, out io.Writer) (io.WriteCloser, error) {
	switch {
	case path == "":
		return nil, nil
	case path == "-" && out != nil:
		return unclosed{out}, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, wrong("%s: %w", flag, err)
	}
	return file, nil
}

func writeAndClose(file io.WriteCloser, write func(io.Writer) error) error {
	if file == nil {
		return nil
	}
	return errors.Join(write(file), file.Close())
}

type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

func indented(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", " ")
	return encoder.Encode(v)
}

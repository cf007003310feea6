package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"syscall"
	"time"

	"websocket.example/03-raw-server/workbench/bench/machine"
)

const idleLesson = `
Usage: %[1]s idle [flags]

Opens very many connections to an echo server in another process, leaves them
open, and says what each of them costs, and how long an echo takes meanwhile.

  %[1]s idle -n 10000
  %[1]s idle -n 1000000            see below
  %[1]s idle -n 10000 -peer limit
  %[1]s idle -n 100000 -servers 6  where a process may have 20,000 files

A connection takes an open file at each end, and a port of the address that it
comes from. The clients come from 127.0.0.1, 127.0.0.2 and so on, as many as it
takes; files must be allowed by the system, and if they are not, the first line
says which commands raise the limit. Or share them: -servers of them listen,
each with a process of clients, and none has more than its part. Kernel and
programs need some 15 GiB for a million connections: it stops opening before
memory runs out, and measures with what there is. So it does when any other
limit is reached.

The clients are cheap (on Linux a bare descriptor each), but they answer pings,
as browsers do: server.Server asks whoever is silent for 30 s. From some
hundred thousand connections on that is most of the work; raw-patient asks every
10 minutes.

Of the kernel's memory one sees only the whole, so it is for both ends of the
connections. Echoes are asked for on connections of chance at moments of chance,
-rate in a second, whether or not earlier ones have come back. Their delay counts
from the moment they were due. Server and clients share the CPUs there are.

Ctrl-C stops opening, and reports what was reached.
`

// A crowdReport is what bench idle has found out. Memory is in bytes.
type crowdReport struct {
	Began   time.Time `json:"began"`
	Machine string    `json:"machine"`
	OS      string    `json:"os"`
	Go      string    `json:"go"`
	CPUs    int       `json:"cpus"`
	Command string    `json:"command"`
	Peer    string    `json:"peer"`
	Servers int       `json:"servers"` // processes of it, and as many of clients

	Wanted  int           `json:"wanted"`
	Opened  int           `json:"connections"`
	Took    time.Duration `json:"opened_in_ns"`
	Stopped string        `json:"stopped,omitempty"` // why before all were open
	Lost    int           `json:"lost"`
	Why     string        `json:"lost_because,omitempty"`
	Pings   int           `json:"pings_answered"`

	Handshakes time.Duration `json:"handshakes_server_cpu_ns"`
	Server     resident      `json:"server"`
	Clients    resident      `json:"clients"`
	Before     system        `json:"before"`
	After      system        `json:"after"`
	Echo       *echoes       `json:"echo,omitempty"`
}

type system = machine.Memory

// resident is a process's memory as time goes on. 0 is not known.
type resident struct {
	Before int64 `json:"before"`
	Open   int64 `json:"open"`            // 4 s after the last handshake
	Freed  int64 `json:"freed,omitempty"` // after the echoes, asked to give back what it does not use
}

func (p *Program) idleCommand(ctx context.Context, args []string, t Terminal) error {
	names := peers(p.Peers).names()
	fs := newFlags("idle", fmt.Sprintf(idleLesson, p.Name), t)
	n := numberFlag(fs, "n", 10000, 1, 16_000_000, "`number` of connections")
	name := fs.String("peer", names[0], "`name` of the server: "+wrap(names))
	servers := numberFlag(fs, "servers", 1, 1, 1000, "`number` of processes that serve, each with its part of the connections")
	rate := numberFlag(fs, "rate", 1000, 1, 100_000, "`number` of echoes in a second")
	last := durationFlag(fs, "time", 10*time.Second, 0, time.Hour, "`time` for which to ask for echoes")
	path := fs.String("json", "", "write the report as JSON to this `file`, - for the standard output")
	if err := fs.parse(args); err != nil {
		return err
	}
	peer, err := p.named(*name)
	if err != nil {
		return err
	}
	if err := roomFor(*n, *servers); err != nil {
		return err
	}
	file, err := create("-json", *path, t.Out)
	if err != nil {
		return err
	}
	r := &crowdReport{
		Machine: machine.Name(), OS: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), CPUs: runtime.NumCPU(),
		Began: time.Now().Round(time.Second), Command: strings.Join(append([]string{p.Name, "idle"}, args...), " "),
		Peer: peer.Name, Servers: min(*servers, *n), Wanted: *n,
	}
	err = r.measure(ctx, peer, *rate, *last, statusLine(t.Err))
	if r.Opened == 0 {
		return err
	}
	text := t.Out
	if *path == "-" {
		text = t.Err
	}
	r.markdown(text)
	return errors.Join(err, writeAndClose(file, func(w io.Writer) error { return indented(w, r) }))
}

// roomFor says what to do where so many connections are not allowed.
func roomFor(n, servers int) error {
	err := machine.Room(n, servers)
	short, is := errors.AsType[*machine.Shortage](err)
	if !is {
		return err
	}
	if most := short.Most / servers; most >= 100 {
		if more := (n + most - 1) / most; machine.Room(n, more) == nil {
			return wrong("-n %d: %w, or share them: -servers %d", n, err, more)
		}
	}
	return wrong("-n %d: %w", n, err)
}

// A part is a server with its clients.
type part struct {
	server  *child
	clients *clients
	used    time.Duration // CPU time of the server so far, when it was last asked
}

// measure opens the connections, and looks at what they cost.
func (r *crowdReport) measure(ctx context.Context, peer *Peer, rate int, last time.Duration, show func(string)) (err error) {
	defer show("")
	var parts crowdParts
	defer func() {
		show("closing the connections")
		err = errors.Join(err, parts.end())
	}()
	for range r.Servers {
		// Ctrl-C ends the opening, and not the server.
		server, err := startChild(context.WithoutCancel(ctx), peer, Off, -1, "")
		if err != nil {
			return err
		}
		parts = append(parts, &part{server: server})
		if parts[len(parts)-1].clients, err = startClients(server.addr); err != nil {
			return err
		}
	}
	defer context.AfterFunc(ctx, parts.stop)()
	r.Before = machine.MemoryNow()
	r.Server.Before, r.Clients.Before = parts.resident()
	parts.cpu() // from here on

	r.open(ctx, parts, show)
	r.Handshakes = parts.cpu()
	defer func() { r.count(parts) }()
	if r.count(parts); r.Opened == 0 {
		return fmt.Errorf("no connection could be opened: %s", r.Stopped)
	}
	show("waiting for memory to settle")
	stopped := sleep(ctx, settle)
	r.After = machine.MemoryNow()
	r.Server.Open, r.Clients.Open = parts.resident()
	if stopped == nil && last > 0 {
		show(fmt.Sprintf("%d echoes a second for %v", rate, last))
		if r.Echo, err = parts.echo(rate, last); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return errors.New("stopped by Ctrl-C: this is what was reached")
	}
	if parts.free() == nil { // a server that has gone has been missed already
		r.Server.Freed, _ = parts.resident()
	}
	return nil
}

func (r *crowdReport) count(parts crowdParts) {
	t := parts.tell()
	r.Opened, r.Pings, r.Lost, r.Why = t.Open, t.Pings, t.Lost, t.Why
}

// open opens the connections, one part after the other, and shows how it goes
// on.
func (r *crowdReport) open(ctx context.Context, parts crowdParts, show func(string)) {
	began := time.Now()
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		before := 0
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
			}
			n := parts.tell().Open
			text := fmt.Sprintf("%s %s of %s connections, %s a second", bar(n, r.Wanted), whole(n), whole(r.Wanted), whole(n-before))
			if server, _ := parts.resident(); n > 0 && server > 0 {
				text += fmt.Sprintf(", server %.1f KiB each, %.1f GiB free", float64(server-r.Server.Before)/float64(n)/1024, float64(machine.MemoryNow().Free)/(1<<30))
			}
			show(text)
			before = n
		}
	}()
	for i, p := range parts {
		n := r.Wanted*(i+1)/len(parts) - r.Wanted*i/len(parts)
		if err := p.clients.Call("Crowd.Open", n, &r.Stopped); err != nil {
			r.Stopped = err.Error()
		}
		if ctx.Err() != nil {
			r.Stopped = because(context.Canceled)
		}
		if r.Stopped != "" {
			break
		}
	}
	r.Took = time.Since(began)
	close(done)
	<-ended
}

var errMemory = errors.New("memory runs out")

// enough says whether there is memory for more. A kernel that has none left
// ends programs, and not always the one that took it.
func enough(free int64) func() error {
	spare := min(1<<30, free/10)
	return func() error {
		if now := machine.MemoryNow().Free; spare > 0 && now < spare {
			return errMemory
		}
		return nil
	}
}

// because is why no more connections were opened, and what can be done.
func because(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "Ctrl-C"
	case errors.Is(err, errMemory):
		return "memory runs out: the rest is for the system"
	case errors.Is(err, syscall.EADDRNOTAVAIL) && runtime.GOOS == "darwin":
		return "an address has no port left, or is not there: run 'for i in {2..100}; do sudo ifconfig lo0 alias 127.0.0.$i; done'"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "an address has no port left: run 'sudo sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"'"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "no more files can be opened"
	case errors.Is(err, syscall.ENOMEM), errors.Is(err, syscall.ENOBUFS):
		return "the kernel has no memory left for sockets"
	}
	return err.Error()
}

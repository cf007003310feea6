// Package bench compares WebSocket servers on the machine it runs on: what a
// message costs them, and what a connection does on which nothing happens.
//
//	program.go  a command with its list of servers: bench, bench idle, bench serve
//	peer.go     a server to be measured; own.go and limit_unix.go are those of step 03
//	child.go    one of them in a process of its own
//	rounds.go   everybody in turns, in an order of chance
//	slot.go     one measurement; resident.go of memory
//	report.go   medians, ratios and quartiles; markdown.go, plot.go and html.go show them
//	crowd.go    bench idle: as many connections as the machine bears; clients.go opens them
//
// The other side, the clients, is package load.
package bench

import (
	"context"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// A Program is a command that measures its own list of servers. It starts
// itself for each of them, as "bench serve".
type Program struct {
	Name      string // how it is called: "go run ./03-raw-server bench"
	Peers     []Peer
	Elsewhere string // what is said of a name that is not in the list
}

// A Terminal is where a command reads and writes.
type Terminal struct {
	In       io.Reader
	Out, Err io.Writer
}

// A UsageError is a wrong use of the command line.
type UsageError struct{ error }

func (e *UsageError) Unwrap() error { return e.error }

func wrong(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// Run does what the arguments after "bench" say.
func (p *Program) Run(ctx context.Context, args []string, t Terminal) error {
	if len(args) > 0 {
		switch args[0] {
		case "idle":
			return p.idleCommand(ctx, args[1:], t)
		case "serve": // started by this program, in a process of its own
			return p.serveCommand(args[1:], t)
		case "clients": // likewise, by bench idle
			return p.clientsCommand(args[1:], t)
		}
	}
	return p.compareCommand(ctx, args, t)
}

// onTerminal says whether somebody watches.
func onTerminal(w io.Writer) bool {
	file, is := w.(*os.File)
	return is && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb"
}

// statusLine is a line that is written again and again, on a terminal.
func statusLine(w io.Writer) func(string) {
	if !onTerminal(w) {
		return func(string) {}
	}
	return func(text string) { fmt.Fprint(w, "\r\x1b[K", text) }
}

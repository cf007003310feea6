// Command 03-raw-server shows WebSocket frames: those of an echo server, in
// the terminal, and on a page.
//
//	go run ./03-raw-server        an echo server that prints every frame
//	go run ./03-raw-server -v     and draws it, bit by bit
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// Exit statuses, the same in every step.
const (
	fine   = 0
	failed = 1 // what was asked for went wrong
	misuse = 2 // what was asked for makes no sense
)

func main() {
	// The first Ctrl-C says goodbye to everyone; the second one kills.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// A command does what its arguments say, and returns an error that says in
// one line what is wrong.
type command struct {
	name, does string
	run        func(ctx context.Context, args []string, t terminal) error
}

var commands = []command{
	{"", "echo, and show every frame", serveCommand},
	{"check", "grade any server or client", checkCommand},
	{"tap", "show what any client and server say", tapCommand},
	{"replay", "show or play what a tap has recorded", replayCommand},
	{"bench", "measure what messages and idle connections cost", benchCommand},
}

// A terminal is where a command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// A usageError is a wrong use of the command line.
type usageError struct{ error }

func wrong(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	name := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	err := dispatch(ctx, name, args, terminal{in, out, errs})
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return fine
	case errors.Is(err, errFailed):
		return failed
	case errors.As(err, new(usageError)):
		fmt.Fprintln(errs, "03-raw-server:", err)
		return misuse
	default:
		fmt.Fprintln(errs, "03-raw-server:", err)
		return failed
	}
}

func dispatch(ctx context.Context, name string, args []string, t terminal) error {
	var names []string
	for _, c := range commands {
		if c.name == name {
			return c.run(ctx, args, t)
		}
		if c.name != "" {
			names = append(names, c.name)
		}
	}
	if len(names) == 0 {
		return wrong("no command is called %q: flags alone make an echo server, and -h shows them", name)
	}
	return wrong("no command is called %q: there are %s, and none at all echoes", name, strings.Join(names, ", "))
}

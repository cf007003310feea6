// Command peers compares this repository's server with the WebSocket libraries
// that people use, on the machine it runs on.
//
//	go run ./03-raw-server/peers bench
//
// It is a module of its own, so that nobody who wants the lesson downloads
// those libraries. Its tests speak with them, in both roles.
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

const lesson = `
Usage: go run ./03-raw-server/peers bench [flags]

Compares the server of step 3 with other libraries' servers, on this machine.
bench -h says how, and what the figures mean.
`

func main() {
	// The first Ctrl-C ends the work and prints what there is; the second one kills.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], terminal{os.Stdin, os.Stdout, os.Stderr}))
}

// A terminal is where a command reads and writes.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// A usageError is a wrong use of the command line.
type usageError struct{ error }

func wrong(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func run(ctx context.Context, args []string, t terminal) int {
	err := dispatch(ctx, args, t)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return fine
	case errors.As(err, new(usageError)):
		fmt.Fprintln(t.err, "peers:", err)
		return misuse
	default:
		fmt.Fprintln(t.err, "peers:", err)
		return failed
	}
}

func dispatch(ctx context.Context, args []string, t terminal) error {
	if len(args) == 0 {
		return wrong("say what to do: bench, or -h for what there is")
	}
	switch args[0] {
	case "bench":
		return benchCommand(ctx, args[1:], t)
	case "serve": // started by bench, in a process of its own
		return serveCommand(args[1:], t)
	case "-h", "-help", "--help", "help":
		fmt.Fprint(t.out, strings.TrimLeft(lesson, "\n"))
		return nil
	}
	return wrong("there is no command %q: bench is the one there is", args[0])
}

// Command peers compares this repository's server with the WebSocket libraries
// that people use, on the machine it runs on.
//
//	go run ./03-raw-server/peers bench
//	go run ./03-raw-server/peers matrix
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

	"websocket.example/03-raw-server/workbench/bench"
)

// Exit statuses, the same in every step.
const (
	fine   = 0
	failed = 1 // what was asked for went wrong
	misuse = 2 // what was asked for makes no sense
)

const lesson = `
Usage: go run ./03-raw-server/peers bench [flags]
       go run ./03-raw-server/peers matrix [flags]

bench compares the server of step 3 with other libraries' servers, on this machine.
matrix grades them, and their clients, with step 3's checker.
-h of each says how, and what its figures mean.
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
		return wrong("say what to do: bench, matrix, or -h for what there is")
	}
	switch args[0] {
	case "bench":
		err := benchProgram().Run(ctx, args[1:], bench.Terminal{In: t.in, Out: t.out, Err: t.err})
		if usage, is := errors.AsType[*bench.UsageError](err); is {
			return usageError{usage}
		}
		return err
	case "matrix":
		return matrixCommand(ctx, args[1:], t)
	case "-h", "-help", "--help", "help":
		fmt.Fprint(t.out, strings.TrimLeft(lesson, "\n"))
		return nil
	}
	return wrong("there is no command %q: bench and matrix are those there are", args[0])
}

// Command 02-handshake shows how a connection becomes a WebSocket.
//
//	go run ./02-handshake                a server that narrates every handshake, and a page
//	go run ./02-handshake inspect URL    explain the answer of any server, line by line
//	go run ./02-handshake check URL      grade any server's handshake
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
	// The first Ctrl-C ends the work in good order; the second one kills.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], terminal{os.Stdout, os.Stderr, isTerminal(os.Stdout)}))
}

// A command does what its arguments say, and returns an error that says in
// one line what is wrong.
type command struct {
	name string
	run  func(ctx context.Context, args []string, t terminal) error
}

var commands = []command{
	{"", serveCommand},
	{"inspect", inspectCommand},
	{"check", checkCommand},
}

// A terminal is where a command writes.
type terminal struct {
	out, err io.Writer
	colour   bool
}

// isTerminal says whether colours make sense. NO_COLOR is obeyed.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// A usageError is a wrong use of the command line.
type usageError struct{ error }

func wrong(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// errFailed is a failure that has been explained already.
var errFailed = errors.New("failed")

func run(ctx context.Context, args []string, t terminal) int {
	name := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	err := dispatch(ctx, name, args, t)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return fine
	case errors.Is(err, errFailed):
		return failed
	case errors.As(err, new(usageError)):
		fmt.Fprintln(t.err, "02-handshake:", err)
		return misuse
	default:
		fmt.Fprintln(t.err, "02-handshake:", err)
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
	return wrong("no command is called %q: there are %s, and none at all starts the server", name, strings.Join(names, " and "))
}

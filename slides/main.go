// Command slides is the talk: a deck in which every step of the workshop runs
// live, a window for who speaks, and everybody in step over a WebSocket that
// the workshop has built.
//
//	go run ./slides            the deck, at http://127.0.0.1:8000
//	go run ./slides export     the deck as a site, a handout and a PDF
//	go run ./slides doctor     whether this machine is ready for the workshop
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
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// A command has the exit status as its result, and has said what is wrong.
type command struct {
	name string
	run  func(ctx context.Context, args []string, out, errs io.Writer) int
}

var commands = []command{
	{"", serveCommand},
	{"export", exportCommand},
	{"doctor", doctorCommand},
}

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	name := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	var names []string
	for _, c := range commands {
		if c.name == name {
			return c.run(ctx, args, out, errs)
		}
		if c.name != "" {
			names = append(names, c.name)
		}
	}
	return exit(errs, wrong("no command is called %q: there are %s, and none at all shows the slides", name, strings.Join(names, " and ")))
}

// A usageError is a wrong use of the command line.
type usageError struct{ error }

func wrong(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exit says in one line what is wrong.
func exit(errs io.Writer, err error) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return fine
	case errors.As(err, new(usageError)):
		fmt.Fprintln(errs, "slides:", err)
		return misuse
	}
	fmt.Fprintln(errs, "slides:", err)
	return failed
}

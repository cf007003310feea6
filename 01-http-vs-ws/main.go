// Command 01-http-vs-ws measures what WebSocket buys over HTTP polling, and
// what it does not.
//
//	go run ./01-http-vs-ws              the comparison, in the terminal
//	go run ./01-http-vs-ws -serve       the comparison as a page, the browser being the client
//	go run ./01-http-vs-ws scale        what idle clients cost the server
//	go run ./01-http-vs-ws omission     why the comparison counts from when an event was due
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
	// The first Ctrl-C ends the work and prints what there is; the second one kills.
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
	{"", "measure the four transports", measureCommand},
	{"scale", "measure what idle clients cost the server, from 1 to 1,000 of them", scaleCommand},
	{"omission", "show coordinated omission: one stalling server, measured wrong and right", omissionCommand},
	{"scale-server", "", scaleServer}, // started by scale, in a process of its own
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
	case errors.As(err, new(usageError)):
		fmt.Fprintln(errs, "01-http-vs-ws:", err)
		return misuse
	default:
		fmt.Fprintln(errs, "01-http-vs-ws:", err)
		return failed
	}
}

func dispatch(ctx context.Context, name string, args []string, t terminal) error {
	var names []string
	for _, c := range commands {
		if c.name == name {
			return c.run(ctx, args, t)
		}
		if c.does != "" && c.name != "" {
			names = append(names, c.name)
		}
	}
	return wrong("no command is called %q: there are %s, and none at all measures", name, strings.Join(names, ", "))
}

// Command 05-apigw-lambda is the chat as Lambda functions behind API Gateway,
// and an API Gateway to run it on one's own machine.
//
//	go run ./05-apigw-lambda         the chat behind the local API Gateway, at http://127.0.0.1:8005
//	go run ./05-apigw-lambda check   holds an API Gateway, this one or AWS's, against what is known of it
//	go run ./05-apigw-lambda bench   how long a message takes, there and back
//	go run ./05-apigw-lambda cost    what it costs a month, beside step 4's hub on instances
//	go run ./05-apigw-lambda token   makes a token for a client
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"websocket.example/05-apigw-lambda/local"
	"websocket.example/05-apigw-lambda/workbench/cost"
)

// Exit statuses, the same in every step.
const (
	fine   = 0
	failed = 1 // what was asked for went wrong
	misuse = 2 // what was asked for makes no sense
)

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // little is in use, and each event leaves much behind
	}
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
	{"check", checkCommand},
	{"bench", benchCommand},
	{"cost", cost.Run},
	{"token", tokenCommand},
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
	return exit(errs, wrong("no command is called %q: there are %s, and none at all serves the chat", name, strings.Join(names, ", ")))
}

// A usageError is a wrong use of the command line.
type usageError struct{ error }

func wrong(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exit says in one line what is wrong.
func exit(errs io.Writer, err error) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return fine
	case errors.As(err, new(usageError)), errors.As(err, new(local.TemplateError)):
		fmt.Fprintln(errs, "05-apigw-lambda:", err)
		return misuse
	}
	fmt.Fprintln(errs, "05-apigw-lambda:", err)
	return failed
}

// Package bench measures how long a message takes through the local gateway
// and back, beside serverless-offline; and what a connection costs the
// gateway, and a broadcast.
//
//	bench.go   the command
//	flags.go   what it is told
//	peers.go   who is measured; child.go has those of ours in processes of their own
//	serve.go   such a process: a gateway with a function; echo/ is the function
//	trip.go    one measurement: messages there and back, one after the other
//	rounds.go  everybody in turns, in an order of chance
//	report.go  medians, quartiles, ratios and goals
//	hold.go    connections that are held, and a broadcast; crowd.go are their clients
//	chat.go    the gateway for that: the chat, with seats that can be taken in silence
package bench

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

const lesson = `
Usage: go run ./05-apigw-lambda bench [flags]

How long does a message take: client -> route -> Lambda -> PostToConnection -> client?

  go run ./05-apigw-lambda bench -quick                  a first look, in some seconds
  go run ./05-apigw-lambda bench                         all of it, in a minute
  go run ./05-apigw-lambda bench -only in-process -profile .     and where the time goes

All peers do the same: the client sends {"action":"echo","text":...}, a function posts
the text back to the connection, and the client has it. Then comes the next message. Each
peer is a process of its own. They are measured in turns, and ratios are made within a
round: on a busy machine all are slower, and the ratios stay what they are.

  direct              a plain WebSocket echo on the same server: what client and network take
  in-process          the local gateway as go run ./05-apigw-lambda is: the function is in its
                      process, and so a post is a call
  in-process-sdk      the same, but the function posts with the AWS SDK, over HTTP on loopback
  runtime-api         the local gateway, the function as it is deployed: a binary of its own, with
                      the SDK
  serverless-offline  osls with useInProcess, its fastest, with the SDK; npm ci in workbench/offline
                      installs it

  go run ./05-apigw-lambda bench -hold 5000 -room 1000

The gateway with 5,000 connections: its memory for each, and how long it takes the chat
to tell 1,000 of them something, by 50 posts at a time. API Gateway takes 500 new
connections a second, and so does this one: -pace is below that.
`

// Exit statuses.
const (
	fine   = 0
	failed = 1
	misuse = 2
)

type usageError struct{ error }

func wrong(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// Command is bench, with the arguments that follow the word. It returns the
// exit status.
func Command(ctx context.Context, args []string, out, errs io.Writer) int {
	var err error
	if len(args) > 0 && args[0] == "serve" {
		// Started by this program. Ctrl-C goes to both, and bench ends it.
		err = serve(args[1:], os.Stdin, out)
	} else {
		err = command(ctx, args, out, errs)
	}
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return fine
	case errors.As(err, new(usageError)):
		fmt.Fprintln(errs, "05-apigw-lambda bench:", err)
		return misuse
	}
	fmt.Fprintln(errs, "05-apigw-lambda bench:", err)
	return failed
}

func command(ctx context.Context, args []string, out, errs io.Writer) error {
	s, err := read(args, out)
	if err != nil {
		return err
	}
	show := status(errs)
	defer show("")
	if s.hold > 0 {
		return s.runHold(ctx, out, show)
	}
	return s.runTrips(ctx, out, show)
}

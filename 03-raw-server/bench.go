package main

import (
	"context"
	"errors"

	"websocket.example/03-raw-server/workbench/bench"
)

// benchProgram measures the servers of this step alone. The other libraries
// are a module of their own, so that nobody who wants the lesson downloads them.
var benchProgram = bench.Program{
	Name:      "go run ./03-raw-server bench",
	Peers:     bench.Own,
	Elsewhere: "the other libraries are in 'go run ./03-raw-server/peers bench'",
}

func benchCommand(ctx context.Context, args []string, t terminal) error {
	err := benchProgram.Run(ctx, args, bench.Terminal{In: t.in, Out: t.out, Err: t.err})
	if usage, is := errors.AsType[*bench.UsageError](err); is {
		return usageError{usage}
	}
	return err
}

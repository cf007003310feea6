package main

import (
	"context"
	"io"

	"websocket.example/04-chat-hub/workbench/bench"
)

func benchCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	return bench.Command(ctx, args, out, errs)
}

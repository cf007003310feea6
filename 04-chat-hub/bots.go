package main

import (
	"context"
	"io"

	"websocket.example/04-chat-hub/workbench/bots"
)

func botsCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	return bots.Command(ctx, args, out, errs)
}

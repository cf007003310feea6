package main

import (
	"context"
	"io"

	"websocket.example/04-chat-hub/workbench/cluster"
)

func clusterCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	return cluster.Command(ctx, args, out, errs, serveCommand)
}

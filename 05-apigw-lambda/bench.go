package main

import (
	"context"
	"io"

	"websocket.example/05-apigw-lambda/workbench/bench"
)

func benchCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	return bench.Command(ctx, args, out, errs)
}

//go:build !linux

package bench

import (
	"context"
	"errors"
	"io"

	"websocket.example/04-chat-hub/workbench/internal/console"
)

// command is for Linux only: elsewhere a process's CPU time and memory are
// read in other ways, and nothing is kept on a CPU.
func command(_ context.Context, args []string, stdout, _ io.Writer) error {
	fs := console.NewFlags("bench", lesson, stdout)
	if err := fs.Parse(args, 0); err != nil {
		return err
	}
	return errors.New("it reads CPU time and memory as Linux tells them: run it on Linux, or in a container")
}

// Package bench measures what a delivery and an idle member cost the hub, beside
// gorilla's chat example, which many copy.
//
//	command_linux.go   the command, and its rounds
//	workload_linux.go  what the members do
//	crowd_linux.go     all members in one thread; wire.go counts what they get
//	child_linux.go     the servers, each in a process of its own; serve.go is ours
//	report_linux.go    medians, quartiles, ratios and goals
package bench

import (
	"context"
	"io"
	"os"

	"websocket.example/04-chat-hub/workbench/internal/console"
)

const lesson = `
Usage: go run ./04-chat-hub bench [flags]

Measures what a delivery and an idle member cost the hub, beside gorilla/websocket's
chat example, which is built from the module cache as it is.

  go run ./04-chat-hub bench -quick            a first look, in a minute
  go run ./04-chat-hub bench                   all of it, in some seven minutes
  go run ./04-chat-hub bench -only sat,rate -rounds 9

Each server is a process of its own, started anew for each measurement. A round
measures all of them, in an order of chance, and ratios are made within a round.
The figure to look at is the server's CPU time for a delivery: deliveries a second
say less, for the clients need the machine too. Close what else runs; if the
quartiles in brackets are far apart, take more -rounds.

  w1    1,000 members, 200 B, the next message when all have the last
  w8    the same, with eight messages under way
  sat   500 members, 100 B, publishers as fast as they can
  rate  500 members, 200 messages a second: the delay
  idle  10,000 members, and nothing happens: the memory

Two goals are in it: CPU and delay against the example, and 7 KiB for an idle member.
`

// names are all workloads.
var names = []string{"w1", "w8", "sat", "rate", "idle"}

// Command is bench, with the arguments that follow the word.
func Command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == "serve" {
		// Started by this program. Ctrl-C goes to both, and bench ends it.
		return console.Exit("bench serve", serveCommand(context.WithoutCancel(ctx), args[1:], os.Stdin, stdout), stderr)
	}
	return console.Exit("bench", command(ctx, args, stdout, stderr), stderr)
}

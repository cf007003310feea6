// Package cluster does harm to a chat of three hubs on three NATS servers, and
// checks that no acknowledged message is lost, doubled or out of order.
//
//	command.go  the command, and its roles
//	process.go  servers and hubs, each a process of its own that can be killed
//	server.go   the process of a NATS server
//	link.go     what the servers talk through, and which can be cut
//	stage.go    all of these together
//	fault.go    the harm
//	guests.go   people who notice it, and what they measure
//	run.go      one after the other
//	report.go   what came of it
package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"time"

	"websocket.example/04-chat-hub/workbench/bots"
	"websocket.example/04-chat-hub/workbench/internal/console"
)

const lesson = `
Usage: go run ./04-chat-hub cluster [flags]

Starts three NATS servers that keep each message three times, three hubs, and bots
that check every delivery while their connections are cut. Then it does harm, in
this order, until the time is over:

  leader     kill -9 of the server that leads the history, which comes back later
  hub        kill -9 of a hub, which comes back later
  all        kill -9 of all three servers at once
  partition  the leader's server hears nothing from the other two, nor they from it,
             for longer than an election takes; its hubs stay connected to it
             (server-2 +1 +3 is on one side with hub-1 and hub-3)

  go run ./04-chat-hub cluster                  two minutes
  go run ./04-chat-hub cluster -duration 1h     to be sure
  go run ./04-chat-hub cluster -faults partition -keep

Every acknowledged message has to reach every bot of its room that stays or comes
back, once and in order. A line for each fault says what people notice, in seconds:

  lasted   until it was ended
  waited   the longest that a message of somebody connected waited for its ack
  bots     the same of the bots, who are cut off as well: counted from the first try
  typing   the longest that one hub heard nobody type on another; they type once in
           1.1 s. Hubs on two sides of a partition, and one that is killed, don't count
  leaving  the longest until the other hubs told who has left
  joining  the longest until somebody was in a room
  well     after the harm was done, until all of it worked everywhere again

While there is no leader messages and joins wait, and do not fail; typing and leaving
go on. With all servers gone nothing does. The exit status is 1 if a message was lost,
doubled, reordered or refused, or if something did not go on that should. Everything
listens on 127.0.0.1 only. Ctrl-C mends what is broken first, then reports.
`

// Serve is the command that serves the chat.
type Serve func(ctx context.Context, args []string, out, errs io.Writer) int

// Command is cluster, with the arguments that follow the word.
func Command(ctx context.Context, args []string, stdout, stderr io.Writer, serve Serve) int {
	if len(args) > 1 { // started by this program; Ctrl-C goes to both, and our input says when to end
		switch args[0] {
		case "server":
			return console.Exit("cluster server", serveMember(args[1], os.Stdin, stdout), stderr)
		case "hub":
			ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
			defer cancel()
			go func() {
				_, _ = io.Copy(io.Discard, os.Stdin)
				cancel()
			}()
			return serve(ctx, args[1:], stdout, stderr)
		}
	}
	return console.Exit("cluster", command(ctx, args, stdout, stderr), stderr)
}

// Options are what a run does.
type Options struct {
	Duration time.Duration
	Faults   []string
	Seed     uint64
	Bots     bots.Options
	Show     func(string) // gets a line that says how far it is
	Tell     func(*Fault) // gets each fault when it is over
}

func command(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := console.NewFlags("cluster", lesson, stdout)
	duration := fs.Duration("duration", 2*time.Minute, time.Second, 24*time.Hour, "`time` in which harm is done; the last one is mended after it")
	list := fs.List("faults", faultNames(), "which harm, a `list` with commas between")
	n := fs.Number("n", 60, 1, 10_000, "`number` of bots")
	rooms := fs.Number("rooms", 6, 1, 1000, "`number` of rooms that they are spread over")
	rate := fs.Decimal("rate", 5, 0.001, 10_000, "`messages` a second in each room")
	every := fs.Duration("chaos-every", 300*time.Millisecond, time.Millisecond, time.Hour, "`time` from one cut connection to the next, on the average")
	data := fs.String("data", "", "`folder` in which a folder for this run is made, the system's for temporary files if empty")
	keep := fs.Bool("keep", false, "keep that folder: the servers' files, and what all processes wrote")
	seed := fs.String("seed", "", "a `number` that makes the same harm at the same moments again")
	asJSON := fs.Bool("json", false, "print one JSON object")
	if err := fs.Parse(args, 0); err != nil {
		return err
	}
	if *rooms > *n {
		return console.Wrong("-rooms %d: there are %d bots, and each is in one room", *rooms, *n)
	}
	o := Options{Duration: *duration, Faults: *list, Seed: rand.Uint64N(1_000_000), Show: console.Status(stderr), Tell: func(*Fault) {}}
	if *seed != "" {
		var err error
		if o.Seed, err = strconv.ParseUint(*seed, 10, 64); err != nil {
			return console.Wrong("-seed %q: give a whole number", *seed)
		}
	}
	o.Bots = bots.Options{Bots: *n, Rooms: *rooms, Rate: *rate, Size: 60, Patience: 2 * time.Minute, Chaos: *every}
	dir, err := os.MkdirTemp(*data, "chat-cluster-")
	if err != nil {
		return console.Wrong("-data: %w", err)
	}
	if !*asJSON {
		begin := sync.OnceFunc(func() { fmt.Fprint(stdout, heading) })
		o.Tell = func(f *Fault) {
			o.Show("")
			begin()
			f.line(stdout)
		}
	}
	r, err := run(ctx, dir, o)
	o.Show("")
	if errors.Is(err, context.Canceled) {
		err = errors.New("stopped before a message was sent")
	}
	if !*keep {
		err = firstOf(err, os.RemoveAll(dir))
	}
	if err != nil {
		return err
	}
	if *keep {
		r.Folder = dir
	}
	if *asJSON {
		e := json.NewEncoder(stdout)
		e.SetEscapeHTML(false)
		err = e.Encode(r)
	} else {
		r.text(stdout)
	}
	if err == nil && !r.Fine {
		err = console.ErrFailed
	}
	return err
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

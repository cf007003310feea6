package bots

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/workbench/internal/console"
)

// The hub that runs if nobody says another one.
const ownHub = "ws://127.0.0.1:8004/ws"

const lesson = `
Usage: go run ./04-chat-hub bots [flags] [URL...]

Loads a chat hub with bots, and checks every delivery. The hub runs already:
  go run ./04-chat-hub                              in one terminal
  go run ./04-chat-hub bots -n 1000 -rooms 10       in another
  go run ./04-chat-hub bots -chaos -duration 1m     with connections that are cut
  go run ./04-chat-hub bots ws://127.0.0.1:8004/ws ws://127.0.0.1:8014/ws

Each bot is in one room. A message is due at moments that do not depend on how
the hub is doing, and is sent by any bot of the room; a bot that is cut off sends
it when it is back. Delays count from the moment when a message was due, to each
delivery. The bots and the hub share this machine: at high rates their CPU time is
in the delay.

Of every message that was acknowledged it is checked that every bot of the room
gets it, once, in the order of the cursors, which is the order of each sender too:
  lost       acknowledged, and a bot does not have it at the end
  doubled    it came to a bot again, or is stored twice
  reordered  it came after a later one, or is stored before its sender's earlier one

Several URLs are hubs of one cluster: bots are spread over them, and one that is
dropped goes to another. After a drop a bot joins again with its last cursor and
sends again what was not acknowledged, as the page does. With -chaos connections
are cut without a close frame: by a reset, by an end of the stream, or by silence;
every other one when a message has just been sent on it.

The rooms are bots-1, bots-2 and so on: join one in the browser and watch. Ctrl-C
ends early, with a report. The exit status is 1 if anything is wrong.
`

// Command is bots, with the arguments that follow the word.
func Command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return console.Exit("bots", command(ctx, args, stdout, stderr), stderr)
}

func command(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := console.NewFlags("bots", lesson, stdout)
	o := &Options{Show: console.Status(stderr)}
	n := fs.Number("n", 100, 1, 50_000, "`number` of bots")
	rooms := fs.Number("rooms", 1, 1, 1000, "`number` of rooms that they are spread over")
	rate := fs.Decimal("rate", 5, 0.001, 100_000, "`messages` a second in each room")
	size := fs.Number("size", 60, 1, chat.MaxText, "`bytes` of a message's text")
	duration := fs.Duration("duration", 10*time.Second, 100*time.Millisecond, 24*time.Hour, "`time` in which messages are sent")
	patience := fs.Duration("wait", time.Minute, time.Second, time.Hour, "`time` to wait for what is still under way then")
	chaos := fs.Bool("chaos", false, "cut connections, and check that resuming is exact")
	every := fs.Duration("chaos-every", 200*time.Millisecond, time.Millisecond, time.Hour, "`time` from one cut to the next, on the average")
	seed := fs.String("seed", "", "a `number` that makes the same bots send at the same moments again")
	asJSON := fs.Bool("json", false, "print one JSON object")
	if err := fs.Parse(args, 100); err != nil {
		return err
	}
	o.Bots, o.Rooms, o.Rate, o.Size, o.Duration, o.Patience = *n, *rooms, *rate, *size, *duration, *patience
	if *chaos {
		o.Chaos = *every
	}
	if o.Rooms > o.Bots {
		return console.Wrong("-rooms %d: there are %d bots, and each is in one room", o.Rooms, o.Bots)
	}
	o.Seed = rand.Uint64N(1_000_000)
	if *seed != "" {
		var err error
		if o.Seed, err = strconv.ParseUint(*seed, 10, 64); err != nil {
			return console.Wrong("-seed %q: give a whole number", *seed)
		}
	}
	for _, arg := range fs.Args() {
		u, err := hubURL(arg)
		if err != nil {
			return err
		}
		o.URLs = append(o.URLs, u)
	}
	if o.URLs == nil {
		o.URLs = []string{ownHub}
	}
	if err := files(o.Bots); err != nil {
		return err
	}
	f := newFleet(o)
	if err := f.probe(ctx); err != nil {
		return err
	}
	r, err := f.whole(ctx)
	o.Show("")
	if err != nil {
		return err
	}
	if *asJSON {
		e := json.NewEncoder(stdout)
		e.SetEscapeHTML(false)
		err = e.Encode(r)
	} else {
		r.text(stdout)
	}
	if err == nil && (!r.Exact() || r.Sent == 0) {
		err = console.ErrFailed
	}
	return err
}

// whole is the run with its report.
func (f *fleet) whole(ctx context.Context) (*Report, error) {
	sending, err := f.run(ctx)
	if err != nil {
		return nil, err
	}
	return f.close(sending), nil
}

// Run is the command without a command line, for tests of a cluster.
func Run(ctx context.Context, o Options) (*Report, error) {
	if o.Show == nil {
		o.Show = func(string) {}
	}
	return newFleet(&o).whole(ctx)
}

// hubURL checks a URL: bots are a load that nobody else should get.
func hubURL(arg string) (string, error) {
	u, err := url.Parse(arg)
	if err != nil || u.Scheme != "ws" && u.Scheme != "wss" || u.Hostname() == "" || u.Fragment != "" {
		return "", console.Wrong("%q is not the URL of a hub: write it as %s", arg, ownHub)
	}
	if ip, err := netip.ParseAddr(u.Hostname()); u.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()) {
		return "", console.Wrong("%s is not this machine: bots are only let loose on 127.0.0.1, ::1 or localhost", u.Host)
	}
	if u.Path == "" {
		u.Path = "/ws"
	}
	return u.String(), nil
}

// probe says at once that no hub is there. One that goes away later is waited for.
func (f *fleet) probe(ctx context.Context) error {
	var first error
	for _, text := range f.URLs {
		u, err := url.Parse(text)
		if err != nil {
			return err
		}
		port := u.Port()
		if port == "" {
			port = map[string]string{"ws": "80", "wss": "443"}[u.Scheme]
		}
		nc, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
		if err == nil {
			nc.Close()
			return nil
		}
		if first == nil {
			first = fmt.Errorf("no hub answers at %s: start one with 'go run ./04-chat-hub': %w", text, err)
		}
	}
	return first
}

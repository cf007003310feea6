package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/workbench/tap"
	"websocket.example/03-raw-server/workbench/tap/script"
)

const replayLesson = `
Usage: go run ./03-raw-server replay [flags] FILE [URL]

Reads a conversation that tap -record has kept, or that was written by hand.

  go run ./03-raw-server replay talk.txt                        show it as the tap did
  go run ./03-raw-server replay talk.txt ws://127.0.0.1:8003    play the client, and compare the answers
  go run ./03-raw-server replay -listen 127.0.0.1:9004 talk.txt play the server, and compare what clients say

When it plays, it says its own side line by line, and before each line it waits
for all that the other side says above it. Exits with 1 if something else comes:
another opcode, flag, length or payload. Keys, masks and dates are not compared,
and compressed messages are compared by what they say.

The file is made of lines; # begins a comment:

  -- 1                          the connection's name
  >: GET /chat HTTP/1.1         a line of the request; <: of the response
  > text mask=37fa213d "Hello"  a frame of the client. Without mask= any key will do
  < text "Hello"                a frame of the server
  > binary more x00ff "a"*1000  flags are more (no FIN), rsv1, rsv2, rsv3, unmasked, claim=N ...
  > close 1000 "bye"            a close frame
  >! "GARBAGE"                  bytes as they are
  > end                         the client sends no more

Without a head in it the handshake is done as it should be: two lines, > text
"Hello" and < text "Hello", are a test of an echo server.
`

func replayCommand(ctx context.Context, args []string, t terminal) error {
	fs := newFlags("replay", replayLesson, t)
	listen := fs.String("listen", "", "play the server, to clients that connect to `host:port`")
	wait := fs.Duration("wait", 5*time.Second, "how `long` the other side may take for an answer")
	insecure := fs.Bool("insecure", false, "wss: do not check the certificate")
	verbose := fs.Bool("v", false, "show what is said while it plays")
	asJSON := fs.Bool("json", false, "one JSON object for each thing said, and nothing else")
	view := newView(fs)
	operands, err := operands(fs, args)
	switch {
	case err != nil:
		return err
	case len(operands) == 0:
		return wrong("which file? Write the name of one that tap -record has made")
	case len(operands) > 2 || len(operands) == 2 && *listen != "":
		return wrong("%q is one too many: a file, and a URL or -listen", operands[len(operands)-1])
	}
	text, err := os.ReadFile(operands[0])
	if err != nil {
		return wrong("%w", err)
	}
	s, err := script.Parse(string(text))
	if err != nil {
		return wrong("%s: %w", operands[0], err)
	}

	var see tap.Sink
	if *asJSON {
		see = (&tap.JSON{Out: t.out, Max: view.most}).See
	} else {
		peer := operands[0]
		if len(operands) == 2 {
			peer = operands[1]
		}
		see = view.printer(t, peer).See
	}
	p := script.Player{Wait: *wait}
	if *verbose || *asJSON {
		p.See = see
	}
	switch {
	case *listen != "":
		l, err := net.Listen("tcp", *listen)
		if err != nil {
			return wrong("-listen: %w", addressError(*listen, err))
		}
		defer l.Close()
		defer context.AfterFunc(ctx, func() { l.Close() })()
		fmt.Fprintf(t.err, "Playing the server of %s at ws://%s. Ctrl-C stops.\n", operands[0], l.Addr())
		p.Connect = func(context.Context) (net.Conn, error) { return l.Accept() }
	case len(operands) == 2:
		target, err := tap.ParseTarget(operands[1])
		if err != nil {
			return usageError{err}
		}
		o := handshake.DialOptions{}
		if *insecure {
			o.TLS = &tls.Config{InsecureSkipVerify: true}
		}
		p.Client, p.Target = true, target
		p.Connect = func(ctx context.Context) (net.Conn, error) {
			ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			return o.Connect(ctx, target)
		}
	default:
		script.Show(s, max(view.most, script.Keep), see)
		return nil
	}
	return play(ctx, t, &p, s, *asJSON)
}

// play plays a script and says what differs.
func play(ctx context.Context, t terminal, p *script.Player, s script.Script, asJSON bool) error {
	played, differences, err := p.Play(ctx, s)
	if ctx.Err() != nil {
		return errors.New("interrupted: what was not played is not known")
	}
	out := t.out
	if asJSON {
		out = t.err
	}
	for _, d := range differences {
		where := "behind the last line"
		if d.Line > 0 {
			where = fmt.Sprintf("line %d", d.Line)
		}
		fmt.Fprintf(out, "connection %s, %s\n  wanted  %s\n  came    %s\n", d.Conn, where, d.Wanted, d.Came)
	}
	switch {
	case err != nil:
		return err
	case played == 0:
		return errors.New("nothing was played: no connection in the file is meant for this side")
	case len(differences) > 0:
		return fmt.Errorf("%d of %d connections differ from the recording", len(differences), played)
	}
	fmt.Fprintf(out, "as recorded, connections: %d\n", played)
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/term"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/narrate"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/web"
	"websocket.example/03-raw-server/wsconn"
)

const serveLesson = `
Usage: go run ./03-raw-server [flags]

An echo server, written by hand from RFC 6455 and RFC 7692, that shows every
frame it gets and sends. Connect with anything that speaks WebSocket, to any
path, or open its page in a browser: there you type a message and see its frame.

  go run ./03-raw-server                    one line for each frame
  go run ./03-raw-server -v                 and its bits, as RFC 6455 draws them
  go run ./03-raw-server -compress=false    as it is on the wire without compression

A line has, from left to right: seconds since the start, the connection's
number, the direction (-> from a client, <- from this server), what the frame
is, its flags, its masking key, the length of its payload, and the payload.

  FIN   the last frame of its message. Without it, continuation frames follow.
  RSV1  the message is compressed. The line shows it inflated as well.
  mask  what each payload byte was XORed with. Clients must mask, servers must not.

Messages may have up to 32 MiB; a longer one is answered with the close code 1009.
A frame that breaks a rule is named with its section. Ctrl-C sends every client
a close frame with the code 1001, waits for the answers, and stops.

There is a workbench beside it, each with its own -h:

  go run ./03-raw-server check URL          grades any server, or client
  go run ./03-raw-server tap URL            shows what any client and server say
  go run ./03-raw-server replay FILE        shows or plays what a tap has recorded
  go run ./03-raw-server bench              measures what a message costs the server
`

// goodbye is how long clients have to answer a close frame.
const goodbye = 5 * time.Second

func serveCommand(ctx context.Context, args []string, t terminal) error {
	fs := newFlags("03-raw-server", serveLesson, t)
	addr := fs.String("addr", "127.0.0.1:8003", "where to listen, as `host:port`; port 0 is a free one")
	draw := fs.Bool("v", false, "draw each frame bit by bit, with the names of its fields")
	compress := fs.Bool("compress", true, "accept permessage-deflate; -compress=false refuses it")
	origin := choiceFlag(fs, "origin", "which `pages` may connect: same, those of this server, or any", "same", "any")
	if err := fs.parse(args); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return wrong("-addr: %w", addressError(*addr, err))
	}

	start := time.Now()
	options := web.Options{
		NoCompression: !*compress,
		Start:         start,
		Conn:          wsconn.Options{MaxMessage: 32 << 20},
		Witness:       &narrate.Printer{Out: t.out, Start: start, Draw: *draw, Colour: colours(t.out)},
	}
	if *origin == "any" {
		options.Origin = handshake.AnyOrigin
	}
	page := web.New(options)
	defer page.Close()
	var s server.Server
	page.Attach(&s)

	fmt.Fprintf(t.out, "Echo at ws://%[1]s, every frame in bits at http://%[1]s. Ctrl-C stops.\n", listener.Addr())
	fmt.Fprint(t.out, "-> from a client   <- from this server\n\n")
	stopped := make(chan struct{})
	defer context.AfterFunc(ctx, func() {
		defer close(stopped)
		ctx, cancel := context.WithTimeout(context.Background(), goodbye)
		defer cancel()
		_ = s.Shutdown(ctx) // whoever did not answer is cut off
	})()
	if err := s.Serve(listener); !errors.Is(err, server.ErrClosed) {
		return err
	}
	<-stopped
	return nil
}

// colours says whether colours are welcome.
func colours(w io.Writer) bool {
	file, is := w.(*os.File)
	return is && term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func addressError(addr string, err error) error {
	var unknown *net.AddrError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is taken by another program: choose another port, or port 0 for a free one", addr)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s is not for everyone: choose a port above 1023", addr)
	case errors.As(err, &unknown):
		return fmt.Errorf("%q is not host:port, with a port up to 65535: write it like 127.0.0.1:8003", addr)
	}
	return fmt.Errorf("%s can't be listened on (%w): write host:port of this machine, like 127.0.0.1:8003", addr, err)
}

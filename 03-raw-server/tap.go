package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	narrate02 "websocket.example/02-handshake/narrate"
	"websocket.example/03-raw-server/workbench/tap"
	"websocket.example/03-raw-server/workbench/tap/page"
	"websocket.example/03-raw-server/workbench/tap/script"
)

const tapLesson = `
Usage: go run ./03-raw-server tap [flags] URL

Sits between any WebSocket client and the server at URL, passes every byte on as
it is, and shows what it was: each frame of both directions, the handshake line
by line, plain HTTP requests by name, and which rule a broken frame breaks. The
client connects to the tap instead of the server, with the same path.

  go run ./03-raw-server tap ws://127.0.0.1:8003
  go run ./03-raw-server tap -web wss://example.com/chat      and on a page that filters and pauses
  go run ./03-raw-server tap -as json -bits URL               JSON over several lines, headers bit by bit
  go run ./03-raw-server tap -record talk.txt URL             keep it: replay talk.txt shows it again

A line has, from left to right: seconds since the start, the connection's
number, the direction (-> from the client, <- from the server), what the frame
is, its flags, its masking key, the length of its payload, and the payload. What
is compressed (RSV1) is shown inflated, as the handshake has agreed.

Nothing is changed on the way, so the server sees the tap's address in Host, and
in a page's Origin. Most do not mind. One that insists on its own name (a proxy
for many sites, or a check of Origin) needs -host: it writes the server's name
into those two lines, and changes no other byte.

A recording has everything in it that was said, cookies and passwords as well.
A side that does not read holds the other one up, as it would without the tap.
Ctrl-C ends all connections.
`

func tapCommand(ctx context.Context, args []string, t terminal) error {
	fs := newFlags("tap", tapLesson, t)
	listen := fs.String("listen", "127.0.0.1:9004", "where clients connect, as `host:port`; port 0 is a free one")
	view := newView(fs)
	host := fs.Bool("host", false, "write the server's name into Host, and into an Origin that is the tap's")
	insecure := fs.Bool("insecure", false, "wss: do not check the certificate")
	asJSON := fs.Bool("json", false, "one JSON object for each thing seen, and nothing else")
	record := fs.String("record", "", "keep the conversations in this `file`, which replay reads")
	times := fs.Bool("times", true, "keep the times as well; -times=false makes files that compare better")
	where := webFlag(fs)
	operands, err := operands(fs, args)
	switch {
	case err != nil:
		return err
	case len(operands) == 0:
		return wrong("which server? Write its URL, such as ws://127.0.0.1:8003")
	case len(operands) > 1:
		return wrong("one URL at a time: %q is one too many", operands[1])
	}

	var sinks []tap.Sink
	tapped, err := tap.New(operands[0], func(e tap.Event) {
		for _, sink := range sinks {
			sink(e)
		}
	})
	if err != nil {
		return usageError{err}
	}
	tapped.Host, tapped.Keep = *host, max(view.most, page.Keep)
	if *record != "" {
		tapped.Keep, tapped.Parts = max(tapped.Keep, script.Keep), true
	}
	if *insecure {
		tapped.TLS = &tls.Config{InsecureSkipVerify: true}
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return wrong("-listen: %w", addressError(*listen, err))
	}
	defer listener.Close()

	var finish []func() error
	if *asJSON {
		sinks = append(sinks, (&tap.JSON{Out: t.out, Max: view.most}).See)
	} else {
		sinks = append(sinks, view.printer(t, tapped.Target().Redacted()).See)
	}
	if *record != "" {
		recorder, closeFile, err := createRecording(*record, tapped, *times)
		if err != nil {
			return err
		}
		finish = append(finish, closeFile)
		sinks = append(sinks, recorder.See)
	}
	pageAt := ""
	if where.on {
		p, stop, err := servePage(where.address, tapped.Target().Redacted())
		if err != nil {
			return err
		}
		defer stop()
		sinks = append(sinks, p.See)
		pageAt = fmt.Sprintf("The same on a page: http://%s\n", p.Addr())
	}
	out := t.out
	if *asJSON {
		out = t.err // what is for people must not get between what is for programs
	}
	fmt.Fprintf(out, "A tap at ws://%s%s before %s. Ctrl-C stops.\n%s", listener.Addr(), tapped.Target().RequestURI(), tapped.Target().Redacted(), pageAt)
	if !*asJSON {
		fmt.Fprint(out, "-> from the client   <- from the server\n\n")
	}
	tapped.Start = time.Now()
	err = tapped.Serve(ctx, listener)
	for _, f := range finish {
		err = errors.Join(err, f())
	}
	return err
}

// A view is how conversations are shown: by tap as they happen, by replay
// from a file.
type view struct {
	form, explain *string
	language      *string
	bits          *bool
	most          int
}

func newView(fs *flags) *view {
	v := &view{most: 160}
	v.form = choiceFlag(fs, "as", "payloads as `text`, as json over several lines, as compact json, or as hex", tap.Forms...)
	v.bits = fs.Bool("bits", false, "draw each frame bit by bit, as RFC 6455 does")
	v.explain = choiceFlag(fs, "handshake", "`which` handshakes are explained line by line: first, all or none", "first", "all", "none")
	v.language = choiceFlag(fs, "lang", "the explanation's `language`: en or pt-BR", "en", "pt-BR")
	fs.Var(checked{"160", func(text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1<<20 {
			return fmt.Errorf("give a number of bytes from 1 to %d", 1<<20)
		}
		v.most = n
		return nil
	}}, "max", "how many `bytes` of a payload are shown, in hex a quarter; its length is the true one")
	return v
}

func (v *view) printer(t terminal, peer string) *tap.Printer {
	language := narrate02.English
	if *v.language == "pt-BR" {
		language = narrate02.Portuguese
	}
	return &tap.Printer{
		Out: t.out, Peer: peer, Form: tap.Form(*v.form), Max: v.most, Bits: *v.bits, Colour: colours(t.out),
		Explain: tap.Explain(*v.explain), Language: language,
	}
}

// operands reads flags and what stands between them.
func operands(fs *flags, args []string) (words []string, err error) {
	for {
		if fs.Parse(args) != nil {
			return nil, fs.parse(args) // which says it better
		}
		if fs.NArg() == 0 {
			return words, nil
		}
		words, args = append(words, fs.Arg(0)), fs.Args()[1:]
	}
}

// A pageAddress is -web, which may have an address or not.
type pageAddress struct {
	on      bool
	address string
}

func webFlag(fs *flags) *pageAddress {
	p := &pageAddress{address: "127.0.0.1:9005"}
	fs.Var(p, "web", "show the same on a page, at 127.0.0.1:9005 or at -web=`host:port`")
	return p
}

func (p *pageAddress) String() string   { return "" }
func (p *pageAddress) IsBoolFlag() bool { return true }
func (p *pageAddress) Set(text string) error {
	switch {
	case text == "true":
		p.on = true
	case text == "false":
		p.on = false
	default:
		p.on, p.address = true, text
	}
	return nil
}

// servePage serves the page, and returns how to stop it.
func servePage(address, target string) (p *page.Page, stop func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, nil, wrong("-web: %w", addressError(address, err))
	}
	p = page.New(target)
	return p, p.Serve(listener), nil
}

// createRecording makes the file of -record.
func createRecording(name string, tapped *tap.Tap, times bool) (r *script.Recorder, finish func() error, err error) {
	// What was said may be secret.
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, wrong("-record: %w", err)
	}
	r = script.NewRecorder(file, tapped.Keep, times)
	r.Comment("what go run ./03-raw-server tap has seen before " + tapped.Target().Redacted())
	return r, func() error {
		if err := errors.Join(r.Err(), file.Close()); err != nil {
			return fmt.Errorf("-record: %w", err)
		}
		return nil
	}, nil
}

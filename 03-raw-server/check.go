package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/workbench/check"
)

const checkLesson = `
Usage: go run ./03-raw-server check [flags] URL
       go run ./03-raw-server check [flags] -listen ADDR

Grades any WebSocket server, whatever it is written in. It must echo: every text
and binary message comes back as it went. Without flags it is for somebody who is
writing a server just now: %d cases in %d stages, one connection each, up to the
first stage that fails; each failure tells what was sent, what came, what was
wanted, and where that is written.

  go run ./03-raw-server check ws://127.0.0.1:9000/
  go run ./03-raw-server check -hint 2 ws://127.0.0.1:9000/

-full looks at every rule of RFC 6455 and RFC 7692 that can be seen from outside:
%d cases in %d chapters, messages up to 16 MiB, permessage-deflate with all of its
parameters. -only and -skip choose by ID or the beginning of it (7, 7.2, 7.2.11,
fail-fast), by section (RFC 6455:5.4) or level; a star stands for anything.

  go run ./03-raw-server check -full -html report.html ws://127.0.0.1:9000/
  go run ./03-raw-server check -full -only 4,5.2 ws://127.0.0.1:9000/

With -listen it is the server, and grades clients. A client connects to the URL
that is printed, echoes every message until the connection ends, and connects
again, until it is answered with 410 Gone instead of 101.

  go run ./03-raw-server check -full -listen 127.0.0.1:9003

ok is what the RFC wants. not strict is what it tolerates, or what good
implementations differ in: TCP ended without a close frame, another close code, a
wrong byte noticed late; with -strict that has failed. not offered is what nobody
has to do: an extension, a parameter, messages of that size (if it says 1009).
A case is core (nothing works without it), must or strict.
Exit status: 0 passed, 1 failed, 2 wrong usage.
`

// errFailed is a failure that has been explained already.
var errFailed = errors.New("failed")

func checkCommand(ctx context.Context, args []string, t terminal) error {
	lesson, full := check.Cases(check.Options{}, false), check.Cases(check.Options{Full: true}, false)
	fs := newFlags("check", fmt.Sprintf(checkLesson, len(lesson), check.Stages, len(full), check.Chapters), t)
	var o check.Options
	fs.BoolVar(&o.Full, "full", false, "all cases instead of those of the lesson")
	stage := numberFlag(fs, "stage", check.Stages, "grade stage `n` of the lesson alone")
	fs.BoolVar(&o.All, "all", false, "go on after a stage that failed")
	fs.BoolVar(&o.Strict, "strict", false, "what is not strict has failed")
	listFlag(fs, "only", "these `cases`, with commas between them", &o.Only)
	listFlag(fs, "skip", "not these `cases`", &o.Skip)
	hints := numberFlag(fs, "hint", check.HintLevels, "give hints up to level `n`, of 3")
	listen := fs.String("listen", "", "play the server at `host:port`, and grade clients")
	o.Header = headerFlag(fs)
	insecure := fs.Bool("insecure", false, "wss: do not check the certificate")
	tag := choiceFlag(fs, "lang", "speak `language` en or pt-BR", "en", "pt-BR")
	asJSON := fs.Bool("json", false, "report as JSON")
	page := fs.String("html", "", "write a report with all frames to `file`")
	address, err := fs.parseURL(args)
	if err != nil {
		return err
	}
	o.Stage = *stage
	language, err := check.Speak(*tag)
	switch {
	case err != nil:
		return wrong("-lang: %w", err)
	case o.Full && o.Stage != 0:
		return wrong("-stage is for the lesson: with -full, choose with -only")
	case address == "" && *listen == "":
		return wrong("which server? Write its URL, such as ws://127.0.0.1:8003/, or -listen 127.0.0.1:9003 to grade clients")
	case address != "" && *listen != "":
		return wrong("-listen waits for clients, and %q is a server: one or the other", address)
	}
	if err := o.Unknown(); err != nil {
		return usageError{err}
	}
	if *insecure {
		o.TLS = &tls.Config{InsecureSkipVerify: true}
	}
	if bar := newBar(t.err); bar != nil {
		o.Progress = bar.show
		defer bar.clear()
	}
	var out *os.File
	if *page != "" { // before the work, in case it can't be written
		if out, err = os.Create(*page); err != nil {
			return wrong("-html: %w", err)
		}
		defer out.Close()
	}
	var report *check.Report
	if *listen != "" {
		report, err = gradeClient(ctx, *listen, o, t, *asJSON)
	} else {
		if _, err := handshake.ParseURL(address); err != nil {
			return usageError{err}
		}
		report, err = check.Run(ctx, address, o)
	}
	if err != nil {
		return err
	}
	view := check.View{Language: language, Hints: *hints, Colour: colours(t.out)}
	if out != nil { // before the text, whose reader may have enough of it
		if err := errors.Join(view.HTML(out, report), out.Close()); err != nil {
			return err
		}
	}
	if *asJSON {
		if err := view.JSON(t.out, report); err != nil {
			return err
		}
	} else {
		view.Text(t.out, report)
	}
	if !report.Passed() {
		return errFailed
	}
	return nil
}

func gradeClient(ctx context.Context, addr string, o check.Options, t terminal, quiet bool) (*check.Report, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, wrong("-listen: %w", addressError(addr, err))
	}
	say := t.out
	if quiet {
		say = t.err
	}
	fmt.Fprintf(say, "Connect to ws://%s/ again and again, echo every message, stop at 410 Gone. Ctrl-C reports what there is.\n\n", listener.Addr())
	return check.Listen(ctx, listener, o)
}

// parseURL reads flags on both sides of one URL, which may be missing.
func (fs *flags) parseURL(args []string) (address string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			return "", fs.parse(args) // for the words of the error
		}
		switch {
		case fs.NArg() == 0:
			return address, nil
		case address != "":
			return "", wrong("one URL at a time: %q is one too many", fs.Arg(0))
		}
		address, args = fs.Arg(0), fs.Args()[1:]
	}
}

// numberFlag takes a whole number within bounds.
func numberFlag(fs *flags, name string, most int, usage string) *int {
	n := new(int)
	fs.Var(checked{"", func(text string) error {
		var rest string
		if count, _ := fmt.Sscanf(text+" ", "%d%s", n, &rest); count != 1 || *n < 0 || *n > most {
			return fmt.Errorf("give a number from 0 to %d", most)
		}
		return nil
	}}, name, usage)
	return n
}

// listFlag collects words, with commas between them or by coming again.
func listFlag(fs *flags, name, usage string, list *[]string) {
	fs.Var(checked{"", func(text string) error {
		for word := range strings.SplitSeq(text, ",") {
			if word = strings.TrimSpace(word); word == "" {
				return errors.New("write IDs with commas between them")
			}
			*list = append(*list, word)
		}
		return nil
	}}, name, usage)
}

// headerFlag collects lines such as 'Cookie: a=b'.
func headerFlag(fs *flags) http.Header {
	header := make(http.Header)
	fs.Var(checked{"", func(text string) error {
		name, value, found := strings.Cut(text, ":")
		line := handshake.Header{{Name: name, Value: strings.TrimSpace(value)}}
		if !found {
			return errors.New("write it as 'Name: value'")
		}
		if err := line.Check(); err != nil {
			return err
		}
		key := textproto.CanonicalMIMEHeaderKey(name)
		header[key] = append(slices.Clip(header[key]), line[0].Value)
		return nil
	}}, "H", "add the header `'Name: value'` to every handshake; may come again")
	return header
}

// A bar shows how far the work is, on a terminal.
type bar struct {
	w     io.Writer
	start time.Time
	last  time.Time
}

func newBar(w io.Writer) *bar {
	if file, is := w.(*os.File); !is || !term.IsTerminal(int(file.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return &bar{w: w, start: time.Now()}
}

func (b *bar) show(done, total int) {
	if now := time.Now(); now.Sub(b.last) > 50*time.Millisecond || done == total {
		const width = 40
		n := width * done / max(total, 1)
		fmt.Fprintf(b.w, "\r%s%s %d/%d  %.1f s ", strings.Repeat("█", n), strings.Repeat("░", width-n), done, total, now.Sub(b.start).Seconds())
		b.last = now
	}
	if done == total {
		b.clear()
	}
}

func (b *bar) clear() {
	if !b.last.IsZero() {
		fmt.Fprint(b.w, "\r\x1b[K")
		b.last = time.Time{}
	}
}

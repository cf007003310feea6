package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"websocket.example/01-http-vs-ws/link"
	"websocket.example/01-http-vs-ws/measure"
	"websocket.example/01-http-vs-ws/report"
	"websocket.example/01-http-vs-ws/transport"
)

const measureLesson = `
Usage: go run ./01-http-vs-ws [flags]

Sends the same events over the same network to one client of each transport:
short polling, long polling, Server-Sent Events and WebSocket. Measures how long
after it was due each event arrived, what that cost in requests and bytes, and
how long a message takes the other way. Beside each figure stands what a model
expects from the poll interval and the round trip alone.

  go run ./01-http-vs-ws                             over a network like 4G, 15 s
  go run ./01-http-vs-ws -net satellite -poll 5s     where round trips are long
  go run ./01-http-vs-ws -repeat 5 -html report.html how sure the figures are, drawn
  go run ./01-http-vs-ws -serve                      live, in your browser

Other commands, each with its own -h:
  scale       what idle clients cost the server, from 1 to 1,000 of them
  omission    why latency is counted from when an event was due
`

// measureFlags are what the command line says.
type measureFlags struct {
	measure.Config
	repeat     int
	json, html string
	lang       string
	serve      bool
	addr       string
}

func measureCommand(ctx context.Context, args []string, t terminal) error {
	f, err := parseMeasure(args, t)
	if err != nil {
		return err
	}
	if f.serve {
		return serve(ctx, f, t)
	}
	files, err := openOutputs(f, t)
	if err != nil {
		return err
	}
	defer files.abandon()

	bar := newBar(t.err)
	summary, err := repeat(ctx, f, bar)
	bar.done()
	if err != nil {
		return err
	}
	text := t.out
	if f.json == "-" { // the standard output is for the program that reads it
		text = t.err
	}
	report.Text(text, summary, report.TextOptions{Color: colours(text), Lang: f.lang})
	if err := files.write(summary); err != nil {
		return err
	}
	return summary.Err
}

// repeat measures as often as was asked for, or until Ctrl-C.
func repeat(ctx context.Context, f measureFlags, bar *bar) (*measure.Summary, error) {
	var runs []*measure.Run
	for i := range f.repeat {
		c := f.Config
		c.Seed += uint64(i) // other moments each time
		run, err := measure.Measure(ctx, c, func(done, total time.Duration, text string) {
			if f.repeat > 1 {
				text = fmt.Sprintf("run %d of %d, %s", i+1, f.repeat, text)
			}
			bar.at(time.Duration(i)*total+done, time.Duration(f.repeat)*total, text)
		})
		if err != nil {
			return nil, err
		}
		if run.Interrupted && len(runs) > 0 {
			break // the whole runs say more than a part of one more
		}
		runs = append(runs, run)
		if run.Interrupted || run.Died() {
			break
		}
	}
	return measure.Summarize(runs), nil
}

func parseMeasure(args []string, t terminal) (measureFlags, error) {
	var f measureFlags
	var rtt, jitter *time.Duration
	fs := newFlags("01-http-vs-ws", measureLesson, t)
	network := fs.String("net", "4g", "`name` of the network:\n"+networks())
	rtt = durationFlag(fs, "rtt", 0, 0, 10*time.Second, "`time` of a round trip, instead of that of -net")
	jitter = durationFlag(fs, "jitter", 0, 0, 10*time.Second, "`time` by which a round trip may be longer or shorter")
	fs.Var(checked{"", func(text string) (err error) { f.Link.Bandwidth, err = bandwidth(text); return err }},
		"bandwidth", "`bits` a second in each direction, such as 12M; 0 is no limit")
	poll := durationFlag(fs, "poll", time.Second, 10*time.Millisecond, time.Minute, "`time` from one short poll to the next")
	keepalive := durationFlag(fs, "keepalive", 30*time.Second, time.Second, 10*time.Minute, "`time` for which a connection may be silent")
	rate := numberFlag(fs, "rate", 5, 0.1, 1000, "`number` of events a second, in the mean")
	fs.Uint64Var(&f.Seed, "seed", 1, "`number` that fixes when the events come")
	duration := durationFlag(fs, "duration", 15*time.Second, time.Second, time.Hour, "`time` that is counted, after a warm-up")
	times := numberFlag(fs, "repeat", 1, 1, 100, "`number` of runs; the table then shows medians and their range")
	headers := fs.String("headers", "browser", "`set` of headers that a request carries: browser (Chromium's) or bare")
	fs.BoolVar(&f.TLS, "tls", false, "put TLS 1.3 below everything")
	fs.StringVar(&f.json, "json", "", "write the figures as JSON to this `file`, - for the standard output")
	fs.StringVar(&f.html, "html", "", "write a report with drawings to this `file`")
	fs.StringVar(&f.lang, "lang", "en", "`language` of the figures and the verdict: en or pt-BR")
	fs.BoolVar(&f.serve, "serve", false, "serve a page on which your browser is the client of all four")
	fs.StringVar(&f.addr, "addr", "127.0.0.1:8001", "`host:port` of the page; port 0 takes a free one")
	if err := fs.parse(args); err != nil {
		return f, err
	}
	f.Poll, f.Keepalive, f.Rate, f.Duration, f.repeat = *poll, *keepalive, *rate, *duration, int(*times)

	given := make(map[string]bool)
	fs.Visit(func(used *flag.Flag) { given[used.Name] = true })
	own := f.Link
	if given["rtt"] || given["jitter"] || given["bandwidth"] {
		f.Network = "custom"
	} else {
		f.Network = *network
	}
	if given["net"] || f.Network != "custom" {
		preset, err := link.Named(*network)
		if err != nil {
			return f, wrong("-net: %w", err)
		}
		f.Link = preset.Settings
	}
	if given["rtt"] {
		f.Link.RTT = *rtt
		f.Link.Jitter = min(f.Link.Jitter, *rtt)
	}
	if given["jitter"] {
		f.Link.Jitter = *jitter
	}
	if given["bandwidth"] {
		f.Link.Bandwidth = own.Bandwidth
	}
	if err := f.Link.Check(); err != nil {
		return f, wrong("-rtt, -jitter, -bandwidth: %w", err)
	}
	var err error
	if f.Headers, err = transport.ParseHeaderSet(*headers); err != nil {
		return f, wrong("-headers: %w", err)
	}
	switch {
	case f.lang != "en" && f.lang != "pt-BR":
		return f, wrong("-lang: no language is called %q: choose en or pt-BR", f.lang)
	case float64(f.repeat) != *times:
		return f, wrong("-repeat: %g is not a whole number", *times)
	case f.Rate*f.Duration.Seconds() < 2:
		return f, wrong("-rate, -duration: %g events a second for %v are too few to measure: give more of either", f.Rate, f.Duration)
	case f.serve && f.TLS:
		return f, wrong("-tls: a browser refuses a certificate that it does not know: use -serve without it")
	case f.serve && (f.json != "" || f.html != "" || f.repeat > 1):
		return f, wrong("-serve: a page has no end to report: use it without -json, -html and -repeat")
	case given["addr"] && !f.serve:
		return f, wrong("-addr: only the page has an address: use it with -serve")
	}
	return f, nil
}

func networks() string {
	var list []string
	for _, p := range link.Presets {
		list = append(list, fmt.Sprintf("%-10s %s (%s)", p.Name, p.Settings, p.Like))
	}
	return strings.Join(list, "\n")
}

// outputs are the files that a run will fill. They are opened before it, so
// that nobody measures for minutes and then cannot save it.
type outputs struct{ json, html *output }

func openOutputs(f measureFlags, t terminal) (o outputs, err error) {
	if o.json, err = openOutput(f.json, t.out); err != nil {
		return o, wrong("-json: %w", err)
	}
	if o.html, err = openOutput(f.html, nil); err != nil {
		o.abandon()
		return o, wrong("-html: %w", err)
	}
	return o, nil
}

func (o outputs) write(s *measure.Summary) error {
	return errors.Join(
		o.json.fill(func(w io.Writer) error { return report.JSON(w, s) }),
		o.html.fill(func(w io.Writer) error { return report.HTML(w, s, report.HTMLOptions{When: time.Now()}) }),
	)
}

func (o outputs) abandon() {
	o.json.abandon()
	o.html.abandon()
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"websocket.example/01-http-vs-ws/scale"
	"websocket.example/01-http-vs-ws/transport"
)

const scaleLesson = `
Usage: go run ./01-http-vs-ws scale [flags]

Opens idle clients, 1 to 1,000 of each transport, to a server that runs alone in
its process, and measures the CPU and the memory that they cost it while nothing
happens. Polling pays in CPU for being ready, the others in memory.

  go run ./01-http-vs-ws scale -n 100,1000      fewer measurements
  go run ./01-http-vs-ws scale -poll 100ms      an interval that feels immediate
`

func scaleCommand(ctx context.Context, args []string, t terminal) error {
	fs := newFlags("scale", scaleLesson, t)
	c := scale.Config{Clients: []int{1, 10, 100, 1000}}
	fs.Var(checked{"1,10,100,1000", func(text string) (err error) { c.Clients, err = counts(text); return err }},
		"n", "`numbers` of clients, one measurement for each")
	poll := durationFlag(fs, "poll", time.Second, 10*time.Millisecond, time.Minute, "`time` from one short poll to the next")
	window := durationFlag(fs, "window", 5*time.Second, time.Second, 10*time.Minute, "`time` for which CPU is counted; also the time between keep-alives,\nso that each client has one in it")
	headers := fs.String("headers", "browser", "`set` of headers that a request carries: browser (Chromium's) or bare")
	path := fs.String("json", "", "write the figures as JSON to this `file`, - for the standard output")
	if err := fs.parse(args); err != nil {
		return err
	}
	c.Poll, c.Window, c.Keepalive = *poll, *window, *window
	var err error
	if c.Headers, err = transport.ParseHeaderSet(*headers); err != nil {
		return wrong("-headers: %w", err)
	}
	file, err := openOutput(*path, t.out)
	if err != nil {
		return wrong("-json: %w", err)
	}
	defer file.abandon()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	c.Server = func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, self, "scale-server", "-keepalive", c.Keepalive.String())
	}

	bar := newBar(t.err)
	cells, err := scale.Measure(ctx, c, func(cell, of int, text string) {
		bar.at(time.Duration(cell)*time.Second, time.Duration(of)*time.Second, text)
	})
	bar.done()
	text := t.out
	if *path == "-" {
		text = t.err
	}
	if len(cells) > 0 {
		scale.Text(text, c, cells)
	}
	return errors.Join(err, file.fill(func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(map[string]any{"poll_ms": c.Poll.Milliseconds(), "keepalive_ms": c.Keepalive.Milliseconds(), "cells": cells})
	}))
}

// counts reads numbers of clients, separated by commas.
func counts(text string) ([]int, error) {
	var list []int
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 || n > 20000 {
			return nil, fmt.Errorf("write numbers from 1 to 20000 with commas between them, such as 1,10,100")
		}
		list = append(list, n)
	}
	return list, nil
}

// scaleServer is the process that scale measures.
func scaleServer(_ context.Context, args []string, t terminal) error {
	fs := newFlags("scale-server", "The server that scale measures. It ends when its standard input does.", t)
	keepalive := durationFlag(fs, "keepalive", 5*time.Second, time.Millisecond, time.Hour, "`time` for which a connection may be silent")
	if err := fs.parse(args); err != nil {
		return err
	}
	return scale.Serve(t.in, t.out, *keepalive)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	"golang.org/x/term"

	"websocket.example/04-chat-hub/workbench/check"
)

const checkLesson = `
Usage: go run ./04-chat-hub check [flags] URL

Grades any chat server that speaks the messages of asyncapi.yaml, whatever it is
written in, for somebody who is writing one just now: %d cases in %d stages, each
in a room of its own, up to the first stage that fails; each failure tells what was
sent, what came, what was wanted, and where that is written.

  go run ./04-chat-hub check ws://127.0.0.1:9014/ws
  go run ./04-chat-hub check -hint 2 ws://127.0.0.1:9014/ws

The server to write is begun in 04-chat-hub/exercise: go run it, and the first
command grades it.

In stage 6 a client falls silent, and the server has to notice: ping every half
second or so, and drop who has not answered for 2 s. A server that is more patient, such as
the hub of this step, is given more time, or the stage is left out:

  go run ./04-chat-hub check -patience 90s ws://127.0.0.1:8004/ws
  go run ./04-chat-hub check -patience 0 ws://127.0.0.1:8004/ws

A case is core (without it there is no chat), must (a client relies on it) or
strict (good servers differ). Strict cases count with -strict only.
Exit status: 0 passed, 1 failed, 2 wrong usage.
`

func checkCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	fs := newFlags("check", fmt.Sprintf(checkLesson, len(check.Cases), check.Stages), out)
	var c check.Config
	var hints int
	number(fs, &c.Stage, "stage", 0, 0, check.Stages, "grade stage `n` alone, 0 is all")
	fs.BoolVar(&c.All, "all", false, "go on after a stage that failed")
	fs.BoolVar(&c.Strict, "strict", false, "what is not strict has failed")
	number(fs, &hints, "hint", 0, 0, check.HintLevels, "give hints up to level `n`, of 3")
	c.Patience = 6 * time.Second
	fs.Var(checked{"6s", func(text string) (err error) {
		if c.Patience, err = time.ParseDuration(text); err != nil || c.Patience < 0 || c.Patience > 10*time.Minute {
			return errors.New("write a time with its unit, such as 6s, up to 10m")
		}
		return nil
	}}, "patience", "`time` a server may take to drop who is dead, 0 leaves that out")
	tag := fs.String("lang", "en", "speak `language` en or pt-BR")
	asJSON := fs.Bool("json", false, "report as JSON")
	address, err := fs.parseURL(args)
	if err != nil {
		return exit(errs, err)
	}
	if c.URL, err = url.Parse(address); err != nil || c.URL.Host == "" || c.URL.Scheme != "ws" && c.URL.Scheme != "wss" {
		return exit(errs, wrong("%q is no WebSocket URL: write it like ws://127.0.0.1:9014/ws", address))
	}
	language, err := check.Speak(*tag)
	if err != nil {
		return exit(errs, wrong("-lang %q: %w", *tag, err))
	}
	report, err := check.Run(ctx, c)
	if err != nil {
		return exit(errs, err)
	}
	view := check.View{Language: language, Hints: hints, Colour: colours(out)}
	if *asJSON {
		if err := view.JSON(out, report); err != nil {
			return exit(errs, err)
		}
	} else {
		view.Text(out, report)
	}
	if !report.Passed() {
		return failed
	}
	return fine
}

// parseURL reads flags on both sides of one URL.
func (fs *flags) parseURL(args []string) (address string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			return "", fs.parse(args) // for the words of the error
		}
		switch {
		case fs.NArg() == 0 && address == "":
			return "", wrong("which server? Write its URL, such as ws://127.0.0.1:9014/ws")
		case fs.NArg() == 0:
			return address, nil
		case address != "":
			return "", wrong("one URL at a time: %q is one too many", fs.Arg(0))
		}
		address, args = fs.Arg(0), fs.Args()[1:]
	}
}

// colours says whether they would be seen.
func colours(w io.Writer) bool {
	file, is := w.(*os.File)
	return is && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(file.Fd()))
}

package main

import (
	"context"
	"crypto/tls"
	"fmt"

	"websocket.example/02-handshake/handshake"
	"websocket.example/02-handshake/workbench/check"
)

const checkLesson = `
Usage: go run ./02-handshake check [flags] URL

Grades the handshake of any server, whatever it is written in. Without flags it is
for somebody who is writing a server just now: %d cases in %d stages, one
connection each, up to the first stage that fails; each failure tells what was
sent, what came, what was wanted, and where that is written.

  go run ./02-handshake check ws://127.0.0.1:8002/chat
  go run ./02-handshake check -hint 2 ws://127.0.0.1:9002

The server to write is begun in 02-handshake/exercise: go run it, and
the second command grades it.

A case is core (no client connects without it), must (the RFC demands it, and
good servers do it) or strict (the RFC says so, and good servers differ). Strict
cases count with -strict only. Exit status: 0 passed, 1 failed, 2 wrong usage.
`

func checkCommand(ctx context.Context, args []string, t terminal) error {
	fs := newFlags("check", fmt.Sprintf(checkLesson, len(check.Cases), check.Stages), t)
	header := headerFlag(fs)
	stage := numberFlag(fs, "stage", check.Stages, "grade stage `n` alone")
	all := fs.Bool("all", false, "go on after a stage that failed")
	strict := fs.Bool("strict", false, "what is not strict has failed")
	hints := numberFlag(fs, "hint", check.HintLevels, "give hints up to level `n`, of 3")
	insecure := fs.Bool("insecure", false, "wss: do not check the certificate")
	tag := languageFlag(fs, "speak `language` en or pt-BR")
	asJSON := fs.Bool("json", false, "report as JSON")
	u, err := parse(fs, args, true)
	if err != nil {
		return err
	}
	language, err := check.Speak(*tag)
	if err != nil {
		return wrong("-lang: %w", err)
	}
	config := check.Config{URL: u, Stage: *stage, All: *all, Strict: *strict}
	if _, err := handshake.NewRequest(u, &handshake.DialOptions{Header: header}); err != nil {
		return usageError{err}
	}
	config.Header.AddHTTP(header)
	if *insecure {
		config.TLS = &tls.Config{InsecureSkipVerify: true}
	}
	report, err := check.Run(ctx, config)
	if err != nil {
		return err
	}
	view := check.View{Language: language, Hints: *hints, Colour: t.colour}
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

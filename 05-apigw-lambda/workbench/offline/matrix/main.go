// Command matrix holds serverless-offline against the table of workbench/check,
// behind which are the services in workbench/offline/probe: what deploy/probe
// is for AWS, as far as serverless.yml has words for it.
//
//	grade.go     which rows are asked of which processes
//	verdicts.go  verdicts.txt, and what differs from it
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/term"

	"websocket.example/05-apigw-lambda/workbench/offline"
)

const lesson = `
Usage: go run ./05-apigw-lambda/workbench/offline/matrix [flags]

Starts serverless-offline, asks it every row that "go run ./05-apigw-lambda check" has,
and writes what holds and what does not into 05-apigw-lambda/workbench/offline/matrix/verdicts.txt.
It takes half a minute, Node.js, and npm ci in 05-apigw-lambda/workbench/offline.

  go run ./05-apigw-lambda/workbench/offline/matrix            write it anew
  go run ./05-apigw-lambda/workbench/offline/matrix -check     change nothing, say what has changed
  go run ./05-apigw-lambda/workbench/offline/matrix -runs 5    write it, with what varies marked

Where it is not installed, -check says so and is fine; with CI=true it fails.

Exit status: 0 fine, 1 something differs, 2 wrong usage.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second Ctrl-C kills
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	fs := flag.NewFlagSet("matrix", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	compare := fs.Bool("check", false, "compare with what is committed, and write nothing")
	runs := fs.Int("runs", 1, "ask everything `n` times")
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(out, strings.TrimLeft(lesson, "\n"), "\nFlags:\n")
		fs.SetOutput(out)
		fs.PrintDefaults()
		return 0
	case err == nil && fs.NArg() > 0:
		err = fmt.Errorf("%q is one word too many", fs.Arg(0))
	case err == nil && *runs < 1:
		err = fmt.Errorf("-runs %d: give a number from 1", *runs)
	}
	if err != nil {
		fmt.Fprintln(errs, "matrix:", err)
		return 2
	}
	lines, err := grade(ctx, *runs, *compare, errs)
	if *compare && errors.As(err, new(*offline.MissingError)) && os.Getenv("CI") != "true" {
		fmt.Fprintln(errs, "not asked:", err)
		return 0
	}
	for _, line := range lines {
		fmt.Fprintln(out, line)
	}
	if err != nil {
		fmt.Fprintln(errs, "matrix:", err)
	}
	if err != nil || len(lines) > 0 {
		return 1
	}
	return 0
}

// grade asks everything, and writes or compares.
func grade(ctx context.Context, runs int, compare bool, errs io.Writer) (differences []string, err error) {
	if compare {
		return compared(ctx, Parse(committed), passes(), progress(errs))
	}
	var rows [][]Row
	for range runs {
		fresh, err := Grade(ctx, passes(), progress(errs))
		if err != nil {
			return nil, err
		}
		rows = append(rows, fresh)
	}
	verdicts, err := Merged(rows)
	if err != nil {
		return nil, err
	}
	return nil, write(Text(verdicts))
}

// compared says what differs. On a machine with much else to do a row may find
// silence where there would have been an answer, so a difference counts if it
// is there twice.
func compared(ctx context.Context, old map[string]Verdict, list []pass, progress func(done, of int)) ([]string, error) {
	var differences []string
	for try := range 2 {
		fresh, err := Grade(ctx, list, progress)
		if err != nil {
			return nil, err
		}
		again := Differences(old, fresh)
		if try == 0 {
			differences = again
		}
		differences = slices.DeleteFunc(differences, func(line string) bool { return !slices.Contains(again, line) })
		if len(differences) == 0 {
			break
		}
	}
	return differences, nil
}

// progress shows how far the work is, on a terminal.
func progress(w io.Writer) func(done, of int) {
	f, is := w.(*os.File)
	if !is || !term.IsTerminal(int(f.Fd())) {
		return func(int, int) {}
	}
	return func(done, of int) {
		fmt.Fprintf(w, "\r%d/%d ", done, of)
		if done == of {
			fmt.Fprint(w, "\r\x1b[K")
		}
	}
}

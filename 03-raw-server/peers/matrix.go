package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"websocket.example/03-raw-server/peers/matrix"
)

const matrixLesson = `
Usage: go run ./03-raw-server/peers matrix [flags]

Grades the servers and clients of all peers with step 03's checker: by the lesson
and by all cases. The verdicts are written into 03-raw-server/peers/matrix, as
verdicts.txt and as tables of its README in both languages.

  go run ./03-raw-server/peers matrix            write them anew
  go run ./03-raw-server/peers matrix -check     change nothing, say what has changed
  go run ./03-raw-server/peers matrix -runs 5    change nothing, say what is not the same every time

Exit status: 0 fine, 1 something differs, 2 wrong usage.
`

func matrixCommand(ctx context.Context, args []string, t terminal) error {
	fs := flag.NewFlagSet("matrix", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	compare := fs.Bool("check", false, "compare with what is committed, and write nothing")
	runs := fs.Int("runs", 1, "grade `n` times, and compare the runs with the first")
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(t.out, matrixLesson[1:], "\nFlags:\n")
		fs.SetOutput(t.out)
		fs.PrintDefaults()
		return err
	case err != nil:
		return wrong("matrix: %w", err)
	case fs.NArg() > 0:
		return wrong("matrix: %q is one word too many", fs.Arg(0))
	case *runs < 1:
		return wrong("matrix: -runs %d: give a number from 1", *runs)
	}
	old, err := matrix.Committed()
	if err != nil {
		return err
	}
	var lines []string
	again := old // what differs from these is graded again
	if *runs > 1 {
		again = nil
	}
	for run := range *runs {
		fresh, missing, err := matrix.Run(ctx, again, matrix.Sheets(), nil, matrixProgress(t.err))
		if err != nil {
			return err
		}
		for _, name := range missing {
			fmt.Fprintf(t.err, "%s: not graded: it is not installed\n", name)
		}
		switch {
		case len(missing) > 0 && (!*compare || os.Getenv("CI") == "true"):
			return errors.New("install what is missing: npm ci --prefix 03-raw-server/peers/node")
		case !*compare && *runs == 1:
			return matrix.Write(fresh)
		case !*compare && run == 0:
			old = fresh
		}
		lines = append(lines, matrix.Differences(old, fresh, nil)...)
	}
	for _, line := range lines {
		fmt.Fprintln(t.out, line)
	}
	if len(lines) > 0 {
		return fmt.Errorf("matrix: %d verdicts differ", len(lines))
	}
	return nil
}

// matrixProgress shows how far the work is, on a terminal.
func matrixProgress(w io.Writer) func(done, all int) {
	file, is := w.(*os.File)
	if !is || !term.IsTerminal(int(file.Fd())) || os.Getenv("TERM") == "dumb" {
		return func(int, int) {}
	}
	start := time.Now()
	return func(done, all int) {
		fmt.Fprintf(w, "\r%d of %d graded, %.0f s ", done, all, time.Since(start).Seconds())
		if done == all {
			fmt.Fprint(w, "\r\x1b[K")
		}
	}
}

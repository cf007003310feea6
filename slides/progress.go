package main

import (
	"fmt"
	"io"
)

// A line shows how far long work is, on a terminal; in a pipe it is silent.
type line struct{ w io.Writer }

func newLine(w io.Writer) *line {
	if !isTerminal(w) {
		return &line{}
	}
	return &line{w}
}

func (l *line) at(done, total int, doing string) {
	l.clear()
	if l.w != nil && done < total {
		fmt.Fprintf(l.w, "%d/%d %s", done+1, total, doing)
	}
}

// clear takes the line away.
func (l *line) clear() {
	if l.w != nil {
		fmt.Fprint(l.w, "\r\x1b[K")
	}
}

package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"websocket.example/01-http-vs-ws/measure"
)

// TextOptions say how a text is written.
type TextOptions struct {
	Color bool   // with ANSI escape sequences
	Lang  string // "en" or "pt-BR"
}

// width of the text that is broken into lines.
const width = 88

// Text writes what a person reads in a terminal after the run.
func Text(w io.Writer, s *measure.Summary, o TextOptions) {
	out := new(bytes.Buffer)
	l, p := speak(o.Lang), pen(o.Color)

	fmt.Fprintf(out, "%s\n", p.bold(l.say("title")))
	for _, line := range wrap(strings.Join(l.conditions(s), " · "), width) {
		fmt.Fprintln(out, p.dim(line))
	}
	if notices := l.notices(s); len(notices) > 0 {
		fmt.Fprintln(out)
		for _, text := range notices {
			bullet(out, p.bold("!"), text)
		}
	}
	p.table(out, l.latencyTable(s))
	p.drawings(out, l, s)
	p.table(out, l.costTable(s))
	p.table(out, l.upstreamTable(s))

	fmt.Fprintf(out, "\n%s\n", p.bold(l.say("verdict.title")))
	for _, text := range Sentences(s, o.Lang) {
		bullet(out, p.accent("•"), text)
	}
	// The lines are broken; what searches them looks for plain spaces.
	_, _ = w.Write(bytes.ReplaceAll(out.Bytes(), []byte(nobreak), []byte(" ")))
}

// bullet writes a paragraph with a mark in front.
func bullet(w io.Writer, mark, text string) {
	for i, line := range wrap(text, width-2) {
		if i > 0 {
			mark = " "
		}
		fmt.Fprintf(w, "%s %s\n", mark, line)
	}
}

// wrap breaks a text into lines of at most so many characters.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.SplitSeq(text, " ") {
		switch {
		case line == "":
			line = word
		case length(line)+1+length(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

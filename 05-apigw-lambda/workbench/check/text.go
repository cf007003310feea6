package check

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// View says how a report is told.
type View struct {
	Language *Language
	Colour   bool
	Verbose  bool // rows that hold as well, and every conversation
}

func (v View) paint(code, text string) string {
	if !v.Colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

var colours = map[Verdict]string{Holds: "32", Fails: "1;31", Answers: "36", NotAsked: "2"}

// Text writes a report for a terminal.
func (v View) Text(w io.Writer, r *Report) {
	l := v.Language
	fmt.Fprintln(w, l.Say("title", "peer", r.Peer))
	for _, topic := range Topics {
		var rows []*Result
		for i := range r.Results {
			if r.Results[i].Topic == topic {
				rows = append(rows, &r.Results[i])
			}
		}
		if rows != nil {
			v.topic(w, topic, rows)
		}
	}
	fmt.Fprintln(w)
	seconds := strconv.FormatFloat(r.Took.Seconds(), 'f', 1, 64)
	if l == Portuguese {
		seconds = strings.Replace(seconds, ".", ",", 1)
	}
	fmt.Fprintln(w, l.Say("summary", "holds", r.Count(Holds), "fails", r.Count(Fails), "answers", r.Count(Answers),
		"missing", r.Count(NotAsked), "s", seconds))
	if !v.Verbose {
		fmt.Fprintln(w, l.Say("summary.verbose"))
	}
}

func (v View) topic(w io.Writer, topic string, rows []*Result) {
	held, known := 0, 0
	for _, r := range rows {
		switch r.Verdict {
		case Holds:
			held++
			known++
		case Fails:
			known++
		}
	}
	l := v.Language
	title := l.Say("topic." + topic)
	if known > 0 {
		title += ": " + l.Say("held", "n", held, "of", known)
	}
	fmt.Fprintf(w, "\n%s\n", title)
	missing := map[string][]string{}
	var order []string
	for _, r := range rows {
		switch {
		case r.Verdict == NotAsked && !v.Verbose:
			if missing[r.Missing] == nil {
				order = append(order, r.Missing)
			}
			missing[r.Missing] = append(missing[r.Missing], r.ID)
		case r.Verdict != Holds || v.Verbose:
			v.row(w, r)
		}
	}
	for _, what := range order {
		verdict := v.paint(colours[NotAsked], pad(l.Say("verdict."+string(NotAsked)), 11))
		fmt.Fprintf(w, "  %s %s: %s\n", verdict, l.Say("missing."+what), strings.Join(missing[what], ", "))
	}
}

func (v View) row(w io.Writer, r *Result) {
	l := v.Language
	verdict := v.paint(colours[r.Verdict], pad(l.Say("verdict."+string(r.Verdict)), 11))
	fmt.Fprintf(w, "  %s %s  %s\n", verdict, pad(r.ID, 24), l.Title(r.Row))
	switch r.Verdict {
	case NotAsked:
		v.line(w, "", l.Say("missing."+r.Missing))
	case Answers:
		if r.Finding != nil {
			v.line(w, "", l.Say("no-answer", "why", l.Why(r.Finding)))
		} else {
			v.line(w, "", r.Answer)
		}
	case Fails:
		v.line(w, "", l.Why(r.Finding))
		v.line(w, "", l.Say("mark."+string(r.Mark), "fact", r.Fact, "source", r.Source))
	}
	if r.Verdict != Fails && !v.Verbose {
		return
	}
	for _, line := range r.Lines {
		label := l.Say("came")
		if line.Sent {
			label = l.Say("sent")
		}
		v.line(w, label, line.Text)
	}
	if r.Finding != nil && r.Finding.Wanted != "" {
		v.line(w, l.Say("wanted"), short(r.Finding.Wanted))
	}
}

// line writes a text that may have several lines, with a label before the
// first.
func (v View) line(w io.Writer, label, text string) {
	for part := range strings.SplitSeq(text, "\n") {
		if label == "" {
			fmt.Fprintln(w, "              "+visible(part))
		} else {
			fmt.Fprintln(w, "              "+v.paint("2", pad(label, 9))+" "+visible(part))
			label = " "
		}
	}
}

// visible is a line in which every character can be seen, and none commands
// the terminal.
func visible(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			q := strconv.QuoteRune(r)
			b.WriteString(q[1 : len(q)-1])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

package check

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// View says how a report is told.
type View struct {
	Language *Language
	Hints    int // up to which level
	Colour   bool
}

func (v View) paint(code, text string) string {
	if !v.Colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

var colours = map[Verdict]string{OK: "32", Failed: "1;31", NotStrict: "33", Skipped: "2"}

// Text writes a report for a terminal.
func (v View) Text(w io.Writer, r *Report) {
	l := v.Language
	fmt.Fprintln(w, l.Say("title", "peer", r.Peer))
	stage := 0
	for i := range r.Results {
		result := &r.Results[i]
		if result.Stage != stage {
			stage = result.Stage
			fmt.Fprintf(w, "\n%s\n", l.Say("stage", "n", stage, "name", l.Say(fmt.Sprintf("stage.%d", stage))))
		}
		verdict := l.Say("verdict." + string(result.Verdict))
		fmt.Fprintf(w, "  %s %-21s %-6s  %s\n", v.paint(colours[result.Verdict], pad(verdict, 13)), result.ID, result.Level, l.Title(result.Case))
		switch result.Verdict {
		case Failed:
			v.failure(w, result)
		case NotStrict:
			fmt.Fprintf(w, "      %s  (%s)\n", l.Why(result.Finding), result.Section)
		}
	}
	fmt.Fprintln(w)
	v.summary(w, r)
}

func (v View) summary(w io.Writer, r *Report) {
	l := v.Language
	n, ms := len(r.Results), r.Took.Milliseconds()
	if r.Passed() {
		fmt.Fprintln(w, l.Say("summary.passed", "ok", r.Count(OK), "n", n, "ms", ms))
	} else {
		fmt.Fprintln(w, l.Say("summary.failed", "failed", r.Count(Failed), "n", n, "ms", ms))
	}
	if s := r.Count(NotStrict); s > 0 {
		fmt.Fprintln(w, l.Say("summary.strict", "n", s))
	}
	if r.Gone {
		fmt.Fprintln(w, l.Say("summary.gone", "n", r.Count(Skipped)))
	}
	if r.Stopped > 0 {
		fmt.Fprintln(w, l.Say("summary.stopped", "n", r.Stopped))
	}
	if !r.Passed() && v.Hints == 0 {
		fmt.Fprintln(w, l.Say("summary.hint"))
	}
}

// failure tells what was sent, what came, what was wanted, why, and a hint.
func (v View) failure(w io.Writer, r *Result) {
	l := v.Language
	row := func(label, text string) {
		for line := range strings.SplitSeq(text, "\n") {
			fmt.Fprintln(w, strings.TrimRight("      "+v.paint("2", pad(label, 9))+" "+line, " "))
			label = ""
		}
	}
	f := r.Finding
	fmt.Fprintf(w, "      %s  (%s)\n", l.Why(f), r.Section)
	row(l.Say("sent"), v.message(r.Sent))
	came := f.Came
	if came == "" {
		came = v.message(r.Came)
	}
	row(l.Say("came"), came)
	if f.Wanted != "" {
		row(l.Say("wanted"), f.Wanted)
		if at := f.Caret(); at >= 0 {
			row("", strings.Repeat(" ", at)+"^")
		}
	}
	for _, hint := range l.Hints(r.Case, v.Hints) {
		row(l.Say("hint"), hint)
	}
}

// message shows bytes so that every one can be seen: CR LF as line breaks,
// everything else that is not plain ASCII escaped.
func (v View) message(b []byte) string {
	const mostLines, mostColumns = 14, 100
	if len(b) == 0 {
		return v.Language.Say("nothing")
	}
	var lines []string
	shown := 0
	for line := range bytes.SplitAfterSeq(b, []byte("\r\n")) {
		if len(line) == 0 {
			break
		}
		if len(lines) == mostLines {
			return strings.Join(append(lines, v.Language.Say("more", "n", len(b)-shown)), "\n")
		}
		shown += len(line)
		text := fmt.Sprintf("%+q", bytes.TrimSuffix(line, []byte("\r\n")))
		text = strings.ReplaceAll(text[1:len(text)-1], `\"`, `"`)
		if len(text) > mostColumns {
			text = text[:mostColumns] + "..."
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

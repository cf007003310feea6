package grade

import (
	"fmt"
	"io"
	"strconv"
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

var colours = map[Verdict]string{OK: "32", Failed: "1;31", Skipped: "2", Unseen: "2"}

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
		verdict := pad(l.Say("verdict."+string(result.Verdict)), 9)
		fmt.Fprintf(w, "  %s %-11s %-5s  %s\n", v.paint(colours[result.Verdict], verdict), result.ID, result.Level, l.Title(result.Case))
		if result.Finding != nil {
			v.failure(w, result)
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
	if unseen := r.Count(Unseen); unseen > 0 {
		fmt.Fprintln(w, l.Say("summary.unseen", "n", unseen))
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
	l, f := v.Language, r.Finding
	rows := func(label string, lines []string) {
		for i, line := range lines {
			if i > 0 {
				label = ""
			}
			fmt.Fprintln(w, strings.TrimRight("      "+v.paint("2", pad(label, 9))+" "+line, " "))
		}
	}
	fmt.Fprintf(w, "      %s  (%s)\n", l.Why(f), r.section())
	rows(l.Say("sent"), shown(f.Sent))
	came := shown(f.Came)
	if len(came) == 0 {
		came = []string{l.Say("nothing")}
	}
	rows(l.Say("came"), came)
	if f.Wanted != "" {
		rows(l.Say("wanted"), shown([]string{f.Wanted}))
	}
	rows(l.Say("hint"), l.Hints(r.Case, v.Hints))
}

const mostLines, mostColumns = 8, 200

// shown are the last lines, short, and with everything in them visible.
func shown(lines []string) (short []string) {
	for _, line := range lines[max(0, len(lines)-mostLines):] {
		runes := []rune(strings.ToValidUTF8(line, "\ufffd"))
		if len(runes) > mostColumns {
			runes = append(runes[:mostColumns], []rune("...")...)
		}
		for i, r := range runes {
			if !strconv.IsPrint(r) {
				runes[i] = '␤'
			}
		}
		short = append(short, string(runes))
	}
	return short
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

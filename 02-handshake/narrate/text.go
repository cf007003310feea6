package narrate

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// View says how a telling is written on a terminal.
type View struct {
	Language *Language
	Colour   bool
	Client   bool // it was told as a client lives it
}

// Colours of a terminal.
const (
	bold  = "1"
	dim   = "2"
	red   = "1;31"
	green = "32"
)

func (v View) paint(code, text string) string {
	if !v.Colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Text writes a telling.
func (v View) Text(w io.Writer, t Telling) {
	l := v.Language
	if v.Client {
		fmt.Fprintln(w, v.paint(bold, l.Say("answers", "from", t.Peer)))
	} else {
		fmt.Fprintln(w, v.paint(bold, l.Say("asks", "from", t.Peer)))
	}
	v.lines(w, l.Say("request"), t.Request)
	if t.Note != "" {
		fmt.Fprintf(w, "    %s\n", v.paint(dim, t.Note))
	}
	if v.Client {
		v.lines(w, l.Say("answer"), t.Answer)
		v.body(w, t.Body)
		v.proof(w, t.Proof)
		v.rules(w, l.Say("rules.response"), t.Rules)
	} else {
		v.rules(w, l.Say("rules.request"), t.Rules)
		v.proof(w, t.Proof)
		v.lines(w, l.Say("answer"), t.Answer)
		v.body(w, t.Body)
	}
	fmt.Fprintf(w, "\n  %s\n    %s\n", v.paint(bold, l.Say("verdict")), v.paint(v.verdictColour(t), t.Verdict))
	if t.Reason != "" {
		reason := t.Reason
		if t.Broken != "" {
			reason += "  (" + t.Broken + ", " + t.Section + ")"
		}
		fmt.Fprintf(w, "    %s\n", reason)
	}
}

func (v View) verdictColour(t Telling) string {
	if t.Accepted {
		return green
	}
	return red
}

func (v View) lines(w io.Writer, title string, lines []Line) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "\n  %s\n", v.paint(bold, title))
	for _, line := range lines {
		text, colour := line.Text, ""
		if text == "" {
			text = "(CR LF)"
		}
		if line.Bad {
			colour = red
		}
		const most = 160 // a terminal is not the place for long cookies
		if n := utf8.RuneCountInString(text); n > most {
			text = string([]rune(text)[:most]) + "..."
		}
		if colour != "" {
			text = v.paint(colour, text)
		}
		means := line.Means
		if line.Section != "" {
			means += "  (" + line.Section + ")"
		}
		fmt.Fprintf(w, "    %s\n        %s\n", text, v.paint(dim, means))
	}
}

func (v View) body(w io.Writer, body string) {
	if body == "" {
		return
	}
	fmt.Fprintf(w, "\n  %s\n", v.paint(bold, v.Language.Say("body")))
	for line := range strings.SplitSeq(strings.TrimRight(body, "\r\n"), "\n") {
		fmt.Fprintf(w, "    %s\n", strings.TrimSuffix(line, "\r"))
	}
}

func (v View) rules(w io.Writer, title string, rules []Rule) {
	fmt.Fprintf(w, "\n  %s\n", v.paint(bold, title))
	for _, rule := range rules {
		colour := map[string]string{Kept: green, Broken: red, Noted: red, Unread: dim}[rule.Mark]
		mark := v.paint(colour, pad(v.Language.Say("mark."+rule.Mark), 8))
		fmt.Fprintf(w, "    %s %s  %s\n", mark, rule.Says, v.paint(dim, "("+rule.ID+", "+rule.Section+")"))
		if rule.Reason != "" {
			fmt.Fprintf(w, "             %s\n", rule.Reason)
		}
	}
}

func (v View) proof(w io.Writer, p *Proof) {
	if p == nil {
		return
	}
	fmt.Fprintf(w, "\n  %s  %s\n", v.paint(bold, v.Language.Say("proof")), v.paint(dim, "(RFC 6455, section 4.2.2)"))
	for _, row := range [][2]string{{"proof.key", p.Key}, {"proof.text", p.Text}, {"proof.sum", p.Sum}, {"proof.accept", p.Accept}} {
		fmt.Fprintf(w, "    %s\n        %s\n", v.paint(dim, v.Language.Say(row[0])), row[1])
	}
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

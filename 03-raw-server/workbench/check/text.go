package check

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"websocket.example/03-raw-server/frame"
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

var colours = map[Verdict]string{OK: "32", Failed: "1;31", NotStrict: "33", NotOffered: "2", Skipped: "2"}

// Text writes a report for a terminal.
func (v View) Text(w io.Writer, r *Report) {
	l := v.Language
	title := "title"
	if r.Client {
		title = "title.client"
	}
	fmt.Fprintln(w, l.say(title, "peer", r.Peer))
	if r.Full {
		v.chapters(w, r)
	} else {
		v.stages(w, r)
	}
	fmt.Fprintln(w)
	v.summary(w, r)
}

// stages lists every case of the lesson.
func (v View) stages(w io.Writer, r *Report) {
	l := v.Language
	stage := 0
	for i := range r.Results {
		result := &r.Results[i]
		if result.Stage != stage {
			stage = result.Stage
			fmt.Fprintf(w, "\n%s\n", l.say("stage", "n", stage, "name", l.say(fmt.Sprintf("stage.%d", stage))))
		}
		v.line(w, result, 21)
		switch result.Verdict {
		case Failed:
			v.failure(w, result)
		case NotStrict, NotOffered:
			fmt.Fprintf(w, "      %s  (%s)\n", l.Say(result.Finding.Text), result.rule())
		}
	}
}

func (v View) line(w io.Writer, r *Result, width int) {
	verdict := v.Language.say("verdict." + string(r.Verdict))
	fmt.Fprintf(w, "  %s %s %-6s  %s\n", v.paint(colours[r.Verdict], pad(verdict, 13)), pad(r.ID, width), r.Level, v.Language.Say(r.Title))
}

func (v View) summary(w io.Writer, r *Report) {
	l := v.Language
	n, ms := len(r.Results), int(r.Took.Milliseconds())
	if r.Passed() {
		fmt.Fprintln(w, l.say("summary.passed", "ok", r.Count(OK), "n", n, "ms", ms))
	} else {
		fmt.Fprintln(w, l.say("summary.failed", "failed", r.Count(Failed), "n", n, "ms", ms))
	}
	if s := r.Count(NotStrict); s > 0 {
		fmt.Fprintln(w, l.say("summary.strict", "n", s))
	}
	if s := r.Count(NotOffered); s > 0 {
		fmt.Fprintln(w, l.say("summary.offered", "n", s))
	}
	if r.Missing > 0 {
		fmt.Fprintln(w, l.say("summary.missing", "n", r.Missing))
	}
	if r.Gone {
		fmt.Fprintln(w, l.say("summary.gone", "n", r.Count(Skipped)))
	}
	if r.Stopped > 0 {
		fmt.Fprintln(w, l.say("summary.stopped", "n", r.Stopped))
	}
	if r.Count(Failed) > 0 && v.Hints == 0 {
		fmt.Fprintln(w, l.say("summary.hint"))
	}
}

// failure tells why, what was sent, what came, what was wanted, and a hint.
func (v View) failure(w io.Writer, r *Result) {
	l := v.Language
	row := func(label, text string) {
		fmt.Fprintln(w, strings.TrimRight("      "+v.paint("2", pad(label, 9))+" "+text, " "))
	}
	f := r.Finding
	fmt.Fprintf(w, "      %s  (%s)\n", l.Say(f.Text), r.rule())
	v.record(r, row)
	if len(f.Wanted) > 0 {
		row(l.say("wanted"), v.bytes(f.Wanted))
		if at := f.Caret(); at >= 0 && at < columns {
			row("", strings.Repeat(" ", 3*at)+"^")
		}
	}
	for _, hint := range l.Hints(r.Case, v.Hints) {
		row(l.say("hint"), hint)
	}
}

// rule is where it is written what is broken.
func (r *Result) rule() string {
	if r.Finding != nil && r.Finding.Section != "" {
		return r.Finding.Section
	}
	return r.Section
}

// record is what was sent and what came, the last of it if it is long.
func (v View) record(r *Result, row func(label, text string)) {
	const most = 8
	l := v.Language
	log := r.Log
	if len(log) > most {
		row("", l.say("more", "n", len(log)-most))
		log = log[len(log)-most:]
	}
	came := false
	for _, e := range log {
		label := "came"
		if e.Sent {
			label = "sent"
		}
		came = came || !e.Sent
		row(l.say(label), v.event(&e))
	}
	if !came {
		row(l.say("came"), l.say("nothing"))
	}
}

// columns is how many bytes stand in a line.
const columns = 16

func (v View) event(e *Event) string {
	if e.Note != "" {
		return v.Language.say(e.Note, "line", e.Line)
	}
	text := v.hex(e.Wire, e.Size)
	if e.Header == nil {
		return text
	}
	return pad(text, 3*columns+4) + v.Language.frame(e)
}

// bytes is the beginning of a frame, and what it is.
func (v View) bytes(wire []byte) string {
	e := Event{Wire: wire, Size: len(wire)}
	text := v.hex(wire, len(wire))
	if h, n, err := frame.Parse(wire); err == nil {
		e.Header, e.Payload, e.Came = &h, wire[n:], int(min(h.Length, 1<<40))
		return pad(text, 3*columns+4) + v.Language.frame(&e)
	}
	return text
}

func (v View) hex(b []byte, size int) string {
	text := fmt.Sprintf("% x", b[:min(len(b), columns)])
	if size > columns {
		text += " …"
	}
	return text
}

// frame says what a frame is.
func (l *Language) frame(e *Event) string {
	h := e.Header
	parts := []string{h.Opcode.String()}
	if !h.Fin {
		parts = append(parts, l.say("frame.open"))
	}
	parts = append(parts, flagsOf(h)...)
	if h.Masked {
		parts = append(parts, l.say("frame.mask"))
	}
	text := strings.Join(append(parts, l.size(h.Length)), ", ")
	if shown := preview(e); shown != "" {
		text += ": " + shown
	}
	if uint64(e.Came) < h.Length {
		text += " " + l.say("frame.cut", "n", e.Came)
	}
	return text
}

// flagsOf names the reserved bits that are set.
func flagsOf(h *frame.Header) (names []string) {
	for i, bit := range []byte{frame.RSV1, frame.RSV2, frame.RSV3} {
		if h.RSV&bit != 0 {
			names = append(names, fmt.Sprintf("RSV%d", i+1))
		}
	}
	return names
}

// preview is the beginning of a payload, where it can be read.
func preview(e *Event) string {
	h := e.Header
	switch {
	case h.Opcode == frame.Close && len(e.Payload) >= 2:
		text := fmt.Sprint(uint16(e.Payload[0])<<8 | uint16(e.Payload[1]))
		if len(e.Payload) > 2 {
			text += " " + quote(e.Payload[2:], e.Came-2)
		}
		return text
	case h.Opcode == frame.Continuation && !utf8.Valid(whole(e.Payload)):
		return "" // part of something compressed, or a character cut in two
	case len(e.Payload) > 0 && h.RSV == 0 && h.Opcode != frame.Binary:
		return quote(e.Payload, e.Came)
	}
	return ""
}

// whole is b without the character that its end cuts through.
func whole(b []byte) []byte {
	for i := 1; i <= min(3, len(b)-1); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}

func (l *Language) size(n uint64) string {
	switch {
	case n == 1:
		return l.say("frame.byte")
	case n > 1<<40:
		return l.say("frame.bytes", "n", "0x"+strconv.FormatUint(n, 16))
	}
	return l.say("frame.bytes", "n", int(n))
}

// quote shows text so that every byte can be seen.
func quote(b []byte, size int) string {
	const most = 24
	short := b
	if len(short) > most {
		short = short[:most]
		for len(short) > most-3 && !utf8.Valid(short) {
			short = short[:len(short)-1]
		}
	}
	text := strconv.Quote(string(short))
	if size > len(short) {
		text += "…"
	}
	return text
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

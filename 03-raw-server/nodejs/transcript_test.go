package nodejs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/narrate"
	"websocket.example/03-raw-server/workbench/tap"
)

// transcript is a conversation as text, the same in every run:
//
//	#1 -> text      FIN           5 B  hello
//
// is the connection's number, the direction (-> from the client), what it is,
// its flags, the length of its payload, and the payload. Of HTTP there is the
// first line, what is said about WebSocket, and the body.
func transcript(events []tap.Event) string {
	var b strings.Builder
	for _, e := range meaningful(whole(events)) {
		arrow := "<-"
		if e.FromClient {
			arrow = "->"
		}
		for i, line := range lines(e) {
			if i > 0 {
				arrow = "  "
			}
			fmt.Fprintf(&b, "#%d %s %s\n", e.Conn, arrow, line)
		}
	}
	return steady(b.String())
}

// byConnection is a transcript with one connection after the other: what
// happens on several at once is in no order.
func byConnection(events []tap.Event) string {
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b tap.Event) int { return a.Conn - b.Conn })
	return transcript(events)
}

// byExchange is a transcript with one request and its answer after the other,
// whichever connections a client had kept for them.
func byExchange(events []tap.Event) string {
	events = slices.Clone(events)
	asked, current := 0, map[int]int{}
	for i, e := range events {
		if e.Kind == tap.Request {
			asked++
			current[e.Conn] = asked
		}
		events[i].Conn = current[e.Conn]
	}
	return byConnection(events)
}

// whole joins the pieces of a body that came one after the other.
func whole(events []tap.Event) (joined []tap.Event) {
	for _, e := range events {
		if e.Kind == tap.Body && len(joined) > 0 {
			if last := &joined[len(joined)-1]; last.Kind == tap.Body && last.Conn == e.Conn && last.FromClient == e.FromClient {
				last.Data = append(slices.Clone(last.Data), e.Data...)
				continue
			}
		}
		joined = append(joined, e)
	}
	return joined
}

// meaningful leaves out what one side sent after a frame that was none.
func meaningful(events []tap.Event) []tap.Event {
	type side struct {
		conn   int
		client bool
	}
	broken := map[side]bool{}
	return slices.DeleteFunc(events, func(e tap.Event) bool {
		if e.Kind != tap.Framed {
			return false
		}
		s := side{e.Conn, e.FromClient}
		was := broken[s]
		broken[s] = was || e.Frame.Broken != nil
		return was
	})
}

func lines(e tap.Event) []string {
	switch e.Kind {
	case tap.Request, tap.Response:
		return headLines(string(e.Raw))
	case tap.Body:
		data := entropy.ReplaceAllString(string(e.Data), tenDigits)
		return []string{fmt.Sprintf("body %25s  %s", amount(len(data)), visible(data))}
	case tap.Framed:
		return []string{frameLine(e.Frame)}
	}
	return nil
}

func headLines(head string) []string {
	all := strings.Split(strings.TrimSpace(head), "\r\n")
	lines := all[:1]
	for _, line := range all[1:] {
		name, _, _ := strings.Cut(line, ":")
		switch strings.ToLower(name) {
		case "upgrade", "sec-websocket-protocol", "sec-websocket-extensions":
			lines = append(lines, line)
		}
	}
	return lines
}

func frameLine(f *narrate.Frame) string {
	flags := "-"
	if f.Header.Fin {
		flags = "FIN"
	}
	if f.Header.RSV&frame.RSV1 != 0 {
		flags += " RSV1"
	}
	length, text := amount(int(f.Header.Length)), payload(f.Payload, f.Header.Length, f.Kind)
	switch {
	case f.Broken != nil:
		header, rest := f.Wire()
		line, _, _ := strings.Cut(string(append(header, rest...)), "\r\n")
		length, text = "", fmt.Sprintf("BREAKS %s. The bytes: %s", narrate.Fault(f.Broken), visible(line))
	case f.Header.Opcode == frame.Close:
		code, reason, _ := frame.ParseClose(f.Payload)
		text = strings.TrimSpace(fmt.Sprintf("%d %s", uint16(code), reason))
		if code == frame.NoStatus {
			text = "(no code)"
		}
	case f.Header.Opcode.IsControl():
		text = payload(f.Payload, f.Header.Length, frame.Text)
	case f.Message != nil: // how well zlib compresses is its own affair
		m := f.Message
		length, text = "", fmt.Sprintf("deflated from %s: %s", amount(m.Length), payload(m.Bytes, uint64(m.Length), f.Kind))
	}
	return fmt.Sprintf("%-12s %-8s %9s  %s", f.Header.Opcode, flags, length, text)
}

func payload(b []byte, length uint64, kind frame.Opcode) string {
	switch {
	case length == 0:
		return "(empty)"
	case kind == frame.Binary:
		start := b[:min(len(b), 8)]
		text := fmt.Sprintf("% x", start)
		if uint64(len(start)) < length {
			text += " …"
		}
		return text
	}
	return visible(string(b))
}

// visible is the start of a text on one line.
func visible(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return '⏎'
		case r == 0x1e: // between the packets of Engine.IO in one body
			return '␞'
		case r == utf8.RuneError || !unicode.IsPrint(r):
			return '·'
		}
		return r
	}, text)
	return shorten(text)
}

// shorten says of a letter that comes over and over how often it does.
func shorten(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		n := (len(text) - len(strings.TrimLeft(text, string(r)))) / size
		if n < 20 {
			b.WriteString(text[:n*size])
		} else {
			fmt.Fprintf(&b, "%c (%s times)", r, strings.TrimSuffix(amount(n), " B"))
		}
		text = text[n*size:]
	}
	return b.String()
}

// amount is 70,000 B.
func amount(n int) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%d,%03d B", n/1000, n%1000)
}

// sockjs sends a random number, and most of those have ten digits.
var entropy = regexp.MustCompile(`"entropy":\d+`)

const tenDigits = `"entropy":1234567890`

var (
	sid     = regexp.MustCompile(`[\w-]{20}\b`)
	hasSID  = regexp.MustCompile(`("sid":"|[?&]sid=)([\w-]{20})`)
	changes = []struct {
		what *regexp.Regexp
		by   string
	}{
		{regexp.MustCompile(`([?&])t=[\w.-]+`), "${1}t=<time>"},
		{regexp.MustCompile(`"entropy":\d+`), `"entropy":<random>`},
		{regexp.MustCompile(`/\d{3}/[a-z0-9]{8}/`), "/<server>/<session>/"},
		{regexp.MustCompile(`127\.0\.0\.1:\d+`), "<address>"},
	}
)

// steady gives names to what differs from run to run.
func steady(text string) string {
	names := map[string]string{}
	for _, m := range hasSID.FindAllStringSubmatch(text, -1) {
		if names[m[2]] == "" {
			names[m[2]] = fmt.Sprintf("<sid %d>", len(names)+1)
		}
	}
	text = sid.ReplaceAllStringFunc(text, func(s string) string {
		if name := names[s]; name != "" {
			return name
		}
		return s
	})
	for _, c := range changes {
		text = c.what.ReplaceAllString(text, c.by)
	}
	return text
}

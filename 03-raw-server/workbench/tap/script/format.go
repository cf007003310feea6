package script

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/workbench/tap"
)

// Format writes a script, as Parse reads it.
func Format(s Script) string {
	var f Formatter
	var b strings.Builder
	for i := range s {
		b.WriteString(f.Step(&s[i]))
	}
	return b.String()
}

// A Formatter writes step after step.
type Formatter struct {
	conn    string
	started bool
}

// Step writes a step, below the name of its connection if that is another one
// than before.
func (f *Formatter) Step(s *Step) string {
	start := ""
	if !f.started || f.conn != s.Conn {
		if f.started {
			start = "\n"
		}
		start += "-- " + s.Conn + "\n"
		f.started, f.conn = true, s.Conn
	}
	return start + s.String() + "\n"
}

// wide is how long a line may be, not counting what can't be broken.
const wide = 100

// String is the step as a line, or as several if its payload is long.
func (s *Step) String() string {
	if s.Kind == Role {
		return "role " + s.Text
	}
	var words []string
	if s.Timed {
		words = append(words, fmt.Sprintf("@%.3f", s.At.Seconds()))
	}
	mark := "<"
	if s.FromClient {
		mark = ">"
	}
	switch s.Kind {
	case Head:
		return strings.Join(append(words, strings.TrimSpace(mark+": "+s.Text)), " ")
	case End:
		words = append(words, mark, "end")
	case Reset:
		words = append(words, mark, "reset")
	case More:
		words = append(words, mark+"+")
	case Raw:
		words = append(words, mark+"!")
	case Frame:
		words = append(append(words, mark), s.flags()...)
	case Role:
	}
	line := strings.Join(words, " ")
	payload := s.payload()
	if whole := strings.Join(append([]string{line}, payload...), " "); len(whole) <= wide {
		line = whole
	} else {
		for _, word := range payload {
			line += "\n    " + word
		}
	}
	if s.Note != "" {
		line += " # " + s.Note
	}
	return line
}

// flags are the opcode and what is unusual about the header.
func (s *Step) flags() (words []string) {
	h := s.Header
	name := fmt.Sprintf("0x%X", byte(h.Opcode))
	for word, op := range opcodes {
		if op == h.Opcode {
			name = word
		}
	}
	words = append(words, name)
	add := func(is bool, word string) {
		if is {
			words = append(words, word)
		}
	}
	add(!h.Fin, "more")
	add(h.RSV&frame.RSV1 != 0, "rsv1")
	add(h.RSV&frame.RSV2 != 0, "rsv2")
	add(h.RSV&frame.RSV3 != 0, "rsv3")
	add(h.Form == frame.In16Bits, "len16")
	add(h.Form == frame.In64Bits, "len64")
	add(h.Masked && !s.AnyKey, fmt.Sprintf("mask=%x", h.Key))
	add(h.Masked && s.AnyKey && !s.FromClient, "mask")
	add(!h.Masked && s.FromClient, "unmasked")
	add(h.Length != uint64(len(s.Payload)), fmt.Sprintf("claim=%d", h.Length))
	return words
}

// payload is what a payload is written as: words that fit into a line.
func (s *Step) payload() (words []string) {
	b := s.Payload
	if s.Kind == Frame && s.Header.Opcode == frame.Close && len(b) >= 2 {
		words = append(words, strconv.Itoa(int(b[0])<<8|int(b[1])))
		b = b[2:]
	}
	if unit, times := repeated(b); times > 1 {
		return append(words, fmt.Sprintf("%s*%d", strconv.Quote(unit), times))
	}
	if s.Kind == Frame && s.Header.RSV != 0 || !readable(b) {
		for len(b) > 0 {
			n := min(len(b), 40)
			words = append(words, fmt.Sprintf("x%x", b[:n]))
			b = b[n:]
		}
		return words
	}
	for len(b) > 0 {
		n := len(b)
		if n > wide-10 {
			for n = wide - 10; !utf8.RuneStart(b[n]); {
				n--
			}
			if end := bytes.LastIndexByte(b[:n], '\n'); end > 0 { // rather between lines
				n = end + 1
			}
		}
		words = append(words, tap.Quote(string(b[:n])))
		b = b[n:]
	}
	return words
}

// repeated finds that b is a few bytes, many times.
func repeated(b []byte) (unit string, times int) {
	for size := 1; size <= 8 && size*16 <= len(b); size++ {
		if len(b)%size != 0 {
			continue
		}
		same := true
		for i := size; i < len(b) && same; i++ {
			same = b[i] == b[i-size]
		}
		if same {
			return string(b[:size]), len(b) / size
		}
	}
	return "", 1
}

// readable says whether bytes are better read as text: they are UTF-8, and no
// control characters but those of lines.
func readable(b []byte) bool {
	for _, r := range string(b) {
		if r < ' ' && !strings.ContainsRune("\n\r\t", r) || r == 0x7f {
			return false
		}
	}
	return utf8.Valid(b)
}

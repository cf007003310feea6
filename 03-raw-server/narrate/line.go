package narrate

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"websocket.example/03-raw-server/frame"
)

// How much of a payload stands in a line.
const (
	lineText = 48 // bytes, as quoted text
	lineHex  = 16 // bytes, in hexadecimal
)

// Line is the frame in one line: when, which connection, which way, what it
// is, its flags, its masking key, its length, and the payload or the rule
// that it breaks.
func Line(f Frame) string { return line(f, noStyle) }

func line(f Frame, s style) string {
	arrow, colour := "<-", s.server
	if f.FromClient {
		arrow, colour = "->", s.client
	}
	text := what(f)
	if f.Broken != nil {
		text = s.wrong(text)
	}
	return fmt.Sprintf("%s  %s %s  %s  %s  %10s  %s",
		s.dim(stamp(f.At)), s.dim(fmt.Sprintf("#%-3d", f.Conn)),
		colour(fmt.Sprintf("%s %-12s", arrow, f.Header.Opcode)), fmt.Sprintf("%-8s", flags(f.Header)),
		s.dim(fmt.Sprintf("%-13s", key(f.Header))), amount(f.Header.Length), text)
}

func flags(h frame.Header) string {
	var names []string
	for _, flag := range []struct {
		set  bool
		name string
	}{{h.Fin, "FIN"}, {h.RSV&frame.RSV1 != 0, "RSV1"}, {h.RSV&frame.RSV2 != 0, "RSV2"}, {h.RSV&frame.RSV3 != 0, "RSV3"}} {
		if flag.set {
			names = append(names, flag.name)
		}
	}
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(names, " ")
}

func key(h frame.Header) string {
	if !h.Masked {
		return "-"
	}
	return fmt.Sprintf("mask %x", h.Key)
}

// what is the payload, or what is wrong.
func what(f Frame) string {
	switch {
	case f.Broken != nil:
		return fmt.Sprintf("BREAKS %s (close %d)", Fault(f.Broken), uint16(f.Broken.Code))
	case f.CutOff():
		return fmt.Sprintf("%s  cut off after %s", payload(f), amount(f.Came))
	case f.Header.Opcode == frame.Close:
		code, reason, _ := frame.ParseClose(f.Payload)
		if code == frame.NoStatus {
			return "no code"
		}
		if len(reason) == 0 {
			return code.String()
		}
		return fmt.Sprintf("%s %s", code, quote(reason, len(reason)))
	}
	return payload(f)
}

// Fault is a broken rule: its section first.
func Fault(e *frame.Error) string {
	return fmt.Sprintf("RFC 6455, section %s: %s", e.Section, e.Reason)
}

func payload(f Frame) string {
	if !f.Compressed {
		return show(f.Payload, f.Header.Length, f.Kind == frame.Text || f.Header.Opcode.IsControl() && len(f.Payload) > 0 && utf8.Valid(f.Payload))
	}
	text := "deflated " + show(f.Payload, f.Header.Length, false)
	switch m := f.Message; {
	case m == nil:
	case m.Lost != "":
		text += ", " + m.Lost
	default:
		text += fmt.Sprintf(", inflated %s: %s", amount(uint64(m.Length)), show(m.Bytes, uint64(m.Length), f.Kind == frame.Text))
	}
	return text
}

// show writes the start of b, which itself may be the start of more.
func show(b []byte, length uint64, isText bool) string {
	if isText {
		return quote(b, int(min(length, 1<<20)))
	}
	if length == 0 {
		return "empty"
	}
	start := b[:min(len(b), lineHex)]
	text := fmt.Sprintf("% x", start)
	if uint64(len(start)) < length {
		text += " …"
	}
	return text
}

// quote writes text so that nothing in it can act on a terminal.
func quote(b []byte, length int) string {
	start := b
	if len(start) > lineText {
		start = start[:lineText]
		for i := 1; i < utf8.UTFMax && i < len(start); i++ { // not within a character
			if r, size := utf8.DecodeLastRune(start); r != utf8.RuneError || size != 1 {
				break
			}
			start = start[:len(start)-1]
		}
	}
	text := strconv.Quote(string(start))
	if len(start) < length {
		text += " …"
	}
	return text
}

// amount writes an amount with its unit: 65,536 B.
func amount(n uint64) string { return number(n) + " B" }

func number(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return b.String()
}

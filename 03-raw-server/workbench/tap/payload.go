package tap

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Form is how a payload is shown.
type Form string

// The forms. What they can't show is in hexadecimal.
const (
	AsText    Form = "text"    // as it is, between quotation marks
	AsJSON    Form = "json"    // JSON over several lines, other text as it is
	AsCompact Form = "compact" // JSON without white space
	AsHex     Form = "hex"     // bytes
)

// Forms are all of them.
var Forms = []string{string(AsText), string(AsJSON), string(AsCompact), string(AsHex)}

// show writes the start of b, which itself may be the start of length bytes:
// at most most of them, or a quarter in hexadecimal. Below is what stands on the lines below.
func (form Form) show(b []byte, length uint64, isText bool, most int) (text, below string) {
	if length == 0 {
		return "empty", ""
	}
	start := b[:min(len(b), most)]
	if isText && uint64(len(start)) < length {
		start = wholeRunes(start)
	}
	switch whole := uint64(len(start)) == length; {
	case form == AsHex || !isText || !utf8.Valid(start):
		start = b[:min(len(b), (most+3)/4)]
		text = fmt.Sprintf("% x", start)
	case form == AsJSON && whole && jsonAt(start) >= 0:
		at := jsonAt(start)
		var out bytes.Buffer
		_ = json.Indent(&out, start[at:], "", "  ") // it is JSON
		if text = "JSON"; at > 0 {
			text += " behind " + Quote(string(start[:at]))
		}
		return text, visible(out.String())
	case form == AsCompact && whole && jsonAt(start) >= 0:
		at := jsonAt(start)
		out := bytes.NewBuffer(clone(start[:at]))
		_ = json.Compact(out, start[at:]) // likewise
		text = visible(out.String())
	default:
		text = Quote(string(start))
	}
	if uint64(len(start)) < length {
		text += " …"
	}
	return text, ""
}

// jsonAt is where in a text a JSON object or array begins, which is all the
// rest of it; -1 is nowhere. Before it may be what Engine.IO and Socket.IO
// write there: 42["hello"] and 51-/room,["picture"].
func jsonAt(b []byte) int {
	at := bytes.IndexAny(b, "{[")
	if at < 0 || !beforeJSON.Match(b[:at]) || !json.Valid(b[at:]) {
		return -1
	}
	return at
}

var beforeJSON = regexp.MustCompile(`^[\w\s/,-]*$`)

// wholeRunes leaves out a character at the end that is cut through.
func wholeRunes(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if tail := b[len(b)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}

// Quote writes text between quotation marks, so that nothing in it can act on
// a terminal: between `...` as it is, if it has "..." in it, as JSON does.
func Quote(s string) string {
	if strings.ContainsAny(s, `"\`) && strconv.CanBackquote(s) && visible(s) == s {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}

// visible makes what can't be seen visible, but for line breaks.
func visible(s string) string {
	var out strings.Builder
	for _, r := range s {
		if r == '\n' || strconv.IsPrint(r) {
			out.WriteRune(r)
		} else {
			quoted := strconv.QuoteRune(r)
			out.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return out.String()
}

// amount writes an amount with its unit: 65,536 B.
func amount(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return b.String() + " B"
}

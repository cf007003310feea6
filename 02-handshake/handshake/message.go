package handshake

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// MaxFields is how many header lines a message may have.
const MaxFields = 128

// ErrIncomplete says that the bytes are the beginning of a message: parse
// again when there are more.
var ErrIncomplete = errors.New("handshake: the message is not complete yet")

// SyntaxRules are what makes bytes a message at all. They are strict on
// purpose: where two programs on the way disagree about where a line or a
// message ends, one of them can be made to see a request that the other did
// not see (request smuggling).
var SyntaxRules = []Rule{
	{"syntax-bytes", "RFC 9110, section 5.5", "No NUL and no other control character.", nil},
	{"syntax-line", "RFC 9112, section 2.2", "Every line ends with CR LF.", nil},
	{"syntax-start", "RFC 9112, section 3", "The first line has three parts with one space between.", nil},
	{"syntax-field", "RFC 9112, section 5", "Every other line is a name, a colon and a value.", nil},
	{"syntax-fold", "RFC 9112, section 5.2", "No value is continued on the next line.", nil},
	{"syntax-size", "RFC 6585, section 5", "The header is not larger than the receiver allows.", nil},
}

// badSyntax is the breach of a syntax rule.
func badSyntax(id string, status int, format string, args ...any) *Error {
	e := breach(status, "", format, args...)
	for _, rule := range SyntaxRules {
		if rule.ID == id {
			e.Rule, e.Section = rule.ID, rule.Section
		}
	}
	return e
}

// headEnd finds the end of the head of a message: the empty line. It looks
// only at bytes and lines, so that what it says about the beginning of a
// message stays true when more of it arrives.
func headEnd(b []byte) (n, lines int, err error) {
	for {
		line := b[n:]
		end := bytes.IndexByte(line, '\n')
		if end >= 0 {
			line = line[:end]
		}
		text, ended := bytes.CutSuffix(line, []byte{'\r'})
		for i, c := range text {
			switch {
			case c == '\r':
				return 0, 0, badSyntax("syntax-line", 400, "line %d: a CR without its LF", lines+1)
			case isControl(c):
				return 0, 0, badSyntax("syntax-bytes", 400, "line %d: byte %d is %#02x", lines+1, i+1, c)
			}
		}
		switch {
		case end < 0:
			return 0, 0, ErrIncomplete
		case !ended:
			return 0, 0, badSyntax("syntax-line", 400, "line %d: a LF without a CR before it", lines+1)
		case len(text) == 0:
			return n + end + 1, lines, nil
		}
		n += end + 1
		if lines++; lines > 1+MaxFields {
			return 0, 0, badSyntax("syntax-size", 431, "there are more than %d header lines", MaxFields)
		}
	}
}

// parseHead cuts the head of a message into its first line and its fields.
// The strings share one copy of the head and nothing of b.
func parseHead(b []byte) (start string, h Header, n int, err error) {
	n, lines, err := headEnd(b)
	if err != nil {
		return "", nil, 0, err
	}
	if lines == 0 {
		return "", nil, 0, badSyntax("syntax-start", 400, "the first line is empty")
	}
	start, rest, _ := strings.Cut(string(b[:n]), "\r\n")
	h = make(Header, 0, lines-1)
	for range lines - 1 {
		var line string
		line, rest, _ = strings.Cut(rest, "\r\n")
		f, err := parseField(line)
		if err != nil {
			return "", nil, 0, err
		}
		h = append(h, f)
	}
	return start, h, n, nil
}

// parseField cuts one header line.
func parseField(line string) (Field, error) {
	if line[0] == ' ' || line[0] == '\t' {
		// RFC 9112, section 5.2: a server MUST reject a folded line.
		return Field{}, badSyntax("syntax-fold", 400, "the line %s starts with white space", show(line))
	}
	name, value, found := strings.Cut(line, ":")
	switch {
	case !found:
		return Field{}, badSyntax("syntax-field", 400, "the line %s has no colon", show(line))
	case strings.TrimRight(name, " \t") != name:
		// RFC 9112, section 5.1: a server MUST reject white space before the colon.
		return Field{}, badSyntax("syntax-field", 400, "there is white space before the colon of %s", show(line))
	case !isToken(name):
		return Field{}, badSyntax("syntax-field", 400, "%s is not the name of a header line", show(name))
	}
	return Field{name, trim(value)}, nil
}

// parseVersion reads "HTTP/1.1".
func parseVersion(s string) error {
	digit := func(c byte) bool { return '0' <= c && c <= '9' }
	if len(s) == 8 && s[:5] == "HTTP/" && digit(s[5]) && s[6] == '.' && digit(s[7]) {
		return nil
	}
	return fmt.Errorf("%s is not a version of HTTP", show(s))
}

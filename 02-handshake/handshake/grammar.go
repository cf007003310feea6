package handshake

import (
	"errors"
	"fmt"
	"strings"
)

// The words of HTTP, as RFC 9110, section 5.6 defines them. RFC 6455 takes
// its grammar from there (from RFC 2616, which is the same in older words).

// isTokenByte says which bytes may stand in a token.
//
// RFC 9110, section 5.6.2: any visible ASCII character, except delimiters.
func isTokenByte(c byte) bool {
	return c > ' ' && c < 0x7f && !strings.ContainsRune(`"(),/:;<=>?@[\]{}`, rune(c))
}

func isToken(s string) bool {
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

// isText says whether s may be the value of a header line: no control
// characters but the tab.
func isText(s string) bool {
	for i := range len(s) {
		if isControl(s[i]) {
			return false
		}
	}
	return true
}

func isControl(c byte) bool { return c < ' ' && c != '\t' || c == 0x7f }

// trim removes the white space that may surround a value. It is not
// strings.TrimSpace, which knows more spaces than HTTP does.
func trim(s string) string { return strings.Trim(s, " \t") }

// equalFold compares without regard to the case of ASCII letters.
// strings.EqualFold would say that "webſocket" is "websocket".
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// A scanner takes words from the front of a string. White space between two
// words means nothing.
type scanner struct{ rest string }

func (s *scanner) done() bool {
	s.rest = strings.TrimLeft(s.rest, " \t")
	return s.rest == ""
}

// take removes c if it comes next.
func (s *scanner) take(c byte) bool {
	if s.done() || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// token removes the token that comes next, or returns "".
func (s *scanner) token() string {
	s.done()
	n := 0
	for n < len(s.rest) && isTokenByte(s.rest[n]) {
		n++
	}
	token := s.rest[:n]
	s.rest = s.rest[n:]
	return token
}

var errQuote = errors.New("a quoted value is never closed")

// quoted removes the rest of a quoted string, whose first quotation mark has
// been taken, and returns what it stands for.
//
// RFC 9110, section 5.6.4: a backslash stands for the byte after it.
func (s *scanner) quoted() (string, error) {
	var value []byte
	for i := 0; i < len(s.rest); i++ {
		switch c := s.rest[i]; c {
		case '"':
			s.rest = s.rest[i+1:]
			return string(value), nil
		case '\\':
			if i++; i == len(s.rest) {
				return "", errQuote
			}
			value = append(value, s.rest[i])
		default:
			value = append(value, c)
		}
	}
	return "", errQuote
}

// list calls element for each element of a comma-separated list.
//
// RFC 9110, section 5.6.1: empty elements are skipped and count for nothing.
func (s *scanner) list(element func() error) error {
	for !s.done() {
		if s.take(',') {
			continue
		}
		if err := element(); err != nil {
			return err
		}
		if !s.done() && !s.take(',') {
			return fmt.Errorf("%s stands where a comma should", show(s.rest))
		}
	}
	return nil
}

var errEmptyList = errors.New("the list is empty")

// ParseTokens reads the lists of tokens of several header lines as the one
// list that they are.
func ParseTokens(lines ...string) ([]string, error) {
	var tokens []string
	for _, line := range lines {
		s := scanner{line}
		err := s.list(func() error {
			token := s.token()
			if token == "" {
				return fmt.Errorf("%s does not start with a token", show(s.rest))
			}
			tokens = append(tokens, token)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(lines) > 0 && len(tokens) == 0 {
		return nil, errEmptyList
	}
	return tokens, nil
}

// hasToken says whether the comma-separated list holds the token, in any
// case. It allocates nothing: every handshake asks it twice.
func hasToken(list, token string) bool {
	for element := range strings.SplitSeq(list, ",") {
		if equalFold(trim(element), token) {
			return true
		}
	}
	return false
}

// show quotes what a peer has sent, in an error: safely, and not at length.
func show(s string) string {
	const most = 60
	if len(s) > most {
		return fmt.Sprintf("%q...", s[:most])
	}
	return fmt.Sprintf("%q", s)
}

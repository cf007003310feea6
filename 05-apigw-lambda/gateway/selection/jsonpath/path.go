// Package jsonpath finds a value in a JSON document by its path, in the part
// of JSONPath that API Gateway's WebSocket APIs use: members, indices and
// wildcards, without recursion.
//
// It reads the document's bytes and builds nothing of it: a message is routed
// by one short member, and its text is all that is wanted.
//
// In reading order: path.go, scan.go, find.go.
package jsonpath

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Path is the way from a document to a value in it.
type Path struct {
	steps []step
}

// A step goes from a value to one inside it, or to all of them.
type step struct {
	name  string // of a member
	index int    // of an element, from the end if negative
	kind  kind
}

type kind byte

const (
	member kind = iota // .name or ['name']
	index              // [0]
	all                // [*] or .*
)

// Parse reads a whole path, with or without its $: "$.a", ".a" and "" are
// paths. It refuses what is not in the subset, such as recursion (..) and
// filters.
func Parse(s string) (Path, error) {
	p, rest, err := ParsePrefix(strings.TrimPrefix(s, "$"))
	if err != nil {
		return Path{}, err
	}
	if rest != "" {
		return Path{}, fmt.Errorf("jsonpath: %q ends too early, before %q", s, rest)
	}
	return p, nil
}

// ParsePrefix reads as much of a path as s begins with, without its $, and
// returns what follows it.
func ParsePrefix(s string) (p Path, rest string, err error) {
	rest = s
	for err == nil && rest != "" {
		var next step
		switch rest[0] {
		case '.':
			next, rest, err = dotted(rest)
		case '[':
			next, rest, err = bracketed(rest)
		default:
			return p, rest, nil
		}
		p.steps = append(p.steps, next)
	}
	return p, rest, err
}

// Names returns the path as a list of names, and whether it is one.
func (p Path) Names() (names []string, ok bool) {
	for _, s := range p.steps {
		if s.kind != member {
			return nil, false
		}
		names = append(names, s.name)
	}
	return names, true
}

// dotted reads .name or .*
func dotted(s string) (step, string, error) {
	n := 1
	for n < len(s) && IsName(s[n]) {
		n++
	}
	switch {
	case n > 1:
		return step{kind: member, name: s[1:n]}, s[n:], nil
	case strings.HasPrefix(s, ".*"):
		return step{kind: all}, s[2:], nil
	case strings.HasPrefix(s, ".."):
		return step{}, "", fmt.Errorf("jsonpath: recursion (%q) is not part of a selection expression", s)
	}
	return step{}, "", fmt.Errorf("jsonpath: a name is missing after the dot at %q", s)
}

// IsName reports whether a name that stands without quotes may hold c. The
// hyphen is a part of it: $request.header.x-api-key needs no braces.
func IsName(c byte) bool {
	return c == '_' || c == '-' || '0' <= c && c <= '9' ||
		'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= utf8.RuneSelf
}

// bracketed reads ['name'], ["name"], [0] or [*].
func bracketed(s string) (step, string, error) {
	if len(s) > 1 && (s[1] == '\'' || s[1] == '"') {
		return quoted(s)
	}
	inside, rest, closed := strings.Cut(s[1:], "]")
	if !closed {
		return step{}, "", fmt.Errorf("jsonpath: %q has no closing bracket", s)
	}
	if inside == "*" {
		return step{kind: all}, rest, nil
	}
	i, err := strconv.Atoi(inside)
	if err != nil {
		return step{}, "", fmt.Errorf("jsonpath: [%s] is neither an index, a quoted name nor [*]", inside)
	}
	return step{kind: index, index: i}, rest, nil
}

// quoted reads ['name'], in which a backslash takes the next byte as it is.
func quoted(s string) (step, string, error) {
	var name []byte
	for i := 2; i < len(s); i++ {
		switch {
		case s[i] == s[1]:
			if !strings.HasPrefix(s[i+1:], "]") {
				return step{}, "", fmt.Errorf("jsonpath: a ] is missing after the name in %q", s)
			}
			return step{kind: member, name: string(name)}, s[i+2:], nil
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		name = append(name, s[i])
	}
	return step{}, "", fmt.Errorf("jsonpath: the name in %q has no closing quote", s)
}

package jsonpath

import (
	"bytes"
	"encoding/json"
	"iter"
	"unicode/utf8"
)

// All functions here read JSON that is known to be valid (json.Valid): they
// look for the ends of values, and judge nothing. None of them recurses, so a
// deep document costs no more than a long one.

// trim cuts off the white space at the beginning.
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\n' || b[0] == '\t' || b[0] == '\r') {
		b = b[1:]
	}
	return b
}

// Next splits the first value off.
func Next(b []byte) (value, rest []byte) {
	b = trim(b)
	n, depth := 0, 0
	for n < len(b) {
		switch b[n] {
		case '"':
			n += quotedLen(b[n:])
		case '{', '[':
			depth++
			n++
		case '}', ']':
			if depth == 0 { // the end of what a number stands in
				return b[:n], b[n:]
			}
			depth--
			n++
		case ',', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return b[:n], b[n:]
			}
			n++
			continue
		default: // a part of a number, true, false or null, or a colon
			n++
			continue
		}
		if depth == 0 {
			break
		}
	}
	return b[:n], b[n:]
}

// quotedLen is the length of the string at the beginning of b, with its quotes.
func quotedLen(b []byte) int {
	for n := 1; n < len(b); n++ {
		switch b[n] {
		case '\\':
			n++
		case '"':
			return n + 1
		}
	}
	return len(b)
}

// Members goes over an object: each name as it is written, and its value.
func Members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		b := trim(object)
		if len(b) == 0 || b[0] != '{' {
			return
		}
		b = trim(b[1:])
		for len(b) > 0 && b[0] == '"' {
			n := quotedLen(b)
			name := b[:n]
			value, rest := Next(skip(trim(b[n:]), ':'))
			if !yield(name, value) {
				return
			}
			b = trim(skip(trim(rest), ','))
		}
	}
}

// Elements goes over an array.
func Elements(array []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		b := trim(array)
		if len(b) == 0 || b[0] != '[' {
			return
		}
		b = trim(b[1:])
		for len(b) > 0 && b[0] != ']' {
			value, rest := Next(b)
			if len(value) == 0 || !yield(value) {
				return
			}
			b = trim(skip(trim(rest), ','))
		}
	}
}

// skip cuts off c, if it is there.
func skip(b []byte, c byte) []byte {
	if len(b) > 0 && b[0] == c {
		return b[1:]
	}
	return b
}

// Unquote returns the text of a JSON string. What is no Unicode, such as half
// a surrogate pair, is U+FFFD in it.
func Unquote(b []byte) string {
	if len(b) < 2 || b[0] != '"' {
		return string(b)
	}
	if inside := b[1 : len(b)-1]; isPlain(inside) {
		return string(inside)
	}
	var s string
	if json.Unmarshal(b, &s) != nil {
		return ""
	}
	return s
}

// isPlain says that the inside of a JSON string stands for itself.
func isPlain(b []byte) bool { return bytes.IndexByte(b, '\\') < 0 && utf8.Valid(b) }

// isNamed says whether a member's name is that one.
func isNamed(quoted []byte, name string) bool {
	if inside := quoted[1 : len(quoted)-1]; isPlain(inside) {
		return string(inside) == name
	}
	return Unquote(quoted) == name
}

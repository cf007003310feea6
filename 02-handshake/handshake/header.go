package handshake

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
)

// A Field is one header line, "Name: value".
type Field struct {
	Name, Value string
}

// A Header is the header lines of a message in their order. (http.Header
// forgets the order and the spelling, and a lesson shows them.)
type Header []Field

// Get returns the value of the first line of that name, or "".
func (h Header) Get(name string) string {
	for _, f := range h {
		if equalFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Values returns the values of all lines of that name.
func (h Header) Values(name string) []string {
	var values []string
	for _, f := range h {
		if equalFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// Count returns how many lines have that name.
func (h Header) Count(name string) int {
	n := 0
	for _, f := range h {
		if equalFold(f.Name, name) {
			n++
		}
	}
	return n
}

// hasToken says whether one of the lines of that name lists the token.
func (h Header) hasToken(name, token string) bool {
	for _, f := range h {
		if equalFold(f.Name, name) && hasToken(f.Value, token) {
			return true
		}
	}
	return false
}

// Add appends a line.
func (h *Header) Add(name, value string) { *h = append(*h, Field{name, value}) }

// AddHTTP appends the lines of a header of package net/http, sorted by name.
func (h *Header) AddHTTP(from http.Header) { *h = append(*h, sorted(from)...) }

func sorted(from http.Header) (h Header) {
	if len(from) == 0 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(from)) {
		for _, value := range from[name] {
			h.Add(name, value)
		}
	}
	return h
}

// HTTP returns the lines as package net/http holds them.
func (h Header) HTTP() http.Header {
	to := make(http.Header, len(h))
	for _, f := range h {
		to.Add(f.Name, f.Value)
	}
	return to
}

// Append writes the lines, each with its CR LF. It writes what it is given:
// whoever has lines from outside calls Check first.
func (h Header) Append(b []byte) []byte {
	for _, f := range h {
		b = append(append(b, f.Name...), ": "...)
		b = append(append(b, f.Value...), "\r\n"...)
	}
	return b
}

// Check reports the first line that is not one line: with a line break in a
// value, a caller could be made to write headers of somebody else's choice.
func (h Header) Check() error {
	for _, f := range h {
		if !isToken(f.Name) {
			return fmt.Errorf("the header name %s is not a token", show(f.Name))
		}
		if !isText(f.Value) {
			return fmt.Errorf("the value of %s holds a control character: %s", f.Name, show(f.Value))
		}
	}
	return nil
}

// framing says whether a line decides where a message ends, or what the
// connection is used for afterwards.
func framing(name string) bool {
	for _, n := range [...]string{"Connection", "Content-Length", "Transfer-Encoding"} {
		if equalFold(n, name) {
			return true
		}
	}
	return false
}

// own says whether the handshake writes such a line itself.
func own(name string) bool {
	const prefix = "Sec-WebSocket-"
	return framing(name) || equalFold(name, "Upgrade") ||
		len(name) >= len(prefix) && equalFold(name[:len(prefix)], prefix)
}

// checkExtra looks at the lines that a program wants to add to ours.
func checkExtra(h Header) error {
	for _, f := range h {
		if own(f.Name) {
			return fmt.Errorf("%s is written by the handshake itself: leave it out of Header", f.Name)
		}
	}
	return h.Check()
}

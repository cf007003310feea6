package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

const (
	maxFile  = 1 << 20 // what CloudFormation takes
	maxDepth = 100     // nested maps and lists
	maxNodes = 1 << 18 // once aliases are written out: a bomb of them ends here
)

// A position is a place in the file.
type position struct{ line, column int }

// An Error says what is wrong in a template, and where.
type Error struct {
	File         string
	Line, Column int
	Text         string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Text)
}

// parse makes one tree of JSON or YAML.
func parse(file string, text []byte) (*node, error) {
	p := &parser{file: file, text: bytes.TrimPrefix(text, []byte("\ufeff"))}
	if len(text) > maxFile {
		return nil, p.fail(position{1, 1}, "the file has more than %d bytes, which CloudFormation refuses: it may not be a template", maxFile)
	}
	if trimmed := bytes.TrimLeft(p.text, " \t\r\n"); bytes.HasPrefix(trimmed, []byte("{")) && (json.Valid(p.text) || strings.HasSuffix(file, ".json")) {
		return p.json()
	}
	return p.yaml()
}

type parser struct {
	file  string
	text  []byte
	nodes int
	lines []int // where each line starts, for JSON
}

func (p *parser) fail(at position, format string, args ...any) error {
	return &Error{p.file, max(at.line, 1), max(at.column, 1), fmt.Sprintf(format, args...)}
}

// count bounds what a small file can become.
func (p *parser) count(at position, depth int) error {
	if p.nodes++; p.nodes > maxNodes {
		return p.fail(at, "this becomes more than %d values: do aliases (*name) repeat aliases?", maxNodes)
	}
	if depth > maxDepth {
		return p.fail(at, "more than %d levels are nested here: is an alias inside of what it names?", maxDepth)
	}
	return nil
}

// once refuses a map that says something twice: one of the two is not what its
// writer believes.
func (p *parser) once(n *node) error {
	seen := make(map[string]*node, len(n.keys))
	for _, key := range n.keys {
		if first, ok := seen[key.text]; ok {
			return p.fail(position{key.line, key.column}, "%s stands here again, first in line %d: delete one of the two", name(key.text), first.line)
		}
		seen[key.text] = key
	}
	return nil
}

// name quotes what a template says, and keeps it short and on one line.
func name(s string) string {
	const most = 80
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return strconv.Quote(s)
}

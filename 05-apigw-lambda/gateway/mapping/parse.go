package mapping

import (
	"fmt"
	"strings"
)

// Parse reads a template. What is wrong with it is an *Error.
func Parse(source string) (*Template, error) {
	if len(source) > MaxSource {
		return nil, &Error{Reason: "it is larger than 300 KB"}
	}
	p := &parser{src: source, line: 1}
	nodes, end, err := p.block()
	if err == nil && end.name != "" {
		err = p.errorAt(end.line, "#"+end.name, "there is nothing open here")
	}
	if err != nil {
		return nil, err
	}
	return &Template{nodes}, nil
}

// A parser stands at a place in a template.
type parser struct {
	src   string
	pos   int
	line  int // of pos
	level int // how deep what is being read stands in others
}

func (p *parser) rest() string { return p.src[p.pos:] }

// advance goes n bytes on, and returns them.
func (p *parser) advance(n int) string {
	s := p.src[p.pos : p.pos+n]
	p.line += strings.Count(s, "\n")
	p.pos += n
	return s
}

// take goes over s, if it is next.
func (p *parser) take(s string) bool {
	if !strings.HasPrefix(p.rest(), s) {
		return false
	}
	p.advance(len(s))
	return true
}

// space goes over white space.
func (p *parser) space() {
	n := 0
	for n < len(p.rest()) && strings.IndexByte(" \t\r\n", p.rest()[n]) >= 0 {
		n++
	}
	p.advance(n)
}

// endOfLine goes over the rest of a line that is empty: a directive writes no
// empty line.
func (p *parser) endOfLine() {
	rest := strings.TrimLeft(p.rest(), " \t")
	rest = strings.TrimPrefix(rest, "\r")
	if strings.HasPrefix(rest, "\n") {
		p.advance(len(p.rest()) - len(rest) + 1)
	}
}

// word is the letters that are next.
func word(s string) string {
	n := 0
	for n < len(s) && isLetter(s[n]) {
		n++
	}
	return s[:n]
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func (p *parser) errorAt(line int, thing, reason string) error {
	return &Error{line, thing, reason}
}

// expected is the error that something else stands here.
func (p *parser) expected(what string) error {
	found := p.rest()
	if found == "" {
		return p.errorAt(p.line, "the end", what+" is missing")
	}
	found, _, _ = strings.Cut(found, "\n")
	if len(found) > 20 {
		found = found[:20] + "..."
	}
	return p.errorAt(p.line, fmt.Sprintf("%q", found), what+" is missing here")
}

// enter counts what stands in something else; leave undoes it.
func (p *parser) enter() error {
	if p.level++; p.level > depth {
		return p.errorAt(p.line, "here", fmt.Sprintf("more than %d levels", depth))
	}
	return nil
}

func (p *parser) leave() { p.level-- }

// An ending is what ended a block: end, else, elseif, or "" for the source's
// end.
type ending struct {
	name string
	line int
}

// block reads up to what ends it.
func (p *parser) block() (nodes []node, end ending, err error) {
	if err := p.enter(); err != nil {
		return nil, end, err
	}
	defer p.leave()
	plain := func(s string) {
		if s == "" {
			return
		}
		if n := len(nodes); n > 0 {
			if before, ok := nodes[n-1].(text); ok {
				nodes[n-1] = before + text(s)
				return
			}
		}
		nodes = append(nodes, text(s))
	}
	for p.pos < len(p.src) {
		n := strings.IndexAny(p.rest(), `$#\`)
		if n < 0 {
			n = len(p.rest())
		}
		plain(p.advance(n))
		rest := p.rest()
		switch {
		case rest == "":
		case rest[0] == '\\':
			if startsReference(rest[1:]) || directiveName(rest[1:]) != "" { // \$x is the text $x
				p.advance(1)
				plain(p.advance(1))
				continue
			}
			plain(p.advance(1))
		case startsReference(rest):
			ref, err := p.reference()
			if err != nil {
				return nil, end, err
			}
			nodes = append(nodes, ref)
		case rest[0] == '$':
			plain(p.advance(1))
		default:
			line := p.line
			s, n, name, err := p.hash()
			if err != nil {
				return nil, end, err
			}
			plain(s)
			if n != nil {
				nodes = append(nodes, n)
			}
			if name != "" {
				return nodes, ending{name, line}, nil
			}
		}
	}
	return nodes, end, nil
}

// hash reads what begins with #: text, a node, the name of what ends the
// block, or a comment, which is nothing.
func (p *parser) hash() (plain string, n node, end string, err error) {
	rest := p.rest()
	switch {
	case strings.HasPrefix(rest, "##"):
		n := strings.IndexByte(rest, '\n') + 1
		if n == 0 {
			n = len(rest)
		}
		p.advance(n)
		return "", nil, "", nil
	case strings.HasPrefix(rest, "#*"):
		n := strings.Index(rest, "*#")
		if n < 2 {
			return "", nil, "", p.errorAt(p.line, "#*", "the comment has no end")
		}
		p.advance(n + 2)
		return "", nil, "", nil
	case strings.HasPrefix(rest, "#[["):
		n := strings.Index(rest, "]]#")
		if n < 0 {
			return "", nil, "", p.errorAt(p.line, "#[[", "the literal text has no end")
		}
		s := p.advance(n + 3)
		return s[3 : len(s)-3], nil, "", nil
	}
	name := directiveName(rest)
	if name == "" {
		return p.advance(1), nil, "", nil
	}
	line := p.line
	p.advance(1)
	if p.take("{") {
		p.advance(len(name) + 1)
	} else {
		p.advance(len(name))
	}
	n, end, err = p.directive(name, line)
	return "", n, end, err
}

// directiveName is x if s begins with #x or #{x}, which Velocity knows.
func directiveName(s string) string {
	if s == "" || s[0] != '#' {
		return ""
	}
	name := word(s[1:])
	if strings.HasPrefix(s, "#{") {
		if name = word(s[2:]); !strings.HasPrefix(s[2+len(name):], "}") {
			return ""
		}
	}
	switch name {
	case "set", "if", "elseif", "else", "end", "foreach", "break", "stop",
		"macro", "define", "parse", "include", "evaluate":
		return name
	}
	return "" // such as a colour
}

// directive reads what comes after a directive's name.
func (p *parser) directive(name string, line int) (n node, end string, err error) {
	switch name {
	case "set":
		n, err = p.set()
	case "if":
		n, err = p.choice(line)
	case "foreach":
		n, err = p.loop(line)
	case "break":
		n = leave(breaking)
		p.endOfLine()
	case "stop":
		n = leave(stopping)
		p.endOfLine()
	case "end", "else":
		p.endOfLine()
		return nil, name, nil
	case "elseif":
		return nil, name, nil
	default:
		err = p.errorAt(line, "#"+name, "mapping templates have this on AWS, but the local gateway does not")
	}
	return n, "", err
}

// set reads ($target = value).
func (p *parser) set() (node, error) {
	if p.space(); !p.take("(") {
		return nil, p.expected("a (")
	}
	if p.space(); !startsReference(p.rest()) {
		return nil, p.expected("a variable")
	}
	target, err := p.reference()
	if err != nil {
		return nil, err
	}
	if p.space(); !p.take("=") {
		return nil, p.expected("a =")
	}
	value, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.space(); !p.take(")") {
		return nil, p.expected("a )")
	}
	p.endOfLine()
	return &set{target, value}, nil
}

// condition reads (expression).
func (p *parser) condition() (expression, error) {
	if p.space(); !p.take("(") {
		return nil, p.expected("a (")
	}
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.space(); !p.take(")") {
		return nil, p.expected("a )")
	}
	p.endOfLine()
	return e, nil
}

// choice reads what comes after #if, up to its #end.
func (p *parser) choice(line int) (node, error) {
	var c choice
	for end := (ending{"if", line}); end.name != "end"; {
		var b branch
		var err error
		if end.name != "else" {
			if b.condition, err = p.condition(); err != nil {
				return nil, err
			}
		}
		before := end
		if b.block, end, err = p.block(); err != nil {
			return nil, err
		}
		switch {
		case end.name == "":
			return nil, p.errorAt(line, "#if", "it has no #end")
		case before.name == "else" && end.name != "end":
			return nil, p.errorAt(end.line, "#"+end.name, "it comes after #else")
		}
		c = append(c, b)
	}
	return c, nil
}

// loop reads what comes after #foreach, up to its #end.
func (p *parser) loop(line int) (node, error) {
	if p.space(); !p.take("(") {
		return nil, p.expected("a (")
	}
	if p.space(); !startsReference(p.rest()) {
		return nil, p.expected("a variable")
	}
	item, err := p.reference()
	if err != nil {
		return nil, err
	}
	if len(item.links) > 0 {
		return nil, p.errorAt(item.line, item.source, "a loop needs a plain variable")
	}
	if p.space(); !p.take("in") {
		return nil, p.expected("in")
	}
	l := &loop{line: line, name: item.name}
	if l.list, err = p.expression(); err != nil {
		return nil, err
	}
	if p.space(); !p.take(")") {
		return nil, p.expected("a )")
	}
	p.endOfLine()
	block, end, err := p.block()
	if err != nil {
		return nil, err
	}
	if end.name != "end" {
		return nil, p.errorAt(line, "#foreach", "it has no #end")
	}
	l.block = block
	return l, nil
}

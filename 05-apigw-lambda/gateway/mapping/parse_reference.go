package mapping

import "strings"

// startsReference says that s begins with $x, $!x, ${x or $!{x.
func startsReference(s string) bool {
	s, ok := strings.CutPrefix(s, "$")
	if !ok {
		return false
	}
	s = strings.TrimPrefix(s, "!")
	s = strings.TrimPrefix(s, "{")
	return s != "" && (isLetter(s[0]) || s[0] == '_')
}

// name reads a name: a letter, then letters, digits, _ and -. (Velocity 1.7:
// the hyphen is a part of it.)
func (p *parser) name() string {
	rest := p.rest()
	if rest == "" || !isLetter(rest[0]) && rest[0] != '_' {
		return ""
	}
	n := 1
	for n < len(rest) && (isLetter(rest[n]) || '0' <= rest[n] && rest[n] <= '9' || rest[n] == '_' || rest[n] == '-') {
		n++
	}
	return p.advance(n)
}

// reference reads what startsReference has found.
func (p *parser) reference() (*reference, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	start := p.pos
	ref := &reference{line: p.line}
	p.take("$")
	ref.quiet = p.take("!")
	braced := p.take("{")
	ref.name = p.name()
	for {
		l, found, err := p.link(ref)
		if err != nil {
			return nil, err
		}
		if !found {
			break
		}
		ref.links = append(ref.links, l)
	}
	if braced && !p.take("}") {
		return nil, p.expected("a } after " + p.src[start:p.pos])
	}
	ref.source = p.src[start:p.pos]
	return ref, nil
}

// link reads .name, .name(...) or [index]. A point with no name after it is
// the end of a sentence.
func (p *parser) link(ref *reference) (l link, found bool, err error) {
	rest := p.rest()
	switch {
	case len(rest) > 1 && rest[0] == '.' && (isLetter(rest[1]) || rest[1] == '_'):
		p.advance(1)
		l.name = p.name()
		if !p.take("(") {
			return l, true, nil
		}
		l.kind = method
		l.args, err = p.list(")")
		return l, true, err
	case strings.HasPrefix(rest, "["):
		p.advance(1)
		l.kind = index
		if l.index, err = p.expression(); err != nil {
			return l, false, err
		}
		if p.space(); !p.take("]") {
			return l, false, p.expected("a ] after $" + ref.name)
		}
		return l, true, nil
	}
	return l, false, nil
}

// list reads expressions with commas between them, up to what closes them.
func (p *parser) list(closing string) ([]expression, error) {
	if p.space(); p.take(closing) {
		return nil, nil
	}
	var all []expression
	for {
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		all = append(all, e)
		p.space()
		switch {
		case p.take(closing):
			return all, nil
		case !p.take(","):
			return nil, p.expected("a comma or " + closing)
		}
	}
}

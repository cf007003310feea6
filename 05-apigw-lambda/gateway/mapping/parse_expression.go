package mapping

import "strings"

// The operators, from what binds least to what binds most; each line binds
// alike. A word is another name of the sign before it.
var operators = [][]struct{ as, is string }{
	{{"||", "||"}, {"or", "||"}},
	{{"&&", "&&"}, {"and", "&&"}},
	{{"==", "=="}, {"eq", "=="}, {"!=", "!="}, {"ne", "!="}},
	{{"<=", "<="}, {"le", "<="}, {">=", ">="}, {"ge", ">="}, {"<", "<"}, {"lt", "<"}, {">", ">"}, {"gt", ">"}},
	{{"+", "+"}, {"-", "-"}},
	{{"*", "*"}, {"/", "/"}, {"%", "%"}},
}

func (p *parser) expression() (expression, error) { return p.binary(0) }

// binary reads operands and the operators of one line between them.
func (p *parser) binary(line int) (expression, error) {
	if line == len(operators) {
		return p.unary()
	}
	left, err := p.binary(line + 1)
	if err != nil {
		return nil, err
	}
	long := 0
	for {
		at := p.line
		operator := p.operator(line)
		if operator == "" {
			return left, nil
		}
		if long++; long > depth { // the tree is as deep as the line is long
			return nil, p.errorAt(at, operator, "the expression is too long")
		}
		right, err := p.binary(line + 1)
		if err != nil {
			return nil, err
		}
		left = &binary{at, operator, left, right}
	}
}

// operator goes over an operator of the line, if there is one.
func (p *parser) operator(line int) string {
	p.space()
	for _, o := range operators[line] {
		if isLetter(o.as[0]) && word(p.rest()) != o.as {
			continue
		}
		if p.take(o.as) {
			return o.is
		}
	}
	return ""
}

func (p *parser) unary() (expression, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.space()
	rest, at := p.rest(), p.line
	switch w := word(rest); {
	case w == "not" || strings.HasPrefix(rest, "!"):
		p.advance(max(1, len(w)))
		of, err := p.unary()
		return &negation{of}, err
	case w == "true" || w == "false":
		p.advance(len(w))
		return literal{w == "true"}, nil
	case w == "null":
		p.advance(len(w))
		return literal{nil}, nil
	case startsReference(rest):
		return p.reference()
	case strings.HasPrefix(rest, "("):
		p.advance(1)
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		if p.space(); !p.take(")") {
			return nil, p.expected("a )")
		}
		return e, nil
	case strings.HasPrefix(rest, "'"):
		s, err := p.quoted('\'')
		return literal{s}, err
	case strings.HasPrefix(rest, `"`):
		return p.interpolated()
	case strings.HasPrefix(rest, "["):
		p.advance(1)
		return p.listOrSpan(at)
	case strings.HasPrefix(rest, "{"):
		p.advance(1)
		return p.mapLiteral()
	case strings.HasPrefix(rest, "-") || rest != "" && isDigit(rest[0]):
		return p.number()
	}
	return nil, p.expected("a value")
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// number reads 1, -1, 1.5 or 1.5e3; the points of 1..3 are not its own.
func (p *parser) number() (expression, error) {
	rest := p.rest()
	digits := func(n int) int {
		for n < len(rest) && isDigit(rest[n]) {
			n++
		}
		return n
	}
	begin := len(rest) - len(strings.TrimPrefix(rest, "-"))
	n := digits(begin)
	if n == begin { // a minus before something else
		p.advance(1)
		of, err := p.unary()
		return &binary{p.line, "-", literal{int64(0)}, of}, err
	}
	if n+1 < len(rest) && rest[n] == '.' && isDigit(rest[n+1]) {
		n = digits(n + 1)
	}
	if n < len(rest) && rest[n]|0x20 == 'e' {
		e := n + 1
		if e < len(rest) && (rest[e] == '-' || rest[e] == '+') {
			e++
		}
		if after := digits(e); after > e {
			n = after
		}
	}
	return literal{parseNumber(p.advance(n))}, nil
}

// quoted reads a string. Nothing is escaped in it; a quote is written twice.
func (p *parser) quoted(quote byte) (string, error) {
	line := p.line
	var b strings.Builder
	p.advance(1)
	for {
		n := strings.IndexByte(p.rest(), quote)
		if n < 0 {
			return "", p.errorAt(line, string(quote), "the string has no end")
		}
		b.WriteString(p.advance(n))
		p.advance(1)
		if !strings.HasPrefix(p.rest(), string(quote)) {
			return b.String(), nil
		}
		b.WriteString(p.advance(1))
	}
}

// interpolated reads a string in double quotes.
func (p *parser) interpolated() (expression, error) {
	line := p.line
	s, err := p.quoted('"')
	if err != nil || !strings.ContainsAny(s, "$#") {
		return literal{s}, err
	}
	inner := &parser{src: s, line: line, level: p.level}
	nodes, end, err := inner.block()
	if err == nil && end.name != "" {
		err = p.errorAt(end.line, "#"+end.name, "there is nothing open here")
	}
	return &interpolated{line, nodes}, err
}

// listOrSpan reads what comes after [.
func (p *parser) listOrSpan(line int) (expression, error) {
	if p.space(); p.take("]") {
		return listLiteral(nil), nil
	}
	first, err := p.expression()
	if err != nil {
		return nil, err
	}
	p.space()
	switch {
	case p.take(".."):
		to, err := p.expression()
		if err != nil {
			return nil, err
		}
		if p.space(); !p.take("]") {
			return nil, p.expected("a ]")
		}
		return &span{line, first, to}, nil
	case p.take("]"):
		return listLiteral{first}, nil
	case p.take(","):
		more, err := p.list("]")
		return append(listLiteral{first}, more...), err
	}
	return nil, p.expected("a comma or ]")
}

// mapLiteral reads what comes after {.
func (p *parser) mapLiteral() (expression, error) {
	m := &mapLiteral{}
	if p.space(); p.take("}") {
		return m, nil
	}
	for {
		k, err := p.expression()
		if err != nil {
			return nil, err
		}
		if p.space(); !p.take(":") {
			return nil, p.expected("a :")
		}
		v, err := p.expression()
		if err != nil {
			return nil, err
		}
		m.keys, m.values = append(m.keys, k), append(m.values, v)
		p.space()
		switch {
		case p.take("}"):
			return m, nil
		case !p.take(","):
			return nil, p.expected("a comma or }")
		}
	}
}

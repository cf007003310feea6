package selection

import "strings"

// Evaluate returns the expression's value. A path that leads to nothing is "".
//
// It is not ok when a body is asked for that is not JSON: the caller takes
// $default then. ("Create routes for WebSocket APIs": if the message is not
// JSON or the expression cannot be evaluated, the $default route is used.)
func (e *Expression) Evaluate(c *Context) (value string, ok bool) {
	if len(e.parts) == 1 { // nearly all expressions
		return e.parts[0].evaluate(c)
	}
	var b strings.Builder
	for _, p := range e.parts {
		s, ok := p.evaluate(c)
		if !ok {
			return "", false
		}
		b.WriteString(s)
	}
	return b.String(), true
}

func (p *part) evaluate(c *Context) (string, bool) {
	if p.variable == nil {
		return p.text, true
	}
	return c.lookup(p.variable)
}

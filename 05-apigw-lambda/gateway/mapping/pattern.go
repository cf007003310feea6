package mapping

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// compile reads a regular expression and pays for running it on n bytes: RE2
// takes time in proportion to the text and to the size of the program.
func (c *call) compile(pattern string, n int) *regexp.Regexp {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		c.fail(err)
		return nil
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		c.fail(err)
		return nil
	}
	if !c.spend(len(program.Inst) * (stepCost + n/4)) {
		return nil
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		c.fail(err)
	}
	return re
}

// matches is whether the whole string does.
func (c *call) matches(s string) any {
	re := c.compile(`^(?:`+c.text(0)+`)$`, len(s))
	return re != nil && re.MatchString(s)
}

// split cuts at the pattern; as in Java, without empty strings at the end.
func (c *call) split(s string) any {
	parts := &list{}
	re := c.compile(c.text(0), len(s))
	if re == nil || !c.spend(len(s)*stepCost) { // there may be as many as bytes
		return parts
	}
	cut := re.Split(s, -1)
	for len(cut) > 1 && cut[len(cut)-1] == "" {
		cut = cut[:len(cut)-1]
	}
	for _, p := range cut {
		parts.items = append(parts.items, p)
	}
	return parts
}

// replacePattern is replaceAll or replaceFirst. In the replacement $1 is a
// group, and \ takes the next character as it is.
func (c *call) replacePattern(s string, first bool) any {
	re := c.compile(c.text(0), len(s))
	if re == nil || !c.spend(len(s)*stepCost) { // there may be as many matches as bytes
		return nil
	}
	with := javaTemplate(c.text(1))
	var b []byte
	end := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, limit(first)) {
		before := len(b)
		b = append(b, s[end:m[0]]...)
		b = re.ExpandString(b, with, s, m)
		end = m[1]
		if !c.spend(len(b) - before + len(with) + stepCost) {
			return nil
		}
	}
	c.spend(len(s) - end)
	return string(b) + s[end:]
}

func limit(first bool) int {
	if first {
		return 1
	}
	return -1
}

// javaTemplate turns a replacement of Java's into one of Go's.
func javaTemplate(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			if s[i] == '$' {
				b.WriteByte('$')
			}
			b.WriteByte(s[i])
		case s[i] == '$' && i+1 < len(s) && '0' <= s[i+1] && s[i+1] <= '9':
			i++
			b.WriteString("${" + s[i:i+1] + "}")
		case s[i] == '$':
			b.WriteString("$$")
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

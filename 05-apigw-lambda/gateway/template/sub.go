package template

import "strings"

// sub is Fn::Sub: a text, or [text, {name: value}].
func (t *template) sub(n *node) *node {
	text, values := n, absent
	if n.kind == list && len(n.items) == 2 && n.items[1].kind == fields {
		text, values = n.items[0], n.items[1]
	}
	if text.kind == none {
		text = text.scalar("")
	}
	if text.kind != scalar {
		t.fail(n, "Fn::Sub takes a text, or [text, {name: value}]")
		return absent
	}
	var b strings.Builder
	for literal, variable := range variables(text.text) {
		b.WriteString(literal)
		if variable == "" {
			continue
		}
		value := t.variable(text, variable, values)
		if value.kind != scalar {
			return t.notText("Fn::Sub", value)
		}
		b.WriteString(value.text)
		if !t.fits(text, b.Len()) || !t.spend(text, 1+len(value.text)/64) {
			return absent
		}
	}
	return text.scalar(b.String())
}

// variables yields what stands before each ${name}, and the name. ${!name} is
// the literal ${name}.
func variables(text string) func(yield func(literal, variable string) bool) {
	return func(yield func(string, string) bool) {
		for {
			start := strings.Index(text, "${")
			if start < 0 {
				break
			}
			end := strings.IndexByte(text[start:], '}')
			if end < 0 {
				break
			}
			inside := text[start+2 : start+end]
			literal, variable := text[:start], strings.TrimSpace(inside)
			if rest, ok := strings.CutPrefix(inside, "!"); ok {
				literal, variable = literal+"${"+rest+"}", ""
			} else if variable == "" {
				literal += "${" + inside + "}"
			}
			if !yield(literal, variable) {
				return
			}
			text = text[start+end+1:]
		}
		yield(text, "")
	}
}

func (t *template) variable(at *node, variable string, values *node) *node {
	if own := values.get(variable); own.kind != none {
		return t.resolve(own)
	}
	if id, attribute, ok := strings.Cut(variable, "."); ok {
		if t.isSAMRef(id, attribute) {
			return t.ref(at, variable)
		}
		return t.attribute(at, id, attribute)
	}
	return t.ref(at, variable)
}

package template

import (
	"encoding/json"
	"strings"
)

// A node is a piece of a template: as it is written, or resolved. Both
// languages and both spellings of the intrinsic functions become the same
// tree, !Ref X being {Ref: X}.
type node struct {
	line, column int
	kind         kind
	text         string  // of a scalar; of an unknown, why it is
	plain        bool    // the scalar has no quotes: true, 3 and null are no strings
	keys         []*node // of fields
	items        []*node // of a list, or the fields' values

	index map[string]*node // of fields that are many
}

type kind uint8

const (
	none    kind = iota // absent, null or AWS::NoValue
	scalar              // text; numbers and booleans as they are written
	list                // items
	fields              // keys and items
	unknown             // only AWS could tell; only resolved nodes are
)

func (k kind) String() string {
	return [...]string{"nothing", "a text", "a list", "a map", "something only AWS knows"}[k]
}

// absent is what is not in the template.
var absent = &node{}

// get returns a field, or absent.
func (n *node) get(key string) *node {
	if n.kind != fields {
		return absent
	}
	if len(n.keys) > 16 {
		return n.lookup(key)
	}
	for i, k := range n.keys {
		if k.text == key {
			return n.items[i]
		}
	}
	return absent
}

func (n *node) lookup(key string) *node {
	if len(n.index) != len(n.keys) {
		n.index = make(map[string]*node, len(n.keys))
		for i, k := range n.keys {
			n.index[k.text] = n.items[i]
		}
	}
	if found, ok := n.index[key]; ok {
		return found
	}
	return absent
}

// either returns n, or other if n is absent.
func (n *node) either(other *node) *node {
	if n.kind == none {
		return other
	}
	return n
}

// The following make nodes that stand where n stands.

func (n *node) scalar(text string) *node {
	return &node{line: n.line, column: n.column, kind: scalar, text: text}
}

func (n *node) list(items ...*node) *node {
	return &node{line: n.line, column: n.column, kind: list, items: items}
}

func (n *node) fields() *node {
	return &node{line: n.line, column: n.column, kind: fields}
}

// with adds a field and returns n. What is absent stays so.
func (n *node) with(key string, value *node) *node {
	if value.kind != none {
		n.keys = append(n.keys, n.scalar(key))
		n.items = append(n.items, value)
	}
	return n
}

func (n *node) unknown(why string) *node {
	return &node{line: n.line, column: n.column, kind: unknown, text: why}
}

// json spells a resolved node in JSON.
func (n *node) json() json.RawMessage {
	var b strings.Builder
	n.appendJSON(&b)
	return json.RawMessage(b.String())
}

func (n *node) appendJSON(b *strings.Builder) {
	switch n.kind {
	case scalar:
		if n.plain && json.Valid([]byte(n.text)) {
			b.WriteString(n.text)
			return
		}
		quote(b, n.text)
	case list:
		b.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				b.WriteByte(',')
			}
			item.appendJSON(b)
		}
		b.WriteByte(']')
	case fields:
		b.WriteByte('{')
		for i, key := range n.keys {
			if i > 0 {
				b.WriteByte(',')
			}
			quote(b, key.text)
			b.WriteByte(':')
			n.items[i].appendJSON(b)
		}
		b.WriteByte('}')
	default:
		b.WriteString("null")
	}
}

func quote(b *strings.Builder, s string) {
	text, _ := json.Marshal(s) // a string always has its JSON
	b.Write(text)
}

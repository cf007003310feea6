package template

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// intrinsic says whether a key is a function of CloudFormation.
func intrinsic(key string) bool {
	switch key {
	case "Ref", "Condition", "Fn::Sub", "Fn::GetAtt", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::FindInMap", "Fn::Base64",
		"Fn::If", "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not":
		return true
	}
	return onAWS(key)
}

// onAWS says whether it is one that only AWS can answer, or that is not
// worth answering here. What comes of it is unknown.
func onAWS(key string) bool {
	switch key {
	case "Fn::ImportValue", "Fn::GetAZs", "Fn::Cidr", "Fn::Transform", "Fn::Length", "Fn::ToJsonString", "Fn::GetStackOutput",
		"Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll":
		return true
	}
	return strings.HasPrefix(key, "Fn::ForEach")
}

// resolve returns n with its functions answered.
func (t *template) resolve(n *node) *node {
	if !t.spend(n, 1+len(n.text)/64) {
		return absent
	}
	switch n.kind {
	case list:
		made := n.list()
		for _, item := range n.items {
			if item = t.resolve(item); item.kind != none {
				made.items = append(made.items, item)
			}
		}
		return made
	case fields:
		if key, argument := t.call(n); key != "" {
			return t.apply(n, key, argument)
		}
		made := n.fields()
		for i, item := range n.items {
			if item = t.resolve(item); item.kind != none {
				made.keys, made.items = append(made.keys, n.keys[i]), append(made.items, item)
			}
		}
		return made
	}
	return n
}

// call returns the function that a map calls, if it does.
func (t *template) call(n *node) (key string, argument *node) {
	for i, k := range n.keys {
		if k.text != "Ref" && !strings.HasPrefix(k.text, "Fn::") {
			continue
		}
		if len(n.keys) == 1 {
			return k.text, n.items[i]
		}
		if k.text != "Ref" { // a map may well have a field of that name
			t.fail(k, "%s has to stand alone in its map", name(k.text))
		}
	}
	return "", nil
}

func (t *template) apply(n *node, key string, argument *node) *node {
	switch key {
	case "Ref":
		if argument.kind != scalar {
			t.fail(argument, "Ref takes a name, not %s", argument.kind)
			return absent
		}
		return t.ref(argument, argument.text)
	case "Fn::GetAtt":
		return t.getAtt(argument)
	case "Fn::Sub":
		return t.sub(argument)
	case "Fn::If":
		return t.choose(argument)
	case "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not":
		t.fail(n, "%s stands only in Conditions and in Fn::If", key)
		return absent
	}
	if onAWS(key) {
		return n.unknown(key + " has its answer on AWS only")
	}
	if !intrinsic(key) {
		t.fail(n, "%s is no function of CloudFormation", name(key))
		return absent
	}
	if key == "Fn::Base64" {
		text := t.resolve(argument)
		if text.kind == scalar {
			return n.scalar(base64.StdEncoding.EncodeToString([]byte(text.text)))
		}
		return t.notText(key, text)
	}
	arguments := t.arguments(key, argument)
	for _, a := range arguments {
		if a.kind == unknown {
			return a
		}
	}
	if t.err != nil {
		return absent
	}
	switch key {
	case "Fn::Join":
		return t.join(n, arguments)
	case "Fn::Split":
		return t.split(n, arguments)
	case "Fn::Select":
		return t.pick(n, arguments)
	default:
		return t.findInMap(n, arguments)
	}
}

// arguments resolves a function's list of two or three.
func (t *template) arguments(key string, n *node) []*node {
	want := map[string]string{
		"Fn::Join":      "[delimiter, [values]]",
		"Fn::Split":     "[delimiter, text]",
		"Fn::Select":    "[index, list]",
		"Fn::FindInMap": "[map, key, key]",
	}[key]
	count := 2
	if key == "Fn::FindInMap" {
		count = 3
	}
	if n.kind != list || len(n.items) < count || len(n.items) > count && (count != 3 || len(n.items) > 4) {
		t.fail(n, "%s takes %s", key, want)
		return nil
	}
	made := make([]*node, len(n.items))
	for i, item := range n.items {
		made[i] = t.resolve(item)
	}
	return made
}

// notText passes an unknown on and complains of the rest.
func (t *template) notText(key string, n *node) *node {
	if n.kind != unknown {
		t.fail(n, "%s needs a text here, and this is %s", key, n.kind)
		return absent
	}
	return n
}

// maxText is more than any property may hold.
const maxText = 1 << 16

func (t *template) join(n *node, arguments []*node) *node {
	delimiter, values := arguments[0], arguments[1]
	if delimiter.kind == none {
		delimiter = delimiter.scalar("")
	}
	if delimiter.kind != scalar {
		return t.notText("Fn::Join", delimiter)
	}
	if values.kind != list {
		t.fail(n, "Fn::Join takes [delimiter, [values]], and the values are %s", values.kind)
		return absent
	}
	var b strings.Builder
	for i, value := range values.items {
		if value.kind != scalar {
			return t.notText("Fn::Join", value)
		}
		if i > 0 {
			b.WriteString(delimiter.text)
		}
		b.WriteString(value.text)
		if !t.fits(n, b.Len()) {
			return absent
		}
	}
	return n.scalar(b.String())
}

// fits says whether a text that grows may go on.
func (t *template) fits(at *node, size int) bool {
	if size > maxText {
		t.fail(at, "this text grows beyond %d bytes", maxText)
	}
	return t.err == nil
}

func (t *template) split(n *node, arguments []*node) *node {
	delimiter, text := arguments[0], arguments[1]
	if delimiter.kind != scalar || delimiter.text == "" {
		t.fail(n, "Fn::Split takes [delimiter, text], and the delimiter is empty")
		return absent
	}
	if text.kind != scalar {
		return t.notText("Fn::Split", text)
	}
	made := n.list()
	if !t.spend(n, 1+strings.Count(text.text, delimiter.text)) {
		return absent
	}
	for part := range strings.SplitSeq(text.text, delimiter.text) {
		made.items = append(made.items, n.scalar(part))
	}
	return made
}

func (t *template) pick(n *node, arguments []*node) *node {
	index, err := strconv.Atoi(arguments[0].text)
	values := arguments[1]
	switch {
	case values.kind != list:
		t.fail(n, "Fn::Select takes [index, list], and the list is %s", values.kind)
	case err != nil || index < 0 || index >= len(values.items):
		t.fail(n, "Fn::Select takes an index from 0 to %d here, not %s", len(values.items)-1, name(arguments[0].text))
	default:
		return values.items[index]
	}
	return absent
}

func (t *template) findInMap(n *node, arguments []*node) *node {
	found := t.mappings
	for i, key := range arguments[:3] {
		if key.kind != scalar {
			return t.notText("Fn::FindInMap", key)
		}
		next := found.get(key.text)
		if next.kind == none {
			if len(arguments) == 4 && arguments[3].get("DefaultValue").kind != none {
				return arguments[3].get("DefaultValue")
			}
			where := "Mappings"
			if i > 0 {
				where = arguments[i-1].text
			}
			t.fail(key, "%s is not in %s%s", name(key.text), where, meant(key.text, texts(found.keys)))
			return absent
		}
		found = next
	}
	if found.kind == fields {
		t.fail(n, "Fn::FindInMap ends at a map: Mappings have two levels of keys")
		return absent
	}
	return found
}

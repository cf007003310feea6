package template

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yaml walks the nodes themselves: to decode into a map drops the tags, and
// with them the functions.
func (p *parser) yaml() (*node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(p.text))
	var document yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, p.fail(position{1, 1}, "the file is empty")
	} else if err != nil {
		return nil, p.syntax(err)
	}
	var second yaml.Node
	if err := decoder.Decode(&second); err == nil {
		return nil, p.fail(position{second.Line, second.Column}, "a second document begins (---): a template is one")
	} else if !errors.Is(err, io.EOF) {
		return nil, p.syntax(err)
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) != 1 {
		return nil, p.fail(position{1, 1}, "the file is empty")
	}
	return p.fromYAML(document.Content[0], 0)
}

var yamlLine = regexp.MustCompile(`^yaml: (?:unmarshal errors:\s*)?(?:line (\d+): )?`)

// syntax gives YAML's own error its place.
func (p *parser) syntax(err error) error {
	text := strings.ReplaceAll(err.Error(), "\n", " ")
	at := position{1, 1}
	if match := yamlLine.FindStringSubmatch(text); match != nil {
		text = text[len(match[0]):]
		if line, err := strconv.Atoi(match[1]); err == nil {
			at.line = line
		}
	}
	if lines := strings.Split(string(p.text), "\n"); at.line <= len(lines) {
		line := lines[at.line-1]
		at.column = 1 + len(line) - len(strings.TrimLeft(line, " "))
		if strings.HasPrefix(strings.TrimLeft(line, " "), "\t") {
			return p.fail(at, "a tab indents this line, which YAML forbids: use spaces")
		}
	}
	return p.fail(at, "this is not YAML: %s. Look at this line's indentation and at the one above it", text)
}

func (p *parser) fromYAML(y *yaml.Node, depth int) (*node, error) {
	at := position{y.Line, y.Column}
	if err := p.count(at, depth); err != nil {
		return nil, err
	}
	n := &node{line: y.Line, column: y.Column}
	switch y.Kind {
	case yaml.AliasNode:
		return p.fromYAML(y.Alias, depth+1)
	case yaml.ScalarNode:
		n.kind, n.text = scalar, y.Value
		// A tag of ours makes a scalar a string to YAML, and !Sub 3 no number either.
		if y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0 && !custom(y.Tag) {
			n.plain = true
			switch y.ShortTag() {
			case "!!null":
				n.kind, n.text = none, ""
			case "!!bool":
				n.text = strings.ToLower(y.Value)
			}
		}
	case yaml.SequenceNode:
		n.kind = list
		for _, item := range y.Content {
			child, err := p.fromYAML(item, depth+1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, child)
		}
	case yaml.MappingNode:
		n.kind = fields
		for i := 0; i+1 < len(y.Content); i += 2 {
			key, value := y.Content[i], y.Content[i+1]
			if key.Kind == yaml.AliasNode {
				key = key.Alias
			}
			if key.Kind != yaml.ScalarNode {
				return nil, p.fail(position{key.Line, key.Column}, "a key has to be a text")
			}
			if key.ShortTag() == "!!merge" {
				return nil, p.fail(position{key.Line, key.Column}, "CloudFormation has no merge keys (<<): write the fields out, or use an alias for the whole value")
			}
			child, err := p.fromYAML(value, depth+1)
			if err != nil {
				return nil, err
			}
			n.keys = append(n.keys, &node{line: key.Line, column: key.Column, kind: scalar, text: key.Value})
			n.items = append(n.items, child)
		}
		if err := p.once(n); err != nil {
			return nil, err
		}
	}
	if !custom(y.Tag) {
		return n, nil
	}
	return p.function(y.Tag, n)
}

// custom tells !Sub from YAML's own !!str.
func custom(tag string) bool {
	return strings.HasPrefix(tag, "!") && !strings.HasPrefix(tag, "!!") && tag != "!"
}

// function writes a short form out.
func (p *parser) function(tag string, argument *node) (*node, error) {
	key := tag[1:]
	if key != "Ref" && key != "Condition" {
		key = "Fn::" + key
	}
	if !intrinsic(key) {
		return nil, p.fail(position{argument.line, argument.column}, "%s is no function of CloudFormation", name(tag))
	}
	if argument.kind == none { // !Ref without anything: let the function complain
		argument = argument.scalar("")
	}
	return argument.fields().with(key, argument), nil
}

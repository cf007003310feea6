package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// json reads tokens. YAML would read most of JSON, but not all of it: tabs,
// and letters in two halves (\ud83d\ude00).
func (p *parser) json() (*node, error) {
	p.lines = []int{0}
	for i, c := range p.text {
		if c == '\n' {
			p.lines = append(p.lines, i+1)
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(p.text))
	decoder.UseNumber()
	n, err := p.fromJSON(decoder, 0)
	if err != nil {
		return nil, p.jsonSyntax(decoder, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, p.fail(p.at(decoder.InputOffset()), "something follows the end of the JSON object: delete it")
	}
	return n, nil
}

// at finds the line of an offset.
func (p *parser) at(offset int64) position {
	line, high := 0, len(p.lines)
	for high-line > 1 {
		if middle := (line + high) / 2; int64(p.lines[middle]) <= offset {
			line = middle
		} else {
			high = middle
		}
	}
	return position{line + 1, int(offset) - p.lines[line] + 1}
}

// next is where the decoder's next token starts.
func (p *parser) next(decoder *json.Decoder) position {
	offset := decoder.InputOffset()
	for offset < int64(len(p.text)) && strings.IndexByte(" \t\r\n,:", p.text[offset]) >= 0 {
		offset++
	}
	return p.at(offset)
}

func (p *parser) jsonSyntax(decoder *json.Decoder, err error) error {
	var ours *Error
	if errors.As(err, &ours) {
		return err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return p.fail(p.at(int64(len(p.text))), "the JSON ends in the middle: is a bracket or a quote not closed?")
	}
	// The decoder counts to different places. The whole text's error counts
	// what it has read, the byte that is wrong being the last.
	offset := decoder.InputOffset()
	var syntax *json.SyntaxError
	if errors.As(json.Unmarshal(p.text, new(json.RawMessage)), &syntax) && syntax.Offset > 0 {
		offset = syntax.Offset - 1
	}
	return p.fail(p.at(offset), "this is not JSON: %s. Look for a comma or a quote too many or too few", strings.ReplaceAll(err.Error(), "\n", " "))
}

func (p *parser) fromJSON(decoder *json.Decoder, depth int) (*node, error) {
	at := p.next(decoder)
	if err := p.count(at, depth); err != nil {
		return nil, err
	}
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	n := &node{line: at.line, column: at.column}
	switch token := token.(type) {
	case string:
		n.kind, n.text = scalar, token
	case json.Number:
		n.kind, n.text, n.plain = scalar, token.String(), true
	case bool:
		n.kind, n.text, n.plain = scalar, strconv.FormatBool(token), true
	case json.Delim:
		n.kind = fields
		if token == '[' {
			n.kind = list
		}
		for decoder.More() {
			if n.kind == fields {
				at := p.next(decoder)
				key, err := decoder.Token()
				if err != nil {
					return nil, err
				}
				text, _ := key.(string) // the decoder refuses others
				n.keys = append(n.keys, &node{line: at.line, column: at.column, kind: scalar, text: text})
			}
			item, err := p.fromJSON(decoder, depth+1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
		if _, err := decoder.Token(); err != nil { // the closing bracket
			return nil, err
		}
		return n, p.once(n)
	}
	return n, nil
}

package selection

import (
	"bytes"
	"encoding/json"

	"websocket.example/05-apigw-lambda/gateway/selection/jsonpath"
)

// text is what a JSON value, which has to be valid, is in a key.
func (o Options) text(value []byte) string {
	switch value[0] {
	case '"':
		return jsonpath.Unquote(value)
	case '[', '{':
		return string(o.list(value))
	case 'n':
		if o.NullIsText {
			return "null"
		}
		return ""
	default:
		if o.ScalarMisses {
			return ""
		}
		return string(value)
	}
}

// list is the text of an array: "[item1, item2]", strings without quotes. It
// is made in one pass, however deep the value is.
func (o Options) list(value []byte) []byte {
	text := make([]byte, 0, len(value))
	for b := value; len(b) > 0; {
		switch c := b[0]; {
		case c == '"':
			s, rest := jsonpath.Next(b)
			text = append(text, jsonpath.Unquote(s)...)
			b = rest
		case c == '{' && !o.ObjectIsJava:
			object, rest := jsonpath.Next(b)
			text = appendCompact(text, object)
			b = rest
		default:
			switch c {
			case ' ', '\n', '\t', '\r':
			case ',':
				text = append(text, ", "...)
			case ':':
				text = append(text, '=')
			default:
				text = append(text, c)
			}
			b = b[1:]
		}
	}
	return text
}

func appendCompact(text, value []byte) []byte {
	b := bytes.NewBuffer(text)
	if json.Compact(b, value) != nil {
		return append(text, value...) // not valid after all
	}
	return b.Bytes()
}

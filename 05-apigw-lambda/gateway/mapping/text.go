package mapping

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
)

// text is a value as the template writes it: lists and maps as Java does, but
// lists that come from JSON as JSON. (Seen in localstack#12379.)
func (r *run) text(v any) (string, error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	var b bytes.Buffer
	err := r.append(&b, v, false, 0)
	return b.String(), err
}

// append writes a value to b, as JSON or as Java does. A list may hold itself,
// or another many times: depth and budget bound it.
func (r *run) append(b *bytes.Buffer, v any, asJSON bool, level int) error {
	if level > nesting {
		return errors.New("the value is nested too deeply")
	}
	start := b.Len()
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case string:
		if !asJSON {
			b.WriteString(v)
			break
		}
		b.Write(quote(v))
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int64:
		b.WriteString(strconv.FormatInt(v, 10))
	case float64:
		b.WriteString(formatFloat(v))
	case *list:
		return r.appendList(b, v, asJSON || v.fromJSON, level)
	case *dict:
		return r.appendDict(b, v, asJSON || v.fromJSON && r.data.Options.ObjectIsJSON, level)
	default:
		return errors.New("this is no value that can be written")
	}
	return r.spend(stepCost + b.Len() - start)
}

func (r *run) appendList(b *bytes.Buffer, l *list, asJSON bool, level int) error {
	comma := ", "
	if asJSON {
		comma = ","
	}
	b.WriteByte('[')
	for i, v := range l.items {
		if i > 0 {
			b.WriteString(comma)
		}
		if err := r.append(b, v, asJSON, level+1); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return r.spend(stepCost)
}

func (r *run) appendDict(b *bytes.Buffer, d *dict, asJSON bool, level int) error {
	comma, is := ", ", "="
	if asJSON {
		comma, is = ",", ":"
	}
	b.WriteByte('{')
	for i, k := range d.keys {
		if i > 0 {
			b.WriteString(comma)
		}
		if err := r.append(b, k, asJSON, level+1); err != nil {
			return err
		}
		b.WriteString(is)
		if err := r.append(b, d.values[k], asJSON, level+1); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return r.spend(stepCost)
}

// quote writes a JSON string, and leaves < > & as they are.
func quote(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil { // no string fails
		return nil
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

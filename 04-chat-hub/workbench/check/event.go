package check

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// An event is what a guest hears: one JSON object.
type event struct {
	raw    string
	fields map[string]any
}

func (e event) text(field string) string {
	s, _ := e.fields[field].(string)
	return s
}

// is says whether the event has one of these types.
func (e event) is(types ...string) bool { return slices.Contains(types, e.text("type")) }

// object is pairs of name and value as JSON, in their order.
func object(pairs []any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for i := 0; i+1 < len(pairs); i += 2 {
		b.WriteByte("{,"[min(i, 1)])
		for at, v := range pairs[i : i+2] {
			if err := e.Encode(v); err != nil {
				panic(err) // a slip of this package, which every test meets
			}
			b.Truncate(b.Len() - 1) // its newline
			if at == 0 {
				b.WriteByte(':')
			}
		}
	}
	return b.String() + "}"
}

// fits says whether a value is the one that is wanted. "*" is any text.
func fits(want, got any) bool {
	switch want := want.(type) {
	case string:
		s, is := got.(string)
		return is && (s == want || want == "*" && s != "")
	case []string: // in any order
		list, _ := got.([]any)
		var names []string
		for _, v := range list {
			s, _ := v.(string)
			names = append(names, s)
		}
		slices.Sort(names)
		return slices.Equal(names, want)
	}
	return reflect.DeepEqual(want, got)
}

// objects counts the JSON objects that stand one behind the other.
func objects(b []byte) (n int) {
	for d := json.NewDecoder(bytes.NewReader(b)); ; n++ {
		var o map[string]any
		if d.Decode(&o) != nil {
			return n
		}
	}
}

// caret is where the value of a field stands in a JSON text, or -1.
func caret(raw, field string) int {
	at := strings.Index(raw, `"`+field+`"`)
	if at < 0 {
		return -1
	}
	at += len(field) + 2
	for at < len(raw) && strings.ContainsRune(" \t:", rune(raw[at])) {
		at++
	}
	return at
}

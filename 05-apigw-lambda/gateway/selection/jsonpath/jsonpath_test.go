package jsonpath

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

const pets = `{"pets":[{"id":1,"name":"rex"},{"id":2,"name":"tom"}], "a b":{"c":[ [1] , [2,3] ]}, "":0, "é":"e", "n":null}`

var rows = []struct {
	name, path, doc, want string // want is "" if there is nothing
}{
	{"all of it", `$`, ` {"a":1} `, `{"a":1}`},
	{"a member", `$.action`, `{"action":"join"}`, `"join"`},
	{"a member in quotes", `$['action']`, `{"action":"join"}`, `"join"`},
	{"a member in double quotes", `$["action"]`, `{"action":"join"}`, `"join"`},
	{"a name with a space", `$['a b'].c[1][0]`, pets, `2`},
	{"a name with a quote", `$['it\'s']`, `{"it's":1}`, `1`},
	{"a name with a hyphen", `$.x-y`, `{"x-y":1}`, `1`},
	{"a name beyond ASCII", `$.é`, pets, `"e"`},
	{"a name that the document escapes", `$.ab`, `{"a\u0062":1}`, `1`},
	{"the empty name", `$['']`, pets, `0`},
	{"null", `$.n`, pets, `null`},
	{"an element", `$.pets[1].name`, pets, `"tom"`},
	{"the last element", `$.pets[-1].id`, pets, `2`},
	{"beyond the end", `$.pets[2]`, pets, ``},
	{"before the beginning", `$.pets[-3]`, pets, ``},
	{"all elements", `$.pets[*].name`, pets, `["rex","tom"]`},
	{"all members", `$.pets[0].*`, pets, `[1,"rex"]`},
	{"all of all", `$['a b'].c[*][*]`, pets, `[1,2,3]`},
	{"all of nothing", `$.pets[*].age`, pets, ``},
	{"a member of an array", `$.pets.name`, pets, ``},
	{"an element of an object", `$[0]`, pets, ``},
	{"a member of a string", `$.a`, `"a"`, ``},
	{"a member of a number", `$.a`, `3`, ``},
	{"the last of the same name", `$.a`, `{"a":1,"b":2,"a":3}`, `3`},
	{"brackets and quotes in a string", `$.b`, `{"a":"}]\",{\\","b":1}`, `1`},
	{"an empty object", `$.a`, `{}`, ``},
	{"an empty array", `$[0]`, `[ ]`, ``},
	{"white space everywhere", `$.a[1]`, "\n{ \"a\"\t:\r[ 1 , true ] }\n", `true`},
	{"very deep", `$.a`, `{"b":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `,"a":1}`, `1`},
}

func TestFind(t *testing.T) {
	for _, row := range rows {
		p, err := Parse(row.path)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		got, found := p.Find([]byte(row.doc))
		if string(got) != row.want || found != (row.want != "") {
			t.Errorf("%s: %s is %q, %t; want %q", row.name, row.path, got, found, row.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, row := range []struct{ path, why string }{
		{`$..name`, "recursion"},
		{`$.`, "a name is missing"},
		{`$.a.`, "a name is missing"},
		{`$.a b`, "ends too early"},
		{`name`, "ends too early"},
		{`$[`, "no closing bracket"},
		{`$[x]`, "neither an index"},
		{`$[]`, "neither an index"},
		{`$[0:2]`, "neither an index"},
		{`$[?(@.id==1)]`, "neither an index"},
		{`$['a`, "no closing quote"},
		{`$['a'`, "a ] is missing"},
		{`$['a']['b'x]`, "a ] is missing"},
	} {
		if _, err := Parse(row.path); err == nil || !strings.Contains(err.Error(), row.why) {
			t.Errorf("Parse(%q) = %v; want an error with %q", row.path, err, row.why)
		}
	}
}

func TestUnquote(t *testing.T) {
	for _, row := range []struct{ json, want string }{
		{`"a"`, "a"},
		{`""`, ""},
		{`"\u0041\n\"\\"`, "A\n\"\\"},
		{`"\ud83d\ude00"`, "😀"},
		{`"\ud83d"`, "\uFFFD"},
		{`"\ude00\ud83d"`, "\uFFFD\uFFFD"},
		{"\"\xff\"", "\uFFFD"},
		{`1`, "1"},
	} {
		if got := Unquote([]byte(row.json)); got != row.want {
			t.Errorf("Unquote(%s) = %q, want %q", row.json, got, row.want)
		}
	}
}

// FuzzFind compares with the plain way: decode everything, then walk.
func FuzzFind(f *testing.F) {
	for _, row := range rows {
		f.Add(row.path, []byte(row.doc))
	}
	f.Add(`$.pets[*].*`, []byte(`{"pets":[{"a":"\ud800"},{"\ud800":"\udc00\ud800","a":{}}]}`))
	f.Fuzz(func(t *testing.T, path string, doc []byte) {
		p, err := Parse(path)
		if err != nil || !json.Valid(doc) {
			return
		}
		got, found := p.Find(doc)
		if found && !json.Valid(got) {
			t.Fatalf("%s in %s is not JSON: %s", path, doc, got)
		}
		if !utf8.Valid(doc) || !utf8.ValidString(path) {
			return // the decoder mends names, and then two may be the same
		}
		want, ok := p.walk(decode(t, doc))
		if _, unordered := want.(unordered); unordered {
			return
		}
		if ok != found || found && !reflect.DeepEqual(decode(t, got), want) {
			t.Fatalf("%s in %s is %s, %t; the plain way says %v, %t", path, doc, got, found, want, ok)
		}
	})
}

func decode(t *testing.T, doc []byte) (v any) {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// unordered is the result of going over all members of a decoded object, which
// has lost their order and those with the same name.
type unordered struct{}

// walk is Find on decoded values.
func (p Path) walk(v any) (any, bool) {
	at, many := []any{v}, false
	for _, s := range p.steps {
		var further []any
		for _, v := range at {
			object, _ := v.(map[string]any)
			array, _ := v.([]any)
			switch s.kind {
			case member:
				if v, ok := object[s.name]; ok {
					further = append(further, v)
				}
			case index:
				i := s.index
				if i < 0 {
					i += len(array)
				}
				if 0 <= i && i < len(array) {
					further = append(further, array[i])
				}
			case all:
				many = true
				if len(object) > 0 {
					return unordered{}, true
				}
				further = append(further, array...)
			}
		}
		at = further
	}
	if len(at) == 0 {
		return nil, false
	}
	if many {
		return at, true
	}
	return at[0], true
}

func BenchmarkFind(b *testing.B) {
	p, _ := Parse("$.action")
	doc := []byte(`{"action":"send","room":"lobby","id":"7f3c","text":"` + strings.Repeat("hello ", 30) + `"}`)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		p.Find(doc)
	}
}

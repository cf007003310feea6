package model

import (
	"encoding/json"
	"strings"
	"testing"
)

var models = map[string]json.RawMessage{
	"Send": json.RawMessage(`{
		"$schema": "http://json-schema.org/draft-04/schema#",
		"type": "object",
		"required": ["action", "room"],
		"properties": {
			"action": {"enum": ["send"]},
			"room": {"$ref": "https://apigateway.amazonaws.com/restapis/abc123defg/models/Room"},
			"count": {"type": "integer", "minimum": 1, "exclusiveMinimum": true, "multipleOf": 2},
			"list": {"type": "array", "uniqueItems": true}
		}
	}`),
	"Room":    json.RawMessage(`{"type": "string", "minLength": 1, "pattern": "^[a-z]+$"}`),
	"Tree":    json.RawMessage(`{"type": "object", "properties": {"next": {"$ref": "#"}}, "additionalProperties": false}`),
	"Nothing": json.RawMessage(`{}`),
}

func TestValidate(t *testing.T) {
	set, err := Compile(models)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, model, message, want string }{
		{"valid", "Send", `{"action":"send","room":"lobby","more":1}`, ""},
		{"missing", "Send", `{"action":"send"}`, "'room'"},
		{"another value", "Send", `{"action":"leave","room":"lobby"}`, "/action"},
		{"in another model", "Send", `{"action":"send","room":"Lobby"}`, "/room"},
		{"the wrong type", "Send", `[]`, "object"},
		{"draft 4's exclusiveMinimum", "Send", `{"action":"send","room":"a","count":1}`, "/count"},
		{"beyond it", "Send", `{"action":"send","room":"a","count":2}`, ""},
		{"recursive", "Tree", `{"next":{"next":{}}}`, ""},
		{"recursive and wrong", "Tree", `{"next":{"next":{"x":1}}}`, "/next/next"},
		{"no JSON", "Nothing", `hi`, "not JSON"},
		{"JSON and more", "Nothing", `{} {}`, "not JSON"},
		{"empty", "Nothing", ``, "not JSON"},
		{"anything", "Nothing", `null`, ""},
		{"no such model", "Nobody", `{}`, `no model "Nobody"`},
		{"a huge number", "Send", `{"action":"send","room":"a","count":1e999999}`, ""},
		{"a huger one", "Send", `{"action":"send","room":"a","count":-1e999999999999}`, "/count"},
		{"many huge numbers", "Send", `{"action":"send","room":"a","list":[` + strings.Repeat("1e999999,", 12_000) + `1]}`, "/list"},
		{"deep", "Nothing", strings.Repeat("[", 9000) + strings.Repeat("]", 9000), ""},
		{"too deep", "Nothing", strings.Repeat("[", 20000) + strings.Repeat("]", 20000), "not JSON"},
	} {
		err := set.Validate(row.model, []byte(row.message))
		switch {
		case row.want == "" && err != nil:
			t.Errorf("%s: %v", row.name, err)
		case row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)):
			t.Errorf("%s: %v; want an error with %q", row.name, err, row.want)
		case err != nil && strings.Contains(err.Error(), "\n"):
			t.Errorf("%s: more than a line: %v", row.name, err)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	for _, row := range []struct{ name, schema, want string }{
		{"no JSON", `{`, "model Bad"},
		{"no schema", `{"type": 3}`, "model Bad"},
		{"another model that is not there", `{"$ref": "https://apigateway.amazonaws.com/restapis/x/models/Nobody"}`, "no such model"},
		{"elsewhere", `{"$ref": "https://example.com/Send"}`, "nothing is loaded"},
		{"a file", `{"$ref": "file:///etc/passwd"}`, "nothing is loaded"},
		{"a pattern of Java's", `{"pattern": "(?!a)"}`, "model Bad"},
	} {
		set, err := Compile(map[string]json.RawMessage{"Bad": json.RawMessage(row.schema), "Good": json.RawMessage(`{}`)})
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v; want an error with %q", row.name, err, row.want)
		}
		if err := set.Validate("Good", []byte(`{}`)); err != nil {
			t.Errorf("%s: the other model: %v", row.name, err)
		}
	}
}

func FuzzValidate(f *testing.F) {
	set, err := Compile(models)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("Send", []byte(`{"action":"send","room":"lobby","count":1e9}`))
	f.Add("Tree", []byte(`{"next":{"next":{}}}`))
	f.Fuzz(func(t *testing.T, name string, message []byte) {
		if err := set.Validate(name, message); err == nil && !json.Valid(message) {
			t.Errorf("%q is valid, and no JSON", message)
		}
	})
}

func BenchmarkValidate(b *testing.B) {
	set, err := Compile(models)
	if err != nil {
		b.Fatal(err)
	}
	message := []byte(`{"action":"send","room":"lobby","count":4}`)
	b.ReportAllocs()
	for b.Loop() {
		if err := set.Validate("Send", message); err != nil {
			b.Fatal(err)
		}
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"websocket.example/04-chat-hub/chat"
)

// api is asyncapi.yaml.
func api(t *testing.T) map[string]any {
	t.Helper()
	text, err := os.ReadFile("asyncapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(doc) // the types of JSON
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v.(map[string]any)
}

func at(t *testing.T, v any, keys ...string) any {
	t.Helper()
	for i, k := range keys {
		m, ok := v.(map[string]any)
		if !ok || m[k] == nil {
			t.Fatalf("there is no %s", strings.Join(keys[:i+1], "."))
		}
		v = m[k]
	}
	return v
}

// The document says exactly what the code does: every action with its fields,
// every event with its fields, every code.
func TestAsyncAPI(t *testing.T) {
	doc := api(t)
	c := jsonschema.NewCompiler()
	if err := c.AddResource("api.json", doc); err != nil {
		t.Fatal(err)
	}
	messages := at(t, doc, "components", "messages").(map[string]any)
	schema := func(name string) *jsonschema.Schema {
		t.Helper()
		s, err := c.Compile("api.json#/components/messages/" + name + "/payload")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	properties := func(name string) []string {
		t.Helper()
		payload := at(t, messages, name, "payload").(map[string]any)
		if ref, ok := payload["$ref"].(string); ok {
			payload = at(t, doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...).(map[string]any)
		}
		return slices.Sorted(maps.Keys(payload["properties"].(map[string]any)))
	}
	valid := func(name string, message []byte) error {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(message))
		if err != nil {
			return err
		}
		return schema(name).Validate(v)
	}
	seen := map[string]bool{}

	for action, request := range map[chat.Action]string{
		chat.Join:    `{"action":"join","room":"go","name":"Ana","since":"1z12","key":"k"}`,
		chat.Leave:   `{"action":"leave","room":"go"}`,
		chat.Send:    `{"action":"send","room":"go","text":"olá","id":"1"}`,
		chat.Typing:  `{"action":"typing","room":"go"}`,
		chat.Who:     `{"action":"who","room":"go"}`,
		chat.History: `{"action":"history","room":"go","before":"1z12"}`,
		chat.Ping:    `{"action":"ping"}`,
	} {
		t.Run("request "+string(action), func(t *testing.T) {
			seen[string(action)] = true
			if err := valid(string(action), []byte(request)); err != nil {
				t.Error(err)
			}
			if got := keys(t, request); !slices.Equal(got, properties(string(action))) {
				t.Errorf("the code knows %v, the document %v", got, properties(string(action)))
			}
			// Every field that the document requires is one without which the
			// code refuses the request, and no other is.
			required := at(t, messages, string(action), "payload", "required").([]any)
			for _, field := range keys(t, request) {
				var m map[string]any
				_ = json.Unmarshal([]byte(request), &m) // it is valid
				delete(m, field)
				b, _ := json.Marshal(m)
				_, err := chat.Decode(b)
				if slices.Contains(required, any(field)) != (err != nil) {
					t.Errorf("without %s: the code says %v, the document requires %v", field, err, required)
				}
			}
		})
	}

	when := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	cursor := chat.Cursor{Epoch: 35, Seq: 2}
	said := chat.Said("go", cursor, "1", "Ana", "olá", when)
	for name, examples := range map[string][]chat.Event{
		"joined":       {chat.Joined("go", "Ana", []string{"Ana"}, cursor), chat.Rejoined("go", "Ana", []string{"Ana"}, cursor, false)},
		"left":         {chat.Left("go")},
		"message":      {said},
		"ack":          {chat.Ack("go", "1", cursor)},
		"someoneTypes": {chat.Types("go", "Ana")},
		"members":      {chat.MembersOf("go", []string{"Ana"}), chat.Crowd("go", 1000)},
		"presence":     {chat.Came("go", "Ana"), chat.Went("go", "Ana")},
		"earlier":      {chat.Earlier("go", []chat.Event{said}, true), chat.Earlier("go", nil, false)},
		"pong":         {chat.Pong()},
		"error":        {chat.Failed(&chat.Error{Code: chat.Internal, Message: "x", ID: "1"})},
	} {
		t.Run("event "+name, func(t *testing.T) {
			seen[name] = true
			known := map[string]bool{}
			for _, e := range examples {
				b := e.Encode()
				if err := valid(name, b); err != nil {
					t.Errorf("%s: %v", b, err)
				}
				for _, k := range keys(t, string(b)) {
					known[k] = true
				}
			}
			if got := slices.Sorted(maps.Keys(known)); !slices.Equal(got, properties(name)) {
				t.Errorf("the code sends %v, the document has %v", got, properties(name))
			}
		})
	}

	for name := range messages {
		if !seen[name] {
			t.Errorf("the document has a message %s that the code does not", name)
		}
		at(t, doc, "channels", "chat", "messages", name)
	}
	var codes []string
	for _, c := range at(t, messages, "error", "payload", "properties", "code", "enum").([]any) {
		codes = append(codes, c.(string))
	}
	want := fmt.Sprint([]chat.Code{chat.BadJSON, chat.BadRequest, chat.UnknownAction, chat.NotInRoom, chat.NameTaken, chat.TooLarge, chat.RateLimited, chat.Internal})
	if fmt.Sprint(codes) != want {
		t.Errorf("the document has the codes %v, the code %v", codes, want)
	}
}

// Every reference in the document leads somewhere.
func TestAsyncAPIReferences(t *testing.T) {
	doc := api(t)
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				at(t, doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
			}
			for _, v := range v {
				walk(v)
			}
		case []any:
			for _, v := range v {
				walk(v)
			}
		}
	}
	walk(doc)
}

func keys(t *testing.T, object string) []string {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(object), &m); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(m))
}

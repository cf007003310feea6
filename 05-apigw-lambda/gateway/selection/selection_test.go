package selection

import (
	"strings"
	"testing"
)

// The payload of the table in "Create routes for WebSocket APIs".
const chat = `{"service":"chat","action":"join"}`

var rows = []struct {
	name, expression, body string
	want                   string
	ok                     bool
}{
	// Fact 1.3, the documented table.
	{"a path", `$request.body.action`, chat, "join", true},
	{"in braces", `${request.body.action}`, chat, "join", true},
	{"two, joined", `${request.body.service}/${request.body.action}`, chat, "chat/join", true},
	{"a path to nothing", `${request.body.action}-${request.body.invalidPath}`, chat, "join-", true},
	{"static", `action`, chat, "action", true},
	{"static $default", `\$default`, chat, "$default", true},
	{"two elements", `$request.body.list`, `{"list":["item1","item2"]}`, "[item1, item2]", true},

	// The forms of JSONPath.
	{"a name in brackets", `$request.body['action']`, chat, "join", true},
	{"in braces, in brackets", `${request.body['action']}!`, chat, "join!", true},
	{"nested", `$request.body.a.b[1].c`, `{"a":{"b":[0,{"c":"x"}]}}`, "x", true},
	{"all elements", `$request.body.list[*].id`, `{"list":[{"id":"a"},{"id":"b"}]}`, "[a, b]", true},
	{"the whole body", `$request.body`, `"hi"`, "hi", true},
	{"no braces, a boundary", `$request.body.service/$request.body.action`, chat, "chat/join", true},
	{"a hyphen is part of a name", `$request.body.action-x`, `{"action-x":"y","action":"z"}`, "y", true},
	{"evaluated once only", `$request.body.action`, `{"action":"$request.body.service","service":"s"}`, "$request.body.service", true},

	// What is no string.
	{"a number", `$request.body.action`, `{"action":1}`, "1", true},
	{"a number as it is written", `$request.body.action`, `{"action":1.50e3}`, "1.50e3", true},
	{"a boolean", `$request.body.action`, `{"action":true}`, "true", true},
	{"null", `$request.body.action`, `{"action":null}`, "", true},
	{"an object", `$request.body.action`, `{"action":{"a": 1}}`, `{"a":1}`, true},
	{"an empty list", `$request.body.action`, `{"action":[ ]}`, `[]`, true},
	{"a list in a list", `$request.body.action`, `{"action":[["a\n"],{"b":[1, 2]},null]}`, "[[a\n], {\"b\":[1,2]}, null]", true},
	{"a surrogate pair", `$request.body.action`, `{"action":"\ud83d\ude00"}`, "😀", true},
	{"half of one", `$request.body.action`, `{"action":"\ud83d"}`, "\uFFFD", true},
	{"the same name twice", `$request.body.action`, `{"action":"a","action":"b"}`, "b", true},

	// Fact 1.3: JSON without the path is no failure, anything else is.
	{"a string", `$request.body.action`, `"hi"`, "", true},
	{"a number alone", `$request.body.action`, `3`, "", true},
	{"an array alone", `$request.body.action`, `[]`, "", true},
	{"no JSON", `$request.body.action`, `hi`, "", false},
	{"nothing", `$request.body.action`, ``, "", false},
	{"JSON and more", `$request.body.action`, chat + `}`, "", false},
	{"broken after the action", `$request.body.action`, `{"action":"join",}`, "", false},
	{"no JSON, and static", `action`, `hi`, "action", true},
	{"no JSON, and a part is static", `a-$request.body.action`, `hi`, "", false},
	{"too deep", `$request.body.action`, `{"action":"x","a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`, "", false},

	// The other variables.
	{"an API key's header", `$request.header.x-api-key`, "", "abc", true},
	{"an API key's context", `$context.authorizer.usageIdentifierKey`, "", "<authorizer.usageIdentifierKey>", true},
	{"a query parameter", `$request.querystring.token`, "", "t", true},
	{"case counts in a query", `$request.querystring.Token`, "", "", true},
	{"a stage variable", `$stageVariables.color`, "", "blue", true},
	{"a stage variable, in brackets", `${stageVariables['color']}-`, "", "blue-", true},
	{"no such header", `$request.header.nobody`, "", "", true},

	// Fact 1.5: responses.
	{"status", `$integration.response.statuscode`, "", "404", true},
	{"status, in braces", `${integration.response.statuscode}`, "", "404", true},
	{"status, as the AWS CLI's sample has it", `${response.statuscode}`, "", "404", true},
	{"a response's header", `$integration.response.header.Content-Type`, "", "text/plain", true},
	{"a response's headers", `$integration.response.multivalueheader.x-many`, "", "[a, b]", true},
	{"a response's body", `$integration.response.body.errorMessage`, "", "boom", true},
}

func full(body string) *Context {
	return &Context{
		Body:           []byte(body),
		Header:         map[string][]string{"X-Api-Key": {"abc"}},
		Query:          map[string][]string{"token": {"t"}},
		StageVariables: map[string]string{"color": "blue"},
		Value:          func(name string) string { return "<" + name + ">" },
		Response: &Response{
			Status: 404,
			Header: map[string][]string{"content-type": {"text/plain"}, "X-Many": {"a", "b"}},
			Body:   []byte(`{"errorMessage":"boom"}`),
		},
	}
}

func TestEvaluate(t *testing.T) {
	for _, row := range rows {
		e, err := Parse(row.expression)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		value, ok := e.Evaluate(full(row.body))
		if value != row.want || ok != row.ok {
			t.Errorf("%s: %s of %.60s = %q, %t; want %q, %t", row.name, e, row.body, value, ok, row.want, row.ok)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, row := range []struct{ expression, why string }{
		{`$`, "no variable is called"},
		{`$request.bodyguard`, "no variable is called"},
		{`$method.request.body`, "no variable is called"},
		{`$request.body..action`, "recursion"},
		{`$request.body.`, "a name is missing"},
		{`${request.body.action`, "a } is missing"},
		{`${request.body.a b}`, "a } is missing"},
		{`$request.body[?(@.a)]`, "neither an index"},
		{`$request.header.`, "a name is missing"},
		{`$request.header`, "a name is missing"},
		{`$context`, "a name is missing"},
		{`$integration.response.statuscodes`, "no variable is called"},
		{`$context.authorizer[0]`, "a name is missing"},
	} {
		if _, err := Parse(row.expression); err == nil || !strings.Contains(err.Error(), row.why) {
			t.Errorf("Parse(%q) = %v; want an error with %q", row.expression, err, row.why)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, row := range []struct {
		name, body, want string
		options          Options
	}{
		{"a number misses", `{"action":1}`, "", Options{ScalarMisses: true}},
		{"a boolean misses", `{"action":false}`, "", Options{ScalarMisses: true}},
		{"a string does not", `{"action":"1"}`, "1", Options{ScalarMisses: true}},
		{"null as text", `{"action":null}`, "null", Options{NullIsText: true}},
		{"an object as in Java", `{"action":{"a":[1,2], "b":"c:d"}}`, "{a=[1, 2], b=c:d}", Options{ObjectIsJava: true}},
	} {
		e, _ := Parse("$request.body.action")
		c := full(row.body)
		c.Options = row.options
		if value, ok := e.Evaluate(c); value != row.want || !ok {
			t.Errorf("%s: %q, %t; want %q", row.name, value, ok, row.want)
		}
	}
}

// Nothing known is asked for: no response, no context.
func TestEvaluateWithoutContext(t *testing.T) {
	e, _ := Parse("$integration.response.statuscode")
	if value, ok := e.Evaluate(&Context{}); value != "" || ok {
		t.Errorf("the status of no response = %q, %t", value, ok)
	}
	e, _ = Parse("$context.connectionId")
	if value, ok := e.Evaluate(&Context{}); value != "" || !ok {
		t.Errorf("a value of no context = %q, %t", value, ok)
	}
}

func TestRoute(t *testing.T) {
	with := map[string]int{"join": 1, "$default": 2, "$connect": 3, "$disconnect": 4}
	without := map[string]int{"join": 1, "$connect": 3}
	for _, row := range []struct {
		name    string
		routes  map[string]int
		value   string
		options Options
		key     string
		ok      bool
	}{
		{"exact", with, "join", Options{}, "join", true},
		{"case counts", with, "Join", Options{}, "$default", true},
		{"$default by name", with, "$default", Options{}, "$default", true},
		{"nothing", with, "", Options{}, "$default", true},
		{"no match", without, "leave", Options{}, "$default", false},
		{"no match for nothing", without, "", Options{}, "$default", false},
		{"$connect is not for messages", with, "$connect", Options{}, "$default", true},
		{"$connect, without $default", without, "$connect", Options{}, "$default", false},
		{"$disconnect is not for messages", with, "$disconnect", Options{}, "$default", true},
		{"$connect, switched", with, "$connect", Options{ReservedRoutes: true}, "$connect", true},
	} {
		if key, ok := Route(row.routes, row.value, row.options); key != row.key || ok != row.ok {
			t.Errorf("%s: %q, %t; want %q, %t", row.name, key, ok, row.key, row.ok)
		}
	}
}

func TestChoose(t *testing.T) {
	for _, row := range []struct {
		name    string
		keys    []string
		value   string
		options Options
		key     string
		ok      bool
	}{
		{"a pattern", []string{`/4\d\d/`, `$default`}, "404", Options{}, `/4\d\d/`, true},
		{"another status", []string{`/4\d\d/`, `$default`}, "200", Options{}, `$default`, true},
		{"a status", []string{`200`, `/2\d\d/`}, "200", Options{}, `200`, true},
		{"the first pattern", []string{`/.*/`, `/4\d\d/`}, "404", Options{}, `/.*/`, true},
		{"the whole value", []string{`/Error/`, `$default`}, "An Error came", Options{}, `$default`, true},
		{"either alternative whole", []string{`/a|b/`, `$default`}, "ab", Options{}, `$default`, true},
		{"a part of it, switched", []string{`/Error/`, `$default`}, "An Error came", Options{FindInResponse: true}, `/Error/`, true},
		{"nothing fits", []string{`/4\d\d/`}, "200", Options{}, `$default`, false},
		{"no keys", nil, "200", Options{}, `$default`, false},
	} {
		k, err := ParseKeys(row.keys, row.options)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if key, ok := k.Choose(row.value); key != row.key || ok != row.ok {
			t.Errorf("%s: %q, %t; want %q, %t", row.name, key, ok, row.key, row.ok)
		}
	}
	if _, err := ParseKeys([]string{`/(?!4)\d/`}, Options{}); err == nil {
		t.Error("a lookahead is taken")
	}
}

func FuzzParse(f *testing.F) {
	for _, row := range rows {
		f.Add(row.expression)
	}
	f.Add(`\`)
	f.Add(`${request.body['a\`)
	f.Fuzz(func(t *testing.T, expression string) {
		e, err := Parse(expression)
		if err != nil {
			return
		}
		e.Evaluate(full(chat))
		if e.String() != expression {
			t.Errorf("String() = %q, want %q", e, expression)
		}
	})
}

func FuzzEvaluate(f *testing.F) {
	for _, row := range rows {
		f.Add(row.expression, []byte(row.body), false)
	}
	f.Fuzz(func(t *testing.T, expression string, body []byte, java bool) {
		e, err := Parse(expression)
		if err != nil {
			return
		}
		c := full(string(body))
		c.Options.ObjectIsJava = java
		value, ok := e.Evaluate(c)
		if !ok && value != "" {
			t.Errorf("%s of %q: %q, and not ok", e, body, value)
		}
		if again, _ := e.Evaluate(c); again != value {
			t.Errorf("%s of %q: %q, then %q", e, body, value, again)
		}
	})
}

// What a message costs in the usual case: its bytes are read, nothing is built.
func TestEvaluateAllocations(t *testing.T) {
	e, _ := Parse("$request.body.action")
	body := []byte(chat)
	if n := testing.AllocsPerRun(100, func() {
		c := Context{Body: body}
		e.Evaluate(&c)
	}); n > 2 { // the context and the value
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	e, _ := Parse("$request.body.action")
	body := []byte(`{"action":"send","room":"lobby","id":"7f3c","text":"` + strings.Repeat("hello ", 30) + `"}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		c := Context{Body: body}
		e.Evaluate(&c)
	}
}

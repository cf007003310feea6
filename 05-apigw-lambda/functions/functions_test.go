package functions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"websocket.example/05-apigw-lambda/app"
	"websocket.example/05-apigw-lambda/functions"
	"websocket.example/05-apigw-lambda/store/memory"
)

// What functions log is not the tests' output.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	m.Run()
}

// heard is a poster that keeps what it was to post.
type heard struct {
	mu     sync.Mutex
	frames []string
}

func (h *heard) Post(_ context.Context, connection string, data []byte) error {
	if connection == "panics" {
		panic("a bug")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.frames = append(h.frames, connection+" "+string(data))
	return nil
}

func (h *heard) take() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := strings.Join(h.frames, "\n")
	h.frames = nil
	return all
}

const secret = "the secret of the tests"

func local(t *testing.T) (*heard, func(function, event string) string) {
	t.Helper()
	h := new(heard)
	all := functions.Local(memory.New(), h, secret, app.Options{})
	return h, func(function, event string) string {
		t.Helper()
		answer, err := all[function].Invoke(t.Context(), []byte(event))
		if err != nil {
			return "error: " + err.Error()
		}
		return string(answer)
	}
}

func event(kind, route, connection, more string) string {
	return fmt.Sprintf(`{"isBase64Encoded":false,%s"requestContext":{"routeKey":%q,"eventType":%q,"messageDirection":"IN",
		"connectionId":%q,"connectedAt":%d,"requestTimeEpoch":%d,"stage":"prod","domainName":"a.example","authorizer":{"principalId":"x","name":"Ana"}}}`,
		more, route, kind, connection, time.Now().UnixMilli(), time.Now().UnixMilli())
}

func body(s string) string { return `"body":` + quoted(s) + "," }

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestConnect(t *testing.T) {
	_, invoke := local(t)
	for _, row := range []struct{ name, fields, wanted string }{
		{"nothing offered", ``, ``},
		{"the chat", `"headers":{"Sec-WebSocket-Protocol":"chat"},`, `chat`},
		{"the chat and a token", `"headers":{"sec-websocket-protocol":"chat, token.abc"},`, `chat`},
		{"a token first", `"headers":{"Sec-WebSocket-Protocol":"token.abc, chat"},`, `chat`},
		{"two lines", `"headers":{"Sec-WebSocket-Protocol":"token.abc"},"multiValueHeaders":{"Sec-WebSocket-Protocol":["mqtt","chat","token.abc"]},`, `chat`},
		{"only a token", `"headers":{"Sec-WebSocket-Protocol":"token.abc"},`, `token.abc`},
		{"what we do not speak", `"headers":{"Sec-WebSocket-Protocol":"mqtt"},`, ``},
	} {
		var answer struct {
			StatusCode int
			Headers    map[string]string
		}
		got := invoke("ChatFunction", event("CONNECT", "$connect", "c", row.fields))
		if err := json.Unmarshal([]byte(got), &answer); err != nil || answer.StatusCode != 200 || answer.Headers["Sec-WebSocket-Protocol"] != row.wanted {
			t.Errorf("%s: %s", row.name, got)
		}
	}
}

func TestChat(t *testing.T) {
	h, invoke := local(t)
	status, answered := 200, ""
	message := func(route, connection, text string) string {
		t.Helper()
		got := invoke("ChatFunction", event("MESSAGE", route, connection, body(text)))
		if !strings.HasPrefix(got, fmt.Sprintf(`{"statusCode":%d,`, status)) || !strings.Contains(got, `"body":`+quoted(answered)) {
			t.Errorf("%s returned %s", text, got)
		}
		return h.take()
	}
	wants := func(got string, wanted ...string) {
		t.Helper()
		for _, w := range wanted {
			if !strings.Contains(got, w) {
				t.Errorf("was told\n%s\nwanted\n%s", got, w)
			}
		}
	}
	// The token's name, not the one that was asked for.
	wants(message("join", "c", `{"action":"join","room":"go","name":"Eve"}`), `c {"type":"joined"`, `"name":"Ana"`)
	wants(message("send", "c", `{"action":"send","room":"go","id":"1","text":"hi"}`), `c {"type":"message"`, `c {"type":"ack"`)
	wants(message("$default", "c", `{"action":"history","room":"go"}`), `c {"type":"history"`, `"text":"hi"`)
	wants(message("$default", "c", `nonsense`), `"code":"bad_json"`)
	// A two-way route: the pong is returned, and not posted.
	answered = `{"type":"pong"}`
	if got := message("ping", "c", `{"action":"ping"}`); got != "" {
		t.Errorf("a ping posted %s", got)
	}
	answered = ""
	// Where it is not two-way, the pong is posted.
	wants(message("$default", "c", `{"action":"ping"}`), `c {"type":"pong"}`)
	status = 500
	if got := message("who", "panics", `{"action":"who","room":"go"}`); got != "" {
		t.Errorf("who has met a bug was told %s", got)
	}
	status = 200
	invoke("ChatFunction", event("DISCONNECT", "$disconnect", "c", ""))
	wants(message("send", "c", `{"action":"send","room":"go","id":"2","text":"hi"}`), `"code":"not_in_room"`, `"id":"2"`)
}

func TestAuthorizer(t *testing.T) {
	_, invoke := local(t)
	mint := func(name string, until time.Duration) string {
		token, err := functions.Mint(secret, name, time.Now().Add(until))
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	const method = "arn:aws:execute-api:us-east-1:123456789012:abc123/prod/$connect"
	good := mint("Ana", time.Hour)
	for _, row := range []struct{ name, fields, wanted, principal string }{
		{"in the query", `"queryStringParameters":{"token":"` + good + `"}`, "Allow", "Ana"},
		{"in the subprotocol", `"headers":{"sec-websocket-protocol":"chat, token.` + good + `"}`, "Allow", "Ana"},
		{"without a name", `"queryStringParameters":{"token":"` + mint("", time.Hour) + `"}`, "Allow", "anonymous"},
		{"expired", `"queryStringParameters":{"token":"` + mint("Ana", -time.Second) + `"}`, "Deny", "Ana"},
		{"forged", `"queryStringParameters":{"token":"` + good[:len(good)-2] + `"}`, "error: Unauthorized", ""},
		{"none", `"headers":{"Sec-WebSocket-Protocol":"chat"}`, "error: Unauthorized", ""},
	} {
		got := invoke("AuthorizerFunction", `{"type":"REQUEST","methodArn":"`+method+`",`+row.fields+`}`)
		if row.principal == "" {
			if got != row.wanted {
				t.Errorf("%s: %s", row.name, got)
			}
			continue
		}
		for _, part := range []string{`"principalId":"` + row.principal + `"`, `"Effect":"` + row.wanted + `"`, `"Resource":["` + method + `"]`} {
			if !strings.Contains(got, part) {
				t.Errorf("%s: %s, wanted %s", row.name, got, part)
			}
		}
	}
	nobody := functions.Local(memory.New(), new(heard), "", app.Options{})["AuthorizerFunction"]
	if _, err := nobody.Invoke(t.Context(), []byte(`{"queryStringParameters":{"token":"`+good+`"}}`)); err == nil || err.Error() != "Unauthorized" {
		t.Error("without a secret somebody got in:", err)
	}
}

func TestAnnounce(t *testing.T) {
	h, invoke := local(t)
	invoke("ChatFunction", event("MESSAGE", "join", "c", body(`{"action":"join","room":"go","name":"Ana"}`)))
	h.take()
	for _, row := range []struct{ event, answer, told string }{
		{`{"text":"down at noon","id":"1"}`, `{"rooms":1}`, `"text":"down at noon"`},
		{`{"text":"down at noon","id":"1"}`, `{"rooms":1}`, ``},
		{`{"text":"another","id":"2","room":"go"}`, `{"rooms":1}`, `"text":"another"`},
		{`{"text":"empty","id":"3","room":"rust"}`, `{"rooms":1}`, ``},
		{`{"id":"4"}`, `error: bad_request: the field text is empty`, ``},
	} {
		answer, told := invoke("AnnounceFunction", row.event), h.take()
		if answer != row.answer || (told == "") != (row.told == "") || !strings.Contains(told, row.told) {
			t.Errorf("%s answered %s, and was told %s", row.event, answer, told)
		}
	}
}

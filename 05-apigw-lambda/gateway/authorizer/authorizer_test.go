package authorizer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/event"
	"websocket.example/05-apigw-lambda/gateway/lambda"
)

var update = flag.Bool("update", false, "write the events of testdata anew")

const arn = "arn:aws:execute-api:us-east-1:123456789012:abc123defg/prod/$connect"

// A function that answers always the same.
type function struct {
	answer string
	failed bool
	err    error
	asked  [][]byte
}

func (f *function) Invoke(_ context.Context, payload []byte) (lambda.Result, error) {
	f.asked = append(f.asked, payload)
	if f.failed {
		return lambda.Result{Payload: []byte(f.answer), Error: "Unhandled"}, f.err
	}
	return lambda.Result{Payload: []byte(f.answer)}, f.err
}

func input() Input {
	at := time.Date(2026, 11, 23, 12, 0, 0, 345e6, time.UTC)
	return Input{
		MethodARN: arn,
		Header: handshake.Header{
			{Name: "Host", Value: "abc123defg.execute-api.us-east-1.amazonaws.com"},
			{Name: "connection", Value: "keep-alive, Upgrade"},
			{Name: "Upgrade", Value: "websocket"},
			{Name: "Sec-WebSocket-Key", Value: "dGhlIHNhbXBsZSBub25jZQ=="},
			{Name: "Sec-WebSocket-Version", Value: "13"},
			{Name: "Auth", Value: "first"},
			{Name: "AUTH", Value: "secret"},
			{Name: "X-Empty", Value: ""},
		},
		Query: url.Values{"token": {"a", "b"}, "empty": {""}},
		Source: event.Source{
			APIID: "abc123defg", Domain: "abc123defg.execute-api.us-east-1.amazonaws.com", Stage: "prod",
			StageVariables: map[string]string{"table": "chat"}, ConnectionID: "L0SM9cOFvHcCIhw=", ConnectedAt: at,
			Identity:   event.Identity{UserAgent: "test/1", SourceIP: "192.0.2.7"},
			Authorizer: map[string]any{"principalId": "of another time"},
		},
		RequestID: "R1knPH17NjMFftw=", At: at.Add(time.Millisecond), Trace: "Root=1-6742a1c0-0123456789abcdef01234567",
	}
}

func allow(resource string) string {
	return `{"principalId":"me","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"` + resource + `"}]}}`
}

// The function is told exactly this.
func TestEvent(t *testing.T) {
	plain := input()
	plain.Query, plain.Source.StageVariables, plain.Source.Identity.UserAgent = nil, nil, ""
	absent := plain
	absent.OmitEmptyQuery = true
	turned := input()
	turned.ShowStageVariables, turned.HideUserAgent = true, true
	for name, in := range map[string]Input{"full": input(), "plain": plain, "no-query": absent, "turned": turned} {
		t.Run(name, func(t *testing.T) {
			f := &function{answer: allow("*")}
			o := Ask(t.Context(), f, &api.Authorizer{}, in)
			if !o.Allowed() || len(f.asked) != 1 || string(o.Event) != string(f.asked[0]) {
				t.Fatalf("%+v", o)
			}
			var got bytes.Buffer
			if err := json.Indent(&got, o.Event, "", "  "); err != nil {
				t.Fatal(err)
			}
			got.WriteByte('\n')
			golden := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("got  %s\nwant %s", got.String(), want)
			}
		})
	}
}

func TestIdentitySources(t *testing.T) {
	for _, tt := range []struct {
		sources string
		status  int
		reason  string
	}{
		{"", 200, ""},
		{"route.request.header.Auth", 200, ""},
		{"route.request.header.auth", 200, ""},
		{"route.request.header.Host", 200, ""},
		{"route.request.querystring.token", 200, ""},
		{"stageVariables.table", 200, ""},
		{"context.stage", 200, ""},
		{"context.identity.sourceIp", 200, ""},
		{"context.connectedAt", 200, ""},
		{"route.request.header.Auth route.request.querystring.token stageVariables.table context.apiId", 200, ""},
		{"route.request.header.Authorization", 401, "the identity source route.request.header.Authorization is missing or empty"},
		{"route.request.header.X-Empty", 401, "missing or empty"},
		{"route.request.querystring.Token", 401, "missing or empty"},
		{"route.request.querystring.empty", 401, "missing or empty"},
		{"stageVariables.other", 401, "missing or empty"},
		{"context.nothing", 401, "missing or empty"},
		{"context.stage.name", 401, "missing or empty"},
		{"route.request.header.Auth route.request.querystring.none", 401, "querystring.none is missing"},
		{"$request.header.Auth", 500, `"$request.header.Auth" is no identity source: write route.request.header.NAME`},
		{"context.", 500, "no identity source"},
	} {
		t.Run(tt.sources, func(t *testing.T) {
			f := &function{answer: allow("*")}
			o := Ask(t.Context(), f, &api.Authorizer{IdentitySource: strings.Fields(tt.sources)}, input())
			if o.Status != tt.status || !strings.Contains(o.Reason, tt.reason) {
				t.Errorf("%d: %s", o.Status, o.Reason)
			}
			if run := len(f.asked) > 0; run != (tt.status == 200) || run != (o.Event != nil) {
				t.Errorf("the function was run %d times", len(f.asked))
			}
		})
	}
	in := input()
	in.ExactHeaderNames = true
	if o := Ask(t.Context(), &function{answer: allow("*")}, &api.Authorizer{IdentitySource: []string{"route.request.header.auth"}}, in); o.Status != 401 {
		t.Errorf("ExactHeaderNames: %d", o.Status)
	}
}

// What an authorizer may answer, and what becomes of it.
func TestAnswers(t *testing.T) {
	with := func(members string) string { return strings.TrimSuffix(allow("*"), "}") + "," + members + "}" }
	for _, tt := range []struct {
		name   string
		f      function
		status int
		reason string
	}{
		{"allow", function{answer: allow("*")}, 200, "its policy allows it"},
		{"members nobody knows", function{answer: with(`"more":{"a":[1]}`)}, 200, ""},
		{"nulls", function{answer: with(`"context":null,"usageIdentifierKey":null`)}, 200, ""},

		{"Unauthorized", function{answer: `{"errorMessage":"Unauthorized","errorType":"errorString"}`, failed: true}, 401, `the function failed with "Unauthorized"`},
		{"unauthorized", function{answer: `{"errorMessage":"unauthorized"}`, failed: true}, 500, `the function failed with "unauthorized"; only the message "Unauthorized", exactly`},
		{"Unauthorized and more", function{answer: `{"errorMessage":"Unauthorized: no token"}`, failed: true}, 500, "only the message"},
		{"a panic", function{answer: `{"errorMessage":"boom","errorType":"string","stackTrace":[]}`, failed: true}, 500, `"boom"`},
		{"an error without JSON", function{answer: "boom", failed: true}, 500, "the function failed"},
		{"it cannot be run", function{err: lambda.ErrThrottled}, 500, "the function could not be run: lambda: Rate Exceeded"},

		{"nothing", function{}, 500, "its answer: it is not a JSON object"},
		{"null", function{answer: "null"}, 500, "not a JSON object: null"},
		{"a list", function{answer: "[]"}, 500, "not a JSON object: []"},
		{"as of $connect", function{answer: `{"statusCode":200}`}, 500, "it has no principalId"},
		{"as of an HTTP API", function{answer: `{"isAuthorized":true}`}, 500, "it has no principalId"},
		{"a principal in other letters", function{answer: strings.Replace(allow("*"), "principalId", "PrincipalID", 1)}, 500, "it has no principalId"},
		{"a principal of no letters", function{answer: strings.Replace(allow("*"), `"me"`, `""`, 1)}, 500, "principalId is empty"},
		{"a number as principal", function{answer: strings.Replace(allow("*"), `"me"`, "7", 1)}, 500, "principalId is not a string: 7"},
		{"no policy", function{answer: `{"principalId":"me"}`}, 500, "it has no policyDocument"},
		{"a policy as text", function{answer: `{"principalId":"me","policyDocument":"{}"}`}, 500, "policyDocument is not an object"},
		{"a number as usage key", function{answer: with(`"usageIdentifierKey":1`)}, 500, "usageIdentifierKey is not a string: 1"},
		{"a list as context", function{answer: with(`"context":[]`)}, 500, "context is not an object"},
		{"an object in the context", function{answer: with(`"context":{"a":"b","roles":{"admin":true}}`)}, 500, "context.roles is neither string, number nor boolean"},
		{"a list in the context", function{answer: with(`"context":{"roles":["admin"]}`)}, 500, "context.roles is neither"},
		{"null in the context", function{answer: with(`"context":{"a":null}`)}, 500, "context.a is neither"},
		{"8 KB", function{answer: pad(with(`"context":{"a":""}`), MaxAnswer)}, 200, ""},
		{"a byte more", function{answer: pad(with(`"context":{"a":""}`), MaxAnswer+1)}, 500, "it has 8193 bytes, and may have 8192 (8 KB)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := Ask(t.Context(), &tt.f, &api.Authorizer{}, input())
			if o.Status != tt.status || !strings.Contains(o.Reason, tt.reason) {
				t.Errorf("%d: %s\nwant %d: %s", o.Status, o.Reason, tt.status, tt.reason)
			}
			if o.Allowed() != (o.Principal != "") || o.Allowed() != (o.Authorizer() != nil) || o.Allowed() != (o.Message() == "") {
				t.Errorf("%+v", o)
			}
			if string(o.Answer) != tt.f.answer {
				t.Errorf("answer %q", o.Answer)
			}
		})
	}
}

// pad makes the context's "a" long.
func pad(answer string, size int) string {
	return strings.Replace(answer, `"a":""`, `"a":"`+strings.Repeat("x", size-len(answer))+`"`, 1)
}

// What the functions of the API get to see of it.
func TestContext(t *testing.T) {
	answer := strings.TrimSuffix(allow("*"), "}") +
		`,"usageIdentifierKey":"key-1","context":{"text":"a","number":1.0,"large":1152921504606846977,"yes":true,"principalId":"no"}}`
	for strings, want := range map[bool]string{
		false: `{"integrationLatency":0,"large":1152921504606846977,"number":1.0,"principalId":"me","text":"a","yes":true}`,
		true:  `{"integrationLatency":0,"large":"1152921504606846977","number":"1.0","principalId":"me","text":"a","yes":"true"}`,
	} {
		in := input()
		in.Strings = strings
		o := Ask(t.Context(), &function{answer: answer}, &api.Authorizer{}, in)
		if o.Principal != "me" || o.UsageIdentifierKey != "key-1" {
			t.Errorf("%+v", o)
		}
		o.Latency = 0
		got, err := json.Marshal(o.Authorizer())
		if err != nil || string(got) != want {
			t.Errorf("got  %s %v\nwant %s", got, err, want)
		}
	}
}

// How long it takes is the function's time, and the context bounds it.
func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 29*time.Second)
		defer cancel()
		o := Ask(ctx, slow(3*time.Second), &api.Authorizer{}, input())
		if !o.Allowed() || o.Latency != 3*time.Second || o.Authorizer()["integrationLatency"] != int64(3000) {
			t.Errorf("%+v", o)
		}
		o = Ask(ctx, slow(time.Minute), &api.Authorizer{}, input())
		if o.Status != http.StatusInternalServerError || o.Reason != "the function took too long" || o.Latency != 26*time.Second {
			t.Errorf("%+v", o)
		}
	})
}

type slow time.Duration

func (s slow) Invoke(ctx context.Context, _ []byte) (lambda.Result, error) {
	select {
	case <-time.After(time.Duration(s)):
		return lambda.Result{Payload: []byte(allow("*"))}, nil
	case <-ctx.Done():
		return lambda.Result{}, errors.Join(errors.New("invoke"), ctx.Err())
	}
}

package integration

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/05-apigw-lambda/gateway/api"
)

var request = Request{
	Body:           []byte(`{"action":"send","n":[1,2]}`),
	Context:        []byte(`{"connectionId":"c1=","apiId":"abc123","connectedAt":17}`),
	StageVariables: map[string]string{"path": "v1"},
	Headers:        map[string][]string{"X-Token": {"a", "b"}, "Host": {"gateway"}, "Sec-WebSocket-Key": {"k"}},
	Query:          map[string][]string{"q": {"1", "2"}},
}

func TestMock(t *testing.T) {
	ok := map[string]string{"$default": `{"statusCode": 200}`}
	for _, row := range []struct {
		name  string
		in    api.Integration
		body  string
		want  Answer
		error string
	}{
		{name: "no response", in: api.Integration{RequestTemplates: ok}, want: Answer{Status: 200}},
		{name: "the template is chosen by name",
			in:   api.Integration{TemplateSelection: "200", RequestTemplates: map[string]string{"200": `{"statusCode":201}`, "$default": `{"statusCode":500}`}},
			want: Answer{Status: 201}},
		{name: "the template is chosen by the message",
			in:   api.Integration{TemplateSelection: "$request.body.action", RequestTemplates: map[string]string{"send": `{"statusCode":202}`}},
			want: Answer{Status: 202}},
		{name: "the AWS CLI's sample", in: api.Integration{RequestTemplates: map[string]string{"application/json": `{"statusCode":200}`}}, want: Answer{Status: 200}},
		{name: "the message itself", body: `{"statusCode": "204"}`, want: Answer{Status: 204}},
		{name: "no status", in: api.Integration{RequestTemplates: map[string]string{"$default": `{}`}}, error: "no statusCode"},
		{name: "another name", in: api.Integration{RequestTemplates: map[string]string{"$default": `{"StatusCode":200}`}}, error: "no statusCode"},
		{name: "no JSON", in: api.Integration{RequestTemplates: map[string]string{"$default": `ok`}}, error: "no JSON"},
		{name: "a heartbeat", in: api.Integration{RequestTemplates: ok, Responses: []api.IntegrationResponse{{
			Key: "$default", Templates: map[string]string{"$default": `{"type":"pong","to":"$context.connectionId","body":$input.body}`}}}},
			want: Answer{Status: 200, Response: "$default", Body: []byte(`{"type":"pong","to":"c1=","body":{}}`)}},
		{name: "responses by status", in: api.Integration{RequestTemplates: map[string]string{"$default": `{"statusCode":404}`},
			Responses: []api.IntegrationResponse{{Key: "$default"}, {Key: `/4\d\d/`, Templates: map[string]string{"$default": `not found`}}}},
			want: Answer{Status: 404, Response: `/4\d\d/`, Body: []byte("not found")}},
		{name: "the response's template is chosen by the status", in: api.Integration{RequestTemplates: ok,
			Responses: []api.IntegrationResponse{{Key: "200", TemplateSelection: "${integration.response.statuscode}", Templates: map[string]string{"200": "yes"}}}},
			want: Answer{Status: 200, Response: "200", Body: []byte("yes")}},
		{name: "a template that fails", in: api.Integration{RequestTemplates: map[string]string{"$default": "\n$util.nothing()"}}, error: "line 2"},
	} {
		row.in.Type = api.Mock
		r := request
		if row.body != "" {
			r.Body = []byte(row.body)
		}
		got, err := new(Runner).Run(t.Context(), &row.in, r)
		compare(t, row.name, got, err, row.want, row.error)
	}
}

func compare(t *testing.T, name string, got Answer, err error, want Answer, wantErr string) {
	t.Helper()
	switch {
	case wantErr != "" && (err == nil || !strings.Contains(err.Error(), wantErr)):
		t.Errorf("%s: %v; want an error with %q", name, err, wantErr)
	case wantErr == "" && err != nil:
		t.Errorf("%s: %v", name, err)
	case got.Status != want.Status || got.Response != want.Response || string(got.Body) != string(want.Body):
		t.Errorf("%s: %d %q %q; want %d %q %q", name, got.Status, got.Response, got.Body, want.Status, want.Response, want.Body)
	}
}

func TestPassthrough(t *testing.T) {
	for _, row := range []struct {
		behaviour string
		templates map[string]string
		want      string // what the function gets, "" if the message is rejected
	}{
		{"", nil, string(request.Body)},
		{"WHEN_NO_MATCH", nil, string(request.Body)},
		{"WHEN_NO_MATCH", map[string]string{"join": "{}"}, string(request.Body)},
		{"WHEN_NO_TEMPLATES", nil, string(request.Body)},
		{"WHEN_NO_TEMPLATES", map[string]string{"join": "{}"}, ""},
		{"NEVER", nil, ""},
		{"NEVER", map[string]string{"join": "{}"}, ""},
		{"NEVER", map[string]string{"send": `{"n":$input.json('$.n')}`}, `{"n":[1,2]}`},
		{"NEVER", map[string]string{"$default": `"d"`}, `"d"`},
	} {
		got := ""
		r := &Runner{Invoke: func(_ context.Context, _ string, payload []byte) ([]byte, string, error) {
			got = string(payload)
			return []byte("null"), "", nil
		}}
		in := &api.Integration{Type: api.AWS, Passthrough: row.behaviour, TemplateSelection: "$request.body.action", RequestTemplates: row.templates}
		_, err := r.Run(t.Context(), in, request)
		if got != row.want || errors.Is(err, ErrNoTemplate) != (row.want == "") {
			t.Errorf("%s, %v: the function got %q, %v; want %q", row.behaviour, row.templates, got, err, row.want)
		}
	}
}

func TestStrictTemplates(t *testing.T) {
	r := &Runner{Options: Options{StrictTemplates: true}}
	in := &api.Integration{Type: api.Mock, Passthrough: "NEVER", RequestTemplates: map[string]string{"$default": `{"statusCode":200}`}}
	if _, err := r.Run(t.Context(), in, request); !errors.Is(err, ErrNoTemplate) {
		t.Errorf("%v", err)
	}
}

func TestLambda(t *testing.T) {
	failed := []api.IntegrationResponse{
		{Key: "$default", Templates: map[string]string{"$default": `{"ok":$input.json('$.x')}`}},
		{Key: "/.*denied.*/", Templates: map[string]string{"$default": `{"error":$input.json('$.errorMessage')}`}},
	}
	for _, row := range []struct {
		name, result, functionError string
		responses                   []api.IntegrationResponse
		want                        Answer
		error                       string
	}{
		{"one-way", `{"x":1}`, "", nil, Answer{Status: 200}, ""},
		{"mapped", `{"x":1}`, "", failed, Answer{Status: 200, Response: "$default", Body: []byte(`{"ok":1}`)}, ""},
		{"an error that is expected", `{"errorMessage":"access denied!"}`, "Unhandled", failed,
			Answer{Status: 200, Response: "/.*denied.*/", Body: []byte(`{"error":"access denied!"}`)}, ""},
		{"any other error", `{"errorMessage":"boom"}`, "Unhandled", failed[:1], Answer{Status: 200, Response: "$default", Body: []byte(`{"ok":""}`)}, ""},
		{"an error, and nothing is there for it", `{"errorMessage":"boom"}`, "Unhandled", nil, Answer{}, "boom"},
		{"no $default", `{"x":1}`, "", failed[1:], Answer{Status: 200}, ""},
		{"no template", `{"x":1}`, "", []api.IntegrationResponse{{Key: "$default"}}, Answer{Status: 200, Response: "$default", Body: []byte(`{"x":1}`)}, ""},
		{"the answer as base64", `"hi"`, "", []api.IntegrationResponse{{Key: "$default", ContentHandling: "CONVERT_TO_TEXT"}},
			Answer{Status: 200, Response: "$default", Body: []byte("ImhpIg==")}, ""},
	} {
		r := &Runner{Invoke: func(_ context.Context, function string, _ []byte) ([]byte, string, error) {
			if function != "F" {
				t.Errorf("%s: function %q", row.name, function)
			}
			return []byte(row.result), row.functionError, nil
		}}
		in := &api.Integration{Type: api.AWS, Function: "F", Responses: row.responses}
		got, err := r.Run(t.Context(), in, request)
		compare(t, row.name, got, err, row.want, row.error)
	}

	throttled := errors.New("throttled")
	r := &Runner{Invoke: func(context.Context, string, []byte) ([]byte, string, error) { return nil, "", throttled }}
	if _, err := r.Run(t.Context(), &api.Integration{Type: api.AWS}, request); !errors.Is(err, throttled) {
		t.Errorf("the function cannot be run: %v", err)
	}
	noJSON := request
	noJSON.Body = []byte("hi")
	if _, err := r.Run(t.Context(), &api.Integration{Type: api.AWS}, noJSON); err == nil || errors.Is(err, throttled) {
		t.Errorf("a payload that is no JSON: %v", err)
	}
}

func TestEvent(t *testing.T) {
	in := &api.Integration{Type: api.AWS, Function: "F", RequestParameters: map[string]string{"integration.request.header.X-Amz-Invocation-Type": "'Event'"}}
	if _, err := new(Runner).Run(t.Context(), in, request); err == nil {
		t.Error("an event is run by nobody")
	}
	got := ""
	r := &Runner{Event: func(_ context.Context, function string, payload []byte) error {
		got = function + string(payload)
		return nil
	}}
	answer, err := r.Run(t.Context(), in, request)
	if err != nil || answer.Status != 202 || got != "F"+string(request.Body) {
		t.Errorf("%v, %v, %q", answer, err, got)
	}
}

func TestTimeout(t *testing.T) {
	for _, timeout := range []time.Duration{0, 50 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			r := &Runner{Invoke: func(ctx context.Context, _ string, _ []byte) ([]byte, string, error) {
				<-ctx.Done()
				return nil, "", ctx.Err()
			}}
			begin := time.Now()
			in := &api.Integration{Type: api.AWS, Timeout: timeout}
			_, err := r.Run(t.Context(), in, request)
			want := timeout
			if want == 0 {
				want = 29 * time.Second
			}
			if took := time.Since(begin); !errors.Is(err, ErrTimeout) || took != want {
				t.Errorf("%v after %v; want %v", err, took, want)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := r.Run(ctx, in, request); !errors.Is(err, context.Canceled) || errors.Is(err, ErrTimeout) {
				t.Errorf("canceled: %v", err)
			}
		})
	}
}

// backend tells what it was asked.
func backend(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/redirect":
		http.Redirect(w, r, "/", http.StatusFound)
	case "/missing":
		http.NotFound(w, r)
	case "/slow":
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the client has gone
		<-r.Context().Done()
	case "/huge":
		_, _ = io.Copy(w, io.LimitReader(zeros{}, MaxBody+1))
	case "/binary":
		_, _ = w.Write([]byte{0xFF, 0xFE})
	default:
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Kind", "echo")
		fmt.Fprintf(w, "%s %s %s token=%q type=%s agent=%s ws=%q body=%s", r.Method, r.Host, r.URL.RequestURI(),
			r.Header["X-Token"], r.Header.Get("Content-Type"), r.Header.Get("User-Agent"), r.Header["Sec-Websocket-Key"], body)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

func TestHTTP(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(backend))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	all := []api.IntegrationResponse{{Key: "$default"}}
	for _, row := range []struct {
		name    string
		in      api.Integration
		options Options
		want    Answer
		error   string
	}{
		{name: "proxy", in: api.Integration{Type: api.HTTPProxy, URI: "/"},
			want: Answer{Status: 200, Body: []byte(`POST ` + host + ` / token=[] type=application/json agent=AmazonAPIGateway_abc123 ws=[] body={"action":"send","n":[1,2]}`)}},
		{name: "proxy, no templates", in: api.Integration{Type: api.HTTPProxy, URI: "/missing", RequestTemplates: map[string]string{"$default": "x"}},
			want: Answer{Status: 404, Body: []byte("404 page not found\n")}},
		{name: "mapped, from everywhere", in: api.Integration{Type: api.HTTP, Method: "put", URI: "/${stageVariables.path}/{id}?a=1", Responses: all,
			RequestTemplates: map[string]string{"$default": `n=$input.path('$.n[1]')`},
			RequestParameters: map[string]string{
				"integration.request.path.id":             "context.connectionId",
				"integration.request.querystring.at":      "context.connectedAt",
				"integration.request.querystring.q":       "route.request.multivaluequerystring.q",
				"integration.request.querystring.one":     "route.request.querystring.q",
				"integration.request.querystring.v":       "stageVariables.path",
				"integration.request.querystring.none":    "route.request.body.none",
				"integration.request.header.X-Token":      "route.request.multivalueheader.x-token",
				"integration.request.header.Content-Type": "'text/plain'",
			}},
			want: Answer{Status: 200, Response: "$default",
				Body: []byte(`PUT ` + host + ` /v1/c1=?a=1&at=17&one=1&q=1&q=2&v=v1 token=["a" "b"] type=text/plain agent=AmazonAPIGateway_abc123 ws=[] body=n=2`)}},
		{name: "GET", in: api.Integration{Type: api.HTTP, Method: "GET", URI: "/missing", Responses: append(all, api.IntegrationResponse{
			Key: `/4\d\d/`, Templates: map[string]string{"$default": `{"error":"not there"}`}})},
			want: Answer{Status: 404, Response: `/4\d\d/`, Body: []byte(`{"error":"not there"}`)}},
		{name: "a response chosen by a header", in: api.Integration{Type: api.HTTP, URI: "/", ResponseSelection: "$integration.response.header.X-Kind",
			Responses: []api.IntegrationResponse{{Key: "echo", Templates: map[string]string{"$default": `an echo`}}}},
			want: Answer{Status: 200, Response: "echo", Body: []byte("an echo")}},
		{name: "no response", in: api.Integration{Type: api.HTTP, URI: "/missing"}, want: Answer{Status: 404}},
		{name: "a redirect is not followed", in: api.Integration{Type: api.HTTPProxy, URI: "/redirect"}, want: Answer{Status: 302}},
		{name: "binary to text", in: api.Integration{Type: api.HTTP, URI: "/binary", Responses: []api.IntegrationResponse{{Key: "$default", ContentHandling: "CONVERT_TO_TEXT"}}},
			want: Answer{Status: 200, Response: "$default", Body: []byte("//4=")}},
		{name: "binary to text, switched", options: Options{ConvertBinaryOnly: true},
			in:   api.Integration{Type: api.HTTP, URI: "/missing", Responses: []api.IntegrationResponse{{Key: "$default", ContentHandling: "CONVERT_TO_TEXT"}}},
			want: Answer{Status: 404, Response: "$default", Body: []byte("404 page not found\n")}},
		{name: "no base64", in: api.Integration{Type: api.HTTP, URI: "/", ContentHandling: "CONVERT_TO_BINARY"}, error: "not base64"},
		{name: "too much", in: api.Integration{Type: api.HTTP, URI: "/huge"}, error: "larger than 10 MiB"},
		{name: "too late", in: api.Integration{Type: api.HTTPProxy, URI: "/slow", Timeout: 50 * time.Millisecond}, error: ErrTimeout.Error()},
		{name: "headers go along, switched", options: Options{ForwardHeaders: true}, in: api.Integration{Type: api.HTTPProxy, URI: "/x"},
			want: Answer{Status: 200, Body: []byte(`POST ` + host + ` /x token=["a" "b"] type=application/json agent=AmazonAPIGateway_abc123 ws=[] body={"action":"send","n":[1,2]}`)}},
	} {
		row.in.URI = server.URL + row.in.URI
		r := &Runner{Options: row.options}
		got, err := r.Run(t.Context(), &row.in, request)
		if row.in.URI == server.URL+"/redirect" {
			got.Body = nil
		}
		compare(t, row.name, got, err, row.want, row.error)
	}

	server.Close()
	if _, err := new(Runner).Run(t.Context(), &api.Integration{Type: api.HTTPProxy, URI: server.URL}, request); err == nil || errors.Is(err, ErrTimeout) {
		t.Errorf("nobody is there: %v", err)
	}
}

func TestConvertToBinary(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))
	defer server.Close()
	r := request
	r.Body = []byte(base64.StdEncoding.EncodeToString([]byte{0, 1, 0xFF}))
	in := &api.Integration{Type: api.HTTP, URI: server.URL, ContentHandling: "CONVERT_TO_BINARY", Responses: []api.IntegrationResponse{{Key: "$default"}}}
	got, err := new(Runner).Run(t.Context(), in, r)
	compare(t, "to binary", got, err, Answer{Status: 200, Response: "$default", Body: []byte{0, 1, 0xFF}}, "")
}

func TestCheck(t *testing.T) {
	for _, row := range []struct {
		in   api.Integration
		want string
	}{
		{api.Integration{Type: api.Mock}, ""},
		{api.Integration{Type: api.Proxy}, "does not run here"},
		{api.Integration{Type: "VPC"}, "does not run here"},
		{api.Integration{Type: api.Mock, TemplateSelection: "$nothing"}, "no variable"},
		{api.Integration{Type: api.Mock, RequestTemplates: map[string]string{"a": "#if"}}, "template a"},
		{api.Integration{Type: api.Mock, ResponseSelection: "$x"}, "no variable"},
		{api.Integration{Type: api.Mock, Responses: []api.IntegrationResponse{{Key: "/(/"}}}, "response key /(/"},
		{api.Integration{Type: api.Mock, Responses: []api.IntegrationResponse{{Key: "a", Templates: map[string]string{"b": "#end"}}}}, "template b"},
		{api.Integration{Type: api.Mock, RequestParameters: map[string]string{"header.X": "'a'"}}, "is called integration.request"},
		{api.Integration{Type: api.Mock, RequestParameters: map[string]string{"integration.request.body.X": "'a'"}}, "is called integration.request"},
		{api.Integration{Type: api.Mock, RequestParameters: map[string]string{"integration.request.header.X": "a"}}, "is no value"},
		{api.Integration{Type: api.Mock, RequestParameters: map[string]string{"integration.request.header.X": "route.request.nothing"}}, "no variable"},
	} {
		row.in.ResourceID = "Thing"
		err := new(Runner).Check(&row.in)
		if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), "Thing")) {
			t.Errorf("%+v: %v; want %q", row.in, err, row.want)
		}
	}
}

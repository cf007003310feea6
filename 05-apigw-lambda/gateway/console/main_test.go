package console

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/gateway/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// chatAPI is like the one of deploy/template.yaml, with one of everything.
func chatAPI() *api.API {
	chat := &api.Integration{Type: api.Proxy, Function: "ChatFunction"}
	routes := map[string]*api.Route{
		api.Connect: {Integration: chat, Authorization: "CUSTOM", Authorizer: &api.Authorizer{Function: "AuthorizerFunction"}},
		"ping":      {Integration: &api.Integration{Type: api.Mock}, ResponseSelection: api.Default, Response: &api.RouteResponse{}},
		"weather":   {Integration: &api.Integration{Type: api.HTTPProxy, URI: "https://weather.example/now"}, KeyRequired: true},
		"empty":     {},
	}
	for _, key := range []string{"join", "leave", "send", "typing", "who", api.Default, api.Disconnect} {
		routes[key] = &api.Route{Integration: chat}
	}
	for key, r := range routes {
		r.Key = key
	}
	return &api.API{Name: "chat", Stage: api.Stage{Name: "prod"}, RouteSelection: "$request.body.action", Routes: routes}
}

// say is a function that answers with its payload.
type say struct{}

func (say) Invoke(_ context.Context, payload []byte) (lambda.Result, error) {
	return lambda.Result{Payload: payload, Environment: 1, Cold: true, Duration: 1500 * time.Microsecond, Log: "START\nannounced to 2\nEND"}, nil
}

// serve serves the page of a feed.
func serve(t *testing.T, o Options) (url string) {
	t.Helper()
	if o.API == nil {
		o.API = chatAPI()
	}
	s := httptest.NewServer(Handler(o))
	t.Cleanup(func() {
		s.CloseClientConnections() // pages stay as long as they can
		s.Close()
	})
	return s.URL
}

const (
	ana, bruno, zoe = "L0SM9cOFvHcCIhw=", "R1kmxc2VNjMCFIA=", "ZZqWec9xvHcCJtw="
	why             = "$request.body.action is "
)

func of(route, function, connection, request string, e trace.Event) trace.Event {
	e.Route, e.Function, e.Connection, e.Request, e.Integration = route, function, connection, request, "AWS_PROXY"
	return e
}

func eventJSON(route, connection, body string) json.RawMessage {
	e := map[string]any{"requestContext": map[string]any{
		"routeKey": route, "eventType": "MESSAGE", "connectionId": connection, "requestId": "JKJaXmPLvHcESHA=", "extendedRequestId": "JKJaXmPLvHcESHA=",
		"requestTime": "09/Feb/2024:20:19:03 +0000", "requestTimeEpoch": 1707509943000, "connectedAt": 1707509940000, "messageDirection": "IN",
		"messageId": "JKJaXcPAvHcCIhw=", "stage": "prod", "domainName": "local12345.execute-api.us-east-1.amazonaws.com", "apiId": "local12345",
		"identity": map[string]any{"sourceIp": "127.0.0.1", "userAgent": "Mozilla/5.0"},
	}, "body": body, "isBase64Encoded": false}
	text, _ := json.Marshal(e)
	return text
}

// life is what a gateway tells of a chat between two, one of whom is gone.
func life() []trace.Event {
	const target = "/prod?token=secret"
	const hello = `{"action":"send","room":"lobby","id":"7","text":"hello, <b>Bruno</b>"}`
	const said = `{"type":"message","room":"lobby","id":"7","from":"Ana","text":"hello, <b>Bruno</b>","cursor":"1111001","at":"2026-01-02T03:04:05.678Z"}`
	ok := json.RawMessage(`{"statusCode":200}`)
	const log = "START RequestId: 7c1f Version: $LATEST\nconnected\nEND RequestId: 7c1f\nREPORT RequestId: 7c1f\tDuration: 2.11 ms\tBilled Duration: 41 ms\tInit Duration: 38.20 ms\n"
	events := []trace.Event{
		// Ana's handshake: the authorizer, and a function that is started for it.
		{Kind: trace.Authorized, Connection: ana, Request: "c1", Function: "AuthorizerFunction", Status: 200, Why: "its policy allows it", Micros: 3100, Payload: json.RawMessage(`{"principalId":"Ana"}`)},
		of("$connect", "ChatFunction", ana, "c1", trace.Event{Kind: trace.Invoked, Payload: eventJSON("$connect", ana, "")}),
		of("$connect", "ChatFunction", ana, "c1", trace.Event{Kind: trace.Answered, Payload: ok, Status: 200, Micros: 40310, Environment: 1, Cold: true, Log: log}),
		{Kind: trace.Opened, Connection: ana, Status: 101, Text: target, Why: "chat.v1"},
		// Zoe is refused.
		{Kind: trace.Authorized, Connection: zoe, Request: "c2", Function: "AuthorizerFunction", Status: 403, Why: "its policy denies execute-api:Invoke on arn:aws:execute-api:us-east-1:123456789012:local12345/prod/$connect", Micros: 900, Payload: json.RawMessage(`{"principalId":"?"}`)},
		{Kind: trace.Refused, Connection: zoe, Request: "c2", Status: 403, Why: "its policy denies execute-api:Invoke on arn:aws:execute-api:us-east-1:123456789012:local12345/prod/$connect", Text: "/prod?token=old"},
		// Ana says something; Bruno hears it, somebody is gone, Ana hears it too.
		{Kind: trace.Message, Connection: ana, Request: "m1", Text: hello, Size: len(hello)},
		{Kind: trace.Routed, Connection: ana, Request: "m1", Route: "send", Why: why + `"send"`},
		of("send", "ChatFunction", ana, "m1", trace.Event{Kind: trace.Invoked, Payload: eventJSON("send", ana, hello)}),
		{Kind: trace.Posted, Connection: bruno, Method: "POST", Status: 200, Text: said, Size: len(said)},
		{Kind: trace.Posted, Connection: zoe, Method: "POST", Status: 410, Why: "the connection is gone, or never was", Text: said, Size: len(said)},
		{Kind: trace.Posted, Connection: ana, Method: "POST", Status: 200, Text: said, Size: len(said)},
		of("send", "ChatFunction", ana, "m1", trace.Event{
			Kind: trace.Answered, Payload: ok, Status: 200, Micros: 4120, Environment: 1, Log: "START\nconnection ZZqWec9xvHcCJtw= is gone\nEND\n",
			Warnings: []string{"goroutines were still busy when the function had answered: on AWS they freeze"},
		}),
		// A message that no function is told.
		{Kind: trace.Message, Connection: bruno, Request: "m2", Text: "hello", Size: 5},
		{Kind: trace.Routed, Connection: bruno, Request: "m2", Route: "$default", Why: "$request.body.action can't be evaluated: the message is not JSON"},
		of("$default", "ChatFunction", bruno, "m2", trace.Event{Kind: trace.Invoked, Payload: eventJSON("$default", bruno, "hello")}),
		of("$default", "ChatFunction", bruno, "m2", trace.Event{
			Kind: trace.Answered, Payload: json.RawMessage(`{"errorMessage":"nil map","errorType":"Panic"}`), Micros: 850, Environment: 2,
			Error: `the function failed: {"errorMessage":"nil map","errorType":"Panic"}`, Log: "panic: assignment to entry in nil map\n",
		}),
		{Kind: trace.Sent, Connection: bruno, Request: "m2", Text: `{"message": "Internal server error", "connectionId":"` + bruno + `", "requestId":"m2"}`, Size: 94},
		// A two-way MOCK.
		{Kind: trace.Message, Connection: ana, Request: "m3", Text: `{"action":"ping"}`, Size: 17},
		{Kind: trace.Routed, Connection: ana, Request: "m3", Route: "ping", Why: why + `"ping"`},
		{Kind: trace.Invoked, Connection: ana, Request: "m3", Route: "ping", Integration: "MOCK", Payload: eventJSON("ping", ana, `{"action":"ping"}`)},
		{Kind: trace.Answered, Connection: ana, Request: "m3", Route: "ping", Integration: "MOCK", Status: 200, Micros: 45, Payload: json.RawMessage(`{"type":"pong"}`)},
		{Kind: trace.Sent, Connection: ana, Request: "m3", Text: `{"type":"pong"}`, Size: 15},
		// Bruno goes.
		{Kind: trace.Closed, Connection: bruno, Request: "d1", Status: 1001, Why: "going away"},
		of("$disconnect", "ChatFunction", bruno, "d1", trace.Event{Kind: trace.Invoked, Payload: eventJSON("$disconnect", bruno, "")}),
		of("$disconnect", "ChatFunction", bruno, "d1", trace.Event{Kind: trace.Answered, Payload: ok, Status: 200, Micros: 1900, Environment: 1, Log: "START\nEND\n"}),
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range events {
		at = at.Add(1234 * time.Microsecond)
		events[i].At = at
	}
	return events
}

// tell tells events when somebody watches.
func tell(t *testing.T, f *trace.Feed, events ...trace.Event) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !f.On(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nobody watches")
		}
	}
	for _, e := range events {
		f.Tell(e)
	}
}

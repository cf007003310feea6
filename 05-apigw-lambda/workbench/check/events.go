package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
)

var eventRows = []Row{
	{ID: "message-fields", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: messageFields},
	{ID: "message-context", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: messageContext},
	{ID: "message-types", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: messageTypes},
	{ID: "message-body", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: messageBody},
	{ID: "message-route-key", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: messageRouteKey},
	{ID: "bare-fields", Mark: Observed, Fact: "2.1", Source: sampleEvents, needs: bareAPI, run: bareFields},
	{ID: "stage-variables", Mark: Observed, Fact: "2.1", Source: sampleEvents, needs: bareAPI, run: stageVariables},
	{ID: "event-ids", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: eventIDs},
	{ID: "event-ids-new", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: eventIDsNew},
	{ID: "request-ids-equal", Mark: Documented, Fact: "2.1", Source: "Developer Guide, WebSocket mapping template reference", run: requestIDsEqual},
	{ID: "connected-at", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: connectedAt},
	{ID: "request-time", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: requestTime},
	{ID: "names", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: namesOfAPI},
	{ID: "identity-fields", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: identityFields},
	{ID: "identity-no-agent", Mark: Unsure, Fact: "2.1", run: noAgent},
	{ID: "authorizer-in-message", Mark: Observed, Fact: "2.1", Source: "dherault/serverless-offline#1379", run: authorizerInMessage},
	{ID: "authorizer-types", Mark: Unsure, Fact: "5", run: authorizerTypes},

	{ID: "connect-fields", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: connectFields},
	{ID: "connect-header-case", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: connectHeaderCase},
	{ID: "connect-header-lines", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: connectHeaderLines},
	{ID: "connect-headers-added", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: connectHeadersAdded},
	{ID: "connect-headers-absent", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: connectHeadersAbsent},
	{ID: "connect-query", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: connectQuery},
	{ID: "authorizer-in-connect", Mark: Observed, Fact: "2.1", Source: "dherault/serverless-offline#1379", run: authorizerInConnect},

	{ID: "disconnect-fields", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: disconnectFields},
	{ID: "disconnect-headers", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: disconnectHeaders},
	{ID: "disconnect-types", Mark: Observed, Fact: "1.2", Source: "aws/aws-lambda-go#547; boto/boto3#3789", run: disconnectTypes},
	{ID: "disconnect-connected-at", Mark: Observed, Fact: "2.1", Source: sampleEvents, run: disconnectConnectedAt},
	{ID: "authorizer-in-disconnect", Mark: Observed, Fact: "2.1", Source: "boto/boto3#3789", run: authorizerInDisconnect},
}

// inContext are the fields of requestContext that all events have; the main
// API's have what the authorizer said as well.
var inContext = []string{
	"apiId", "connectedAt", "connectionId", "domainName", "eventType", "extendedRequestId", "identity",
	"messageDirection", "requestId", "requestTime", "requestTimeEpoch", "routeKey", "stage",
}

func contextWith(more ...string) []string {
	return slices.Sorted(slices.Values(append(more, inContext...)))
}

func messageFields(t *trial) {
	t.wantList("event", t.open("").ask().names(), []string{"body", "isBase64Encoded", "requestContext"})
}

func messageContext(t *trial) {
	t.wantList("requestContext", t.open("").ask().names("requestContext"), contextWith("authorizer", "messageId"))
}

// kinds says which kind of JSON value each field of a context is.
var kinds = map[string]string{
	"connectedAt": "number", "requestTimeEpoch": "number", "disconnectStatusCode": "number",
	"identity": "object", "authorizer": "object",
}

func kindOf(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "bool"
	case map[string]any:
		return "object"
	case nil:
		return "null"
	}
	return "array"
}

func (t *trial) wantKinds(e event) {
	for _, name := range e.names("requestContext") {
		wanted := kinds[name]
		if wanted == "" {
			wanted = "string"
		}
		t.value("kind of "+name, kindOf(e.at("requestContext", name)), wanted)
	}
}

// value wants a field to have a value.
func (t *trial) value(field, got, wanted string) {
	if got != wanted {
		t.fail("value", wanted, "field", field, "got", got)
	}
}

// shape wants a field to have a shape.
func (t *trial) shape(field, got string, wanted *regexp.Regexp) {
	if !wanted.MatchString(got) {
		t.fail("value", wanted.String(), "field", field, "got", got)
	}
}

func messageTypes(t *trial) {
	e := t.open("").ask()
	t.wantKinds(e)
	t.value("isBase64Encoded", written(e.at("isBase64Encoded")), "false")
	t.value("eventType", e.kind(), "MESSAGE")
	t.value("messageDirection", e.text("requestContext", "messageDirection"), "IN")
}

// messageBody wants the text as it was, and not what it means.
func messageBody(t *trial) {
	const text = "{ \"action\" : \"event\",\t\"a\": \"é ✓ \\u00e9 <&> 😀\",\n\"b\": 1.0}"
	p := t.open("")
	p.send(text)
	t.value("body", t.event(p.nextOr("{event}")).text("body"), text)
}

func messageRouteKey(t *trial) {
	t.value("routeKey", t.open("").ask().text("requestContext", "routeKey"), "event")
}

// askBare is the event of a message to the bare API.
func (t *trial) askBare() event {
	p := t.enter(t.knock(knock{at: t.Bare}))
	return p.ask()
}

func bareFields(t *trial) {
	e := t.askBare()
	t.wantList("event", e.names(), []string{"body", "isBase64Encoded", "requestContext", "stageVariables"})
	t.wantList("requestContext", e.names("requestContext"), contextWith("messageId"))
	t.value("routeKey", e.text("requestContext", "routeKey"), "$default")
}

func stageVariables(t *trial) {
	t.value("stageVariables", written(t.askBare().at("stageVariables")), `{"colour":"green"}`)
}

func eventIDs(t *trial) {
	e := t.open("").ask()
	for _, name := range []string{"connectionId", "messageId", "requestId", "extendedRequestId"} {
		t.shape(name, e.text("requestContext", name), wholeID)
	}
}

func eventIDsNew(t *trial) {
	p := t.open("")
	first, second := p.ask(), p.ask()
	for name, same := range map[string]bool{"connectionId": true, "messageId": false, "requestId": false} {
		a, b := first.text("requestContext", name), second.text("requestContext", name)
		if (a == b) != same {
			t.fail("pair", "", "field", name, "first", a, "second", b)
		}
	}
}

func requestIDsEqual(t *trial) {
	e := t.open("").ask()
	t.value("extendedRequestId", e.text("requestContext", "extendedRequestId"), e.text("requestContext", "requestId"))
}

func connectedAt(t *trial) {
	p := t.open("")
	first := written(p.ask().at("requestContext", "connectedAt"))
	time.Sleep(20 * time.Millisecond) // a clock that ticks would show it
	t.value("connectedAt", written(p.ask().at("requestContext", "connectedAt")), first)
}

// requestTime wants the two ways to tell a time to agree, and to be after
// connectedAt.
func requestTime(t *trial) {
	e := t.open("").ask()
	text := e.text("requestContext", "requestTime")
	epoch, _ := e.at("requestContext", "requestTimeEpoch").(float64)
	since, _ := e.at("requestContext", "connectedAt").(float64)
	t.shape("requestTime", text, regexp.MustCompile(`^\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d \+0000$`))
	t.value("requestTime", text, time.UnixMilli(int64(epoch)).UTC().Format("02/Jan/2006:15:04:05 -0700"))
	if epoch < since {
		t.fail("pair", "", "field", "connectedAt <= requestTimeEpoch", "first", since, "second", epoch)
	}
}

func namesOfAPI(t *trial) {
	e := t.open("").ask()
	id := e.text("requestContext", "apiId")
	t.shape("apiId", id, regexp.MustCompile(`^[a-z0-9]{10}$`))
	t.shape("domainName", e.text("requestContext", "domainName"),
		regexp.MustCompile(`^`+id+`\.execute-api\.[a-z]+(-[a-z]+)+-\d\.amazonaws\.com$`))
	t.value("stage", e.text("requestContext", "stage"), strings.Trim(t.Main.Path, "/"))
}

func identityFields(t *trial) {
	e := t.open("").ask()
	t.wantList("identity", e.names("requestContext", "identity"), []string{"sourceIp", "userAgent"})
	t.value("userAgent", e.text("requestContext", "identity", "userAgent"), agent)
	t.shape("sourceIp", e.text("requestContext", "identity", "sourceIp"), regexp.MustCompile(`^[0-9a-f.:]+$`))
}

func noAgent(t *trial) {
	p := t.enter(t.knock(knock{drop: "User-Agent"}))
	t.tell("userAgent %s", written(p.ask().at("requestContext", "identity", "userAgent")))
}

// fromAuthorizer wants what the probe's authorizer says.
func (t *trial) fromAuthorizer(e event) {
	t.wantList("authorizer", e.names("requestContext", "authorizer"),
		[]string{"bool", "integrationLatency", "number", "principalId", "text", "watcher"})
	t.value("principalId", e.text("requestContext", "authorizer", "principalId"), "probe")
	t.value("text", e.text("requestContext", "authorizer", "text"), "text")
}

func authorizerInMessage(t *trial) { t.fromAuthorizer(t.open("").ask()) }

func authorizerTypes(t *trial) {
	e := t.open("").ask()
	said := func(name string) string {
		v := e.at("requestContext", "authorizer", name)
		return name + " " + kindOf(v)
	}
	t.tell("%s, %s, %s", said("number"), said("bool"), said("integrationLatency"))
}

// connecting is the event of a $connect.
func connecting(t *trial, query string, header ...handshake.Field) event {
	w, p := t.watched(query, header...)
	return w.toldConnect(p)
}

func connectFields(t *trial) {
	e := connecting(t, "a=1")
	t.wantList("event", e.names(), []string{
		"headers", "isBase64Encoded", "multiValueHeaders", "multiValueQueryStringParameters", "queryStringParameters", "requestContext",
	})
	t.wantList("requestContext", e.names("requestContext"), contextWith("authorizer"))
	t.wantKinds(e)
	t.value("eventType", e.kind(), "CONNECT")
	t.value("routeKey", e.text("requestContext", "routeKey"), "$connect")
}

func connectHeaderCase(t *trial) {
	e := connecting(t, "", handshake.Field{Name: "x-LOWER-and-Upper", Value: "a"})
	t.value("x-LOWER-and-Upper", e.text("headers", "x-LOWER-and-Upper"), "a")
	t.value("x-LOWER-and-Upper", written(e.at("multiValueHeaders", "x-LOWER-and-Upper")), `["a"]`)
}

func connectHeaderLines(t *trial) {
	e := connecting(t, "", handshake.Field{Name: "X-Two", Value: "a"}, handshake.Field{Name: "X-Two", Value: "b"})
	t.value("X-Two", written(e.at("multiValueHeaders", "X-Two")), `["a","b"]`)
}

func connectHeadersAdded(t *trial) {
	e := connecting(t, "")
	t.shape("X-Amzn-Trace-Id", e.text("headers", "X-Amzn-Trace-Id"), regexp.MustCompile(`^Root=1-[0-9a-f]{8}-[0-9a-f]{24}`))
	t.value("X-Forwarded-Port", e.text("headers", "X-Forwarded-Port"), "443")
	t.value("X-Forwarded-Proto", e.text("headers", "X-Forwarded-Proto"), "https")
	t.value("X-Forwarded-For", e.text("headers", "X-Forwarded-For"), e.text("requestContext", "identity", "sourceIp"))
}

func connectHeadersAbsent(t *trial) {
	e := connecting(t, "")
	for _, name := range append(e.names("headers"), e.names("multiValueHeaders")...) {
		if strings.EqualFold(name, "Connection") || strings.EqualFold(name, "Upgrade") {
			t.fail("list", "", "what", "headers", "missing", "-", "extra", name)
		}
	}
}

func connectQuery(t *trial) {
	e := connecting(t, "a=1&a=2&b=c%20d")
	t.value("multiValueQueryStringParameters.a", written(e.at("multiValueQueryStringParameters", "a")), `["1","2"]`)
	t.value("queryStringParameters.b", e.text("queryStringParameters", "b"), "c d")
}

func authorizerInConnect(t *trial) { t.fromAuthorizer(connecting(t, "")) }

// disconnecting is the event of a $disconnect.
func disconnecting(t *trial) (*peer, event) {
	w, p := t.watched("")
	p.connectionID()
	p.leave(frame.NormalClosure, "")
	return p, w.toldDisconnect()
}

func disconnectFields(t *trial) {
	_, e := disconnecting(t)
	t.wantList("event", e.names(), []string{"headers", "isBase64Encoded", "multiValueHeaders", "requestContext"})
	t.wantList("requestContext", e.names("requestContext"), contextWith("authorizer", "disconnectReason", "disconnectStatusCode"))
	t.value("routeKey", e.text("requestContext", "routeKey"), "$disconnect")
}

func disconnectHeaders(t *trial) {
	_, e := disconnecting(t)
	host := e.text("requestContext", "domainName")
	t.value("headers", written(e.at("headers")), fmt.Sprintf(`{"Host":%q,"X-Forwarded-For":"","x-api-key":"","x-restapi":""}`, host))
	t.value("multiValueHeaders", written(e.at("multiValueHeaders")),
		fmt.Sprintf(`{"Host":[%q],"X-Forwarded-For":[""],"x-api-key":[""],"x-restapi":[""]}`, host))
}

func disconnectTypes(t *trial) {
	_, e := disconnecting(t)
	t.wantKinds(e)
	t.value("messageDirection", e.text("requestContext", "messageDirection"), "IN")
}

func disconnectConnectedAt(t *trial) {
	p, e := disconnecting(t)
	t.value("connectionId", e.text("requestContext", "connectionId"), p.id)
	t.value("connectedAt", written(e.at("requestContext", "connectedAt")), written(p.event.at("requestContext", "connectedAt")))
}

func authorizerInDisconnect(t *trial) {
	_, e := disconnecting(t)
	t.fromAuthorizer(e)
}

package gateway

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/authorizer"
	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/gateway/trace"
)

// quote shows a text from outside, on one line and not too long.
func quote(s string) string {
	return strconv.Quote(short(s, 100))
}

// short cuts a text off between two letters.
func short(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

// shown is how much of a frame one sees.
const shown = 2000

func (g *Gateway) showOpened(c *client) {
	if !g.o.Feed.On() {
		return
	}
	g.o.Feed.Tell(trace.Event{
		Kind: trace.Opened, Connection: c.ID, Status: http.StatusSwitchingProtocols,
		Text: short(c.Handshake.Request.Target, shown), Why: c.Handshake.Subprotocol,
	})
}

func (g *Gateway) showRefused(c *client, request string, r *refusal) {
	g.log.Info("a connection was refused", "status", r.status, "reason", r.why)
	if !g.o.Feed.On() {
		return
	}
	g.o.Feed.Tell(trace.Event{
		Kind: trace.Refused, Connection: c.ID, Request: request, Status: r.status, Why: r.why,
		Text: short(c.Handshake.Request.Target, shown),
	})
}

func (g *Gateway) showAuthorized(c *client, request string, a *api.Authorizer, out authorizer.Outcome) {
	if !g.o.Feed.On() {
		return
	}
	g.o.Feed.Tell(trace.Event{
		Kind: trace.Authorized, Connection: c.ID, Request: request, Function: a.Function, Status: out.Status, Why: out.Reason,
		Payload: raw(out.Answer), Micros: out.Latency.Microseconds(),
	})
}

func (g *Gateway) showMessage(c *client, request, text string) {
	if !g.o.Feed.On() {
		return
	}
	g.o.Feed.Tell(trace.Event{Kind: trace.Message, Connection: c.ID, Request: request, Text: short(text, shown), Size: len(text)})
}

func (g *Gateway) showRouted(c *client, request string, route *api.Route, why string) {
	if !g.o.Feed.On() {
		return
	}
	e := trace.Event{Kind: trace.Routed, Connection: c.ID, Request: request, Why: why}
	if route != nil {
		e.Route = route.Key
	}
	g.o.Feed.Tell(e)
}

func (g *Gateway) showInvoked(c *client, request string, route *api.Route, payload []byte) {
	if !g.o.Feed.On() {
		return
	}
	g.o.Feed.Tell(trace.Event{
		Kind: trace.Invoked, Connection: c.ID, Request: request, Route: route.Key,
		Integration: string(route.Integration.Type), Function: route.Integration.Function, Payload: raw(payload),
	})
}

func (g *Gateway) showAnswered(c *client, request string, route *api.Route, r lambda.Result, out outcome, took time.Duration) {
	for _, w := range r.Warnings {
		g.log.Warn(w, "function", route.Integration.Function, "requestId", request)
	}
	if !g.o.Feed.On() {
		return
	}
	e := trace.Event{
		Kind: trace.Answered, Connection: c.ID, Request: request, Route: route.Key,
		Integration: string(route.Integration.Type), Function: route.Integration.Function, Payload: raw(r.Payload),
		Status: out.status, Micros: took.Microseconds(), Environment: r.Environment, Cold: r.Cold, Log: r.Log, Warnings: r.Warnings,
	}
	if out.failed {
		e.Error = out.why
	}
	g.o.Feed.Tell(e)
}

func (g *Gateway) showSent(c *client, request string, frame []byte, err error) {
	if !g.o.Feed.On() {
		return
	}
	e := trace.Event{Kind: trace.Sent, Connection: c.ID, Request: request, Text: short(string(frame), shown), Size: len(frame)}
	if err != nil {
		e.Error = err.Error()
	}
	g.o.Feed.Tell(e)
}

func (g *Gateway) showCall(method, connection string, body []byte, status int, why string) {
	if !g.o.Feed.On() {
		return
	}
	g.o.Feed.Tell(trace.Event{
		Kind: trace.Posted, Connection: connection, Method: method, Status: status, Why: why,
		Text: short(string(body), shown), Size: len(body),
	})
}

func (g *Gateway) showClosed(c *client, request string, code int, reason string) {
	if !g.o.Feed.On() {
		return
	}
	g.o.Feed.Tell(trace.Event{Kind: trace.Closed, Connection: c.ID, Request: request, Status: code, Why: reason})
}

// raw is JSON as it is, and anything else as a text.
func raw(b []byte) json.RawMessage {
	if json.Valid(b) {
		return json.RawMessage(b)
	}
	text, _ := json.Marshal(string(b))
	return text
}

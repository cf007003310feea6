package gateway

import (
	"context"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/edge"
	"websocket.example/05-apigw-lambda/gateway/id"
	"websocket.example/05-apigw-lambda/gateway/selection"
)

// Message is told every text message of a client.
func (g handler) Message(conn *edge.Conn, text string) {
	c, request, at := clientOf(conn), id.New(), time.Now()
	g.showMessage(c, request, text)

	route, why := g.choose(text)
	g.showRouted(c, request, route, why)
	key := api.Default
	if route != nil {
		key = route.Key
	}
	if ok, why := g.limits.allow(key); !ok {
		g.throttled(c, request, why)
		return
	}
	if route == nil {
		g.say(c, request, errorFrame(forbidden, c.ID, request))
		return
	}
	message := id.New()
	if why := g.unfit(route, text); why != "" {
		g.log.Info("the message does not fit its model", "route", route.Key, "reason", why)
		g.say(c, request, badBody(c.ID, message))
		return
	}
	e := c.source.OfMessage(route.Key, request, message, at, text)
	out := g.run(context.Background(), c, route, request, &e)
	switch {
	case out.timedOut && !out.byFunction:
		g.say(c, request, errorFrame(timedOut, c.ID, request))
	case out.failed:
		g.say(c, request, errorFrame(failed, c.ID, request))
	case route.TwoWay():
		if len(out.body) > 0 {
			g.say(c, request, out.body)
		}
	case out.status >= 400:
		g.log.Warn("a one-way route answered with an error, of which the client is told nothing", "route", route.Key, "statusCode", out.status)
		if g.o.Unsure.Is("one-way-status", "error") {
			g.say(c, request, errorFrame(failed, c.ID, request))
		}
	}
}

// choose finds the route of a message, and why it is this one. Nil is none.
//
// API Gateway, "Working with routes": an exact match, else $default; also if
// the message is no JSON, or the expression can't be evaluated.
func (g *Gateway) choose(text string) (route *api.Route, why string) {
	value, ok := g.routes.Evaluate(&selection.Context{
		Body: []byte(text), StageVariables: g.o.API.Stage.Variables, Options: g.selects,
	})
	if !ok {
		value = api.Default
		why = g.routes.String() + " can't be evaluated: the message is not JSON"
	} else {
		why = g.routes.String() + " is " + quote(value)
	}
	key, found := selection.Route(g.o.API.Routes, value, g.selects)
	switch {
	case !found:
		return nil, why + ", and there is no such route and no $default"
	case ok && key != value:
		why += ", for which there is no route"
	}
	return g.o.API.Routes[key], why
}

func (g *Gateway) throttled(c *client, request, why string) {
	g.log.Warn("throttled", "connectionId", c.ID, "limit", why)
	if g.o.Unsure.Is("throttled-message", "close") {
		c.Close(frame.PolicyViolation, "Too many requests")
		return
	}
	g.say(c, request, errorFrame(tooMany, c.ID, request))
}

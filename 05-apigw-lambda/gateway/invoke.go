package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/event"
	"websocket.example/05-apigw-lambda/gateway/integration"
	"websocket.example/05-apigw-lambda/gateway/lambda"
)

// longest is how long an integration may take.
//
// API Gateway quotas for WebSocket APIs: 50 ms to 29 s.
const longest = 29 * time.Second

// An outcome is what became of an integration.
type outcome struct {
	status int
	answer integration.ProxyAnswer // of a proxy integration, for its headers
	body   []byte                  // for a two-way route

	failed     bool // anything but an answer: the client is told an error
	timedOut   bool // it failed because it took too long
	byFunction bool // longer than the function's own Timeout allows
	why        string
}

func failure(format string, args ...any) outcome {
	return outcome{failed: true, why: fmt.Sprintf(format, args...)}
}

// run runs what is behind a route, for at most as long as it may take.
func (g *Gateway) run(ctx context.Context, c *client, route *api.Route, request string, e *event.Event) outcome {
	in := route.Integration
	if in == nil {
		return failure("there is nothing behind the route %s", route.Key)
	}
	timeout := longest
	if in.Timeout > 0 {
		timeout = min(timeout, in.Timeout)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	start := time.Now()
	var out outcome
	if in.Type == api.Proxy {
		out = g.runProxy(ctx, c, route, request, e)
	} else {
		out = g.runMapped(ctx, c, route, request, e)
	}
	if out.failed {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) && !out.byFunction {
			out.timedOut = true
			out.why = fmt.Sprintf("it took more than %v", timeout)
		}
		g.log.Error("the integration failed", "route", route.Key, "connectionId", c.ID, "requestId", request,
			"reason", out.why, "after", time.Since(start).Round(time.Millisecond))
	}
	return out
}

// runProxy invokes a function with the event, and reads status and body from
// its answer.
func (g *Gateway) runProxy(ctx context.Context, c *client, route *api.Route, request string, e *event.Event) outcome {
	in := route.Integration
	payload := encode(e)
	g.showInvoked(c, request, route, payload)
	start := time.Now()
	result, err := g.invoke(ctx, in, payload)
	var out outcome
	switch {
	case err != nil:
		out = failure("%v", err)
	case result.Error != "":
		out = failure("the function failed: %s", result.Payload)
		out.byFunction = isTimeout(result.Payload)
		out.timedOut = out.byFunction
	default:
		answer, err := integration.Proxy(result.Payload, g.mapped.Options)
		if err != nil {
			out = failure("malformed Lambda proxy response: %v", err)
		} else {
			out = outcome{status: answer.Status, answer: answer, body: answer.Body}
		}
	}
	g.showAnswered(c, request, route, result, out, time.Since(start))
	return out
}

// invoke finds the function of an integration, and invokes it.
func (g *Gateway) invoke(ctx context.Context, in *api.Integration, payload []byte) (lambda.Result, error) {
	if in.NoPermission {
		return lambda.Result{}, fmt.Errorf("no AWS::Lambda::Permission lets this API invoke %s: on AWS its log would be empty", in.Function)
	}
	f := g.o.Functions[in.Function]
	if f == nil {
		return lambda.Result{}, notHere(in.Function)
	}
	return f.Invoke(ctx, payload)
}

// isTimeout says whether a function's error is its own timeout.
func isTimeout(payload []byte) bool {
	var e struct{ ErrorType, ErrorMessage string }
	return json.Unmarshal(payload, &e) == nil &&
		(e.ErrorType == "Sandbox.Timedout" || strings.Contains(e.ErrorMessage, "Task timed out after"))
}

// runMapped runs an integration that is told what a mapping template makes.
func (g *Gateway) runMapped(ctx context.Context, c *client, route *api.Route, request string, e *event.Event) outcome {
	payload := encode(e)
	g.showInvoked(c, request, route, payload)
	start := time.Now()
	asked := integration.Request{
		Context: contextOf(payload), StageVariables: g.o.API.Stage.Variables, Headers: e.MultiValueHeaders, Query: e.MultiValueQuery,
	}
	if e.Body != nil {
		asked.Body = []byte(*e.Body)
	}
	answer, err := g.mapped.Run(ctx, route.Integration, asked)
	out := outcome{status: answer.Status, body: answer.Body}
	switch {
	case err != nil:
		out = failure("%v", err)
		out.timedOut = errors.Is(err, integration.ErrTimeout)
	case route.Key == api.Connect && answer.Response == "" && route.Integration.Type != api.Mock:
		out.status = http.StatusOK // observed on AWS: without an integration response any answer lets in
	}
	g.showAnswered(c, request, route, lambda.Result{Payload: answer.Body}, out, time.Since(start))
	return out
}

// contextOf is requestContext as mapping templates see it.
func contextOf(payload []byte) []byte {
	var e struct{ RequestContext json.RawMessage }
	_ = json.Unmarshal(payload, &e) // it was written by encode
	return e.RequestContext
}

// newRunner makes who runs them.
func (g *Gateway) newRunner() *integration.Runner {
	return &integration.Runner{
		Options: integrationOptions(g.o.Unsure),
		Invoke: func(ctx context.Context, function string, payload []byte) ([]byte, string, error) {
			f := g.o.Functions[function]
			if f == nil {
				return nil, "", notHere(function)
			}
			r, err := f.Invoke(ctx, payload)
			return r.Payload, r.Error, err
		},
	}
}

func notHere(function string) error { return fmt.Errorf("the function %q does not run here", function) }

// encode writes JSON as AWS does: < is <, not \u003c.
func encode(e *event.Event) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(e) // strings and numbers only
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

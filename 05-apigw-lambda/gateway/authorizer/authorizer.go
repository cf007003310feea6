// Package authorizer asks a Lambda REQUEST authorizer whether a client may
// connect. It is asked once, before $connect, and never for a message.
//
//	authorizer.go Ask: from the handshake to one of 200, 401, 403, 500
//	identity.go   the identity sources: without all of them nobody is asked
//	event.go      what the authorizer is told
//	answer.go     what it may answer
//	policy.go     what its policy says of this route
//
// The outcomes, and where they come from:
//
//	401  an identity source is missing or empty; the function is not run
//	401  the function failed with the message "Unauthorized", exactly
//	403  its policy denies, or does not allow
//	500  it failed in any other way, or its answer is no answer
//	200  its policy allows
//
// The facts are those of the API Gateway Developer Guide, "Control access to
// WebSocket APIs with AWS Lambda REQUEST authorizers". What the guide leaves
// open is switched in Input. No answer is kept for the next client: API Gateway
// offers no cache for WebSocket APIs.
package authorizer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/event"
	"websocket.example/05-apigw-lambda/gateway/lambda"
)

// An Input is what is known of the client.
type Input struct {
	MethodARN string           // arn:aws:execute-api:{region}:{account}:{api}/{stage}/$connect
	Header    handshake.Header // as the client sent it
	Query     url.Values
	Source    event.Source // what all events of the connection have in common
	RequestID string       // that of $connect
	At        time.Time
	Trace     string // X-Amzn-Trace-Id; "" makes one

	// What nobody outside AWS knows for sure. False is the default.

	Strings            bool // numbers and booleans of the context become strings, as in REST APIs
	ExactHeaderNames   bool // identity sources compare the names of headers with their case
	ShowStageVariables bool // the event has the stage's variables; else it has {}
	OmitEmptyQuery     bool // without a query the event has no maps for it; else it has {}
	HideUserAgent      bool // requestContext.identity has the address only
}

// An Outcome is what became of it.
type Outcome struct {
	Status             int // 200 lets the client go on; else the handshake's answer
	Principal          string
	Context            map[string]any // strings, bools and json.Numbers
	UsageIdentifierKey string
	Latency            time.Duration // of the function; 0 if it was not run
	Reason             string        // for the log: why, and how to mend it

	Event  []byte // what the function got; nil if it was not run
	Answer []byte // what it returned
	Result lambda.Result
}

// Allowed says whether the client may go on.
func (o *Outcome) Allowed() bool { return o.Status == http.StatusOK }

// Message is the body's "message" for a refusal. That the body looks like it
// does in a REST API is a guess; browsers can't read it.
func (o *Outcome) Message() string {
	switch o.Status {
	case http.StatusUnauthorized:
		return "Unauthorized"
	case http.StatusForbidden:
		return "Forbidden"
	case http.StatusInternalServerError:
		return "Internal server error"
	}
	return ""
}

// Authorizer is what all events of the connection have under
// requestContext.authorizer.
func (o *Outcome) Authorizer() map[string]any {
	if !o.Allowed() {
		return nil
	}
	m := make(map[string]any, len(o.Context)+2)
	maps.Copy(m, o.Context)
	m["principalId"] = o.Principal
	m["integrationLatency"] = o.Latency.Milliseconds()
	return m
}

// Ask asks the authorizer a, which is the function fn. The context bounds how
// long it may take.
func Ask(ctx context.Context, fn lambda.Function, a *api.Authorizer, in Input) Outcome {
	e := in.event()
	if status, reason := in.identify(a, &e); reason != "" {
		return Outcome{Status: status, Reason: reason}
	}
	payload, err := json.Marshal(e)
	if err != nil {
		return Outcome{Status: http.StatusInternalServerError, Reason: "its event: " + err.Error()}
	}
	start := time.Now()
	result, err := fn.Invoke(ctx, payload)
	o := Outcome{Latency: time.Since(start), Event: payload, Answer: result.Payload, Result: result}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		o.fail(http.StatusInternalServerError, "the function took too long")
	case err != nil:
		o.fail(http.StatusInternalServerError, "the function could not be run: %v", err)
	case result.Error != "":
		o.failed(result.Payload)
	default:
		o.judge(in)
	}
	return o
}

func (o *Outcome) fail(status int, format string, args ...any) {
	o.Status, o.Reason = status, fmt.Sprintf(format, args...)
}

// failed is a function that returned an error. One message means something.
func (o *Outcome) failed(payload []byte) {
	var failure struct {
		Message string `json:"errorMessage"`
	}
	if err := json.Unmarshal(payload, &failure); err != nil {
		o.fail(http.StatusInternalServerError, "the function failed")
		return
	}
	if failure.Message == "Unauthorized" {
		o.fail(http.StatusUnauthorized, `the function failed with "Unauthorized"`)
		return
	}
	o.fail(http.StatusInternalServerError, "the function failed with %q; only the message \"Unauthorized\", exactly, becomes 401", failure.Message)
}

func (o *Outcome) judge(in Input) {
	a, err := decode(o.Answer, in.Strings)
	if err != nil {
		o.fail(http.StatusInternalServerError, "its answer: %v", err)
		return
	}
	allowed, reason := a.policy.judge(in.MethodARN)
	if !allowed {
		o.fail(http.StatusForbidden, "%s", reason)
		return
	}
	o.Status, o.Reason = http.StatusOK, reason
	o.Principal, o.Context, o.UsageIdentifierKey = a.principal, a.context, a.usageKey
}

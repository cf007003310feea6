// Package probe is a function that does on demand whatever a function can do,
// well or badly, so that a client can see what API Gateway makes of it. It
// keeps nothing: what happened to one connection is told in the answer, in the
// status of the handshake, or by a post to a second connection, the watcher.
// So it behaves the same in one environment and in twenty.
//
// template.yaml deploys it as three APIs. Events go to [Handler], and
// what is asked before $connect to [Authorizer].
//
// # The main API: action selects the route, there is no $default
//
//	event      two-way   the event, as the function got it
//	echo       two-way   answers with the message's text
//	answer     two-way   answers with the JSON value in "return", whatever it is:
//	oneway     one-way   {"statusCode":500,"body":"x"}, "text", null, ...
//	error      one-way   returns an error
//	crash      one-way   panics
//	slow       two-way   answers after "ms"; API Gateway waits for 1 s
//	late       one-way   sleeps past the function's own timeout of 3 s
//	sealed     one-way   a function that API Gateway may not invoke
//	post       one-way   posts "text", or "size" bytes, to the sender. With "to" it posts to that
//	                     connection, and then posts an [Outcome] to the sender
//	get        two-way   answers with the [Outcome] for the sender, or the connection "to"
//	delete     two-way   likewise
//	mock       two-way   answered by API Gateway itself: {"mock":"CONNECTION ID"}
//	modelled   two-way   echo, for messages with a "text" of 1 to 10 characters
//	throttled  two-way   echo, once a second
//
// In the URL of the handshake:
//
//	status=403           $connect returns this status, and a body and a header X-Probe
//	fail=error           $connect fails: error, panic, malformed, null or timeout
//	subprotocol=x        $connect returns it, offered or not
//	post=1               $connect posts to its own connection, and returns the post's status:
//	                     a handshake refused with 410 says that the connection was not there yet
//	watcher=ID           $connect and $disconnect post their events to that connection
//	auth=deny            the authorizer's answer, see [Authorizer]
//
// # The bare API: no $connect, no $disconnect
//
// Its expression is ${request.body.service}/${request.body.action}, and it has
// the routes chat/join and $default. Both are two-way, and answer with the event,
// in which there are stage variables.
//
// # The asking API: an identity source
//
// Its authorizer wants the header X-Token and the query parameter token. Its
// only message route is $default, as above.
package probe

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// Template is template.yaml, for those who run it where the file is not.
//
//go:embed template.yaml
var Template []byte

// A message is what a client sends, and the function acts on.
type message struct {
	Action string
	Return json.RawMessage // answer, oneway
	MS     int             // slow
	To     string          // post, get, delete
	Text   string          // post
	Size   int
}

// An event is what the function reads of an event.
type event struct {
	Query   map[string]string `json:"queryStringParameters"`
	Body    string            `json:"body"`
	Context struct {
		Type         string `json:"eventType"`
		ConnectionID string `json:"connectionId"`
		Domain       string `json:"domainName"`
		Stage        string `json:"stage"`
		RouteKey     string `json:"routeKey"`
		Authorizer   struct {
			Watcher string `json:"watcher"`
		} `json:"authorizer"`
	} `json:"requestContext"`
}

// A response is what a function returns to API Gateway.
type response struct {
	Status  int               `json:"statusCode"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
}

var accepted = response{Status: 200}

// late is longer than the function's Timeout in template.yaml.
const late = 10 * time.Second

// Handler is the function behind all routes.
func Handler(o Options) lambda.Handler {
	connections := &connections{options: o}
	return function(func(ctx context.Context, payload []byte) (any, error) {
		var e event
		if err := json.Unmarshal(payload, &e); err != nil {
			return nil, err
		}
		switch e.Context.Type {
		case "CONNECT":
			if w := e.Context.Authorizer.Watcher; w != "" {
				connections.post(ctx, e, w, payload)
			}
			return connect(ctx, connections, e)
		case "DISCONNECT":
			if w := e.Context.Authorizer.Watcher; w != "" {
				connections.post(ctx, e, w, payload)
			}
			return accepted, nil
		}
		return act(ctx, connections, e, payload)
	})
}

func connect(ctx context.Context, c *connections, e event) (any, error) {
	answer := response{Status: 200, Headers: map[string]string{"X-Probe": "connect"}}
	if p, ok := e.Query["subprotocol"]; ok {
		answer.Headers["Sec-WebSocket-Protocol"] = p
	}
	if s, ok := e.Query["status"]; ok {
		status, err := strconv.Atoi(s)
		if err != nil {
			return nil, fmt.Errorf("status=%s is no number", s)
		}
		answer.Status, answer.Body = status, "the probe says "+s
	}
	if _, ok := e.Query["post"]; ok {
		// Some have seen such a post hang, in place of 410.
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		answer.Status = c.post(ctx, e, e.Context.ConnectionID, []byte("posted in $connect")).Status
	}
	switch e.Query["fail"] {
	case "error":
		return nil, errors.New("the probe fails, as it was told to")
	case "panic":
		panic("the probe panics, as it was told to")
	case "malformed":
		return "text in place of a status", nil
	case "null":
		return nil, nil
	case "timeout":
		sleep(ctx, late)
	}
	return answer, nil
}

func act(ctx context.Context, c *connections, e event, payload []byte) (any, error) {
	var m message
	// What is no JSON, or has other types, is a message too: for $default.
	if json.Unmarshal([]byte(e.Body), &m) != nil || e.Context.RouteKey == "$default" || e.Context.RouteKey == "chat/join" {
		m.Action = "event"
	}
	to := m.To
	if to == "" {
		to = e.Context.ConnectionID
	}
	switch m.Action {
	case "answer", "oneway":
		return m.Return, nil
	case "error":
		return nil, errors.New("the probe fails, as it was told to")
	case "crash":
		panic("the probe panics, as it was told to")
	case "slow":
		sleep(ctx, time.Duration(m.MS)*time.Millisecond)
	case "late":
		sleep(ctx, late)
	case "event":
		return response{Status: 200, Body: string(payload)}, nil
	case "post":
		text := m.Text
		if m.Size > 0 {
			text = strings.Repeat("x", m.Size)
		}
		outcome := c.post(ctx, e, to, []byte(text))
		if m.To != "" {
			c.post(ctx, e, e.Context.ConnectionID, outcome.json())
		}
	case "get":
		return response{Status: 200, Body: string(c.get(ctx, e, to).json())}, nil
	case "delete":
		return response{Status: 200, Body: string(c.remove(ctx, e, to).json())}, nil
	}
	return response{Status: 200, Body: e.Body}, nil
}

// sleep ends with the context, whose deadline is the function's Timeout, but
// not before AWS has noticed.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
		time.Sleep(time.Second)
	}
}

// A function is a handler that sees the bytes of its event.
type function func(ctx context.Context, payload []byte) (any, error)

// Invoke implements lambda.Handler.
func (f function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	v, err := f(ctx, payload)
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

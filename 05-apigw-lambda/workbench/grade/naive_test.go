package grade

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/lambda"
)

// A naive is one environment of the exercise's function, with at most one
// bug. Where it has one, it says so.
type naive struct {
	bug       string
	variables map[string]string
	client    *http.Client
	mu        sync.Mutex        // one event at a time
	memory    map[string]string // for a bug
}

// startNaive grades the function with this bug.
func startNaive(t *testing.T, bug string) Config {
	return Config{
		Template: "../../exercise/template.yaml", All: true,
		make: func(f *api.Function, variables map[string]string) (lambda.Function, error) {
			if bug == "it never runs" {
				return broken{}, nil
			}
			proxy, err := url.Parse(variables["HTTPS_PROXY"])
			if err != nil {
				return nil, err
			}
			transport := &http.Transport{
				Proxy: func(r *http.Request) (*url.URL, error) {
					if r.URL.Scheme == "https" {
						return proxy, nil
					}
					return nil, nil
				},
				TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the proxy's certificates are not what is tested
			}
			t.Cleanup(transport.CloseIdleConnections)
			f.Timeout = 10 * time.Second // a machine may be busy
			if bug == "echo takes too long" {
				f.Timeout = 2 * time.Second
			}
			n := &naive{bug: bug, variables: variables, client: &http.Client{Transport: transport}, memory: map[string]string{}}
			return lambda.InProcess(f, n, lambda.Options{}), nil
		},
	}
}

// broken is a function that does not start.
type broken struct{}

func (broken) Invoke(context.Context, []byte) (lambda.Result, error) {
	return lambda.Result{}, errors.New("it does not start")
}

type naiveEvent struct {
	RequestContext struct {
		RouteKey, ConnectionID, DomainName, Stage string
	}
	QueryStringParameters map[string]string
	Body, Text            string
}

// Invoke implements the handler of aws-lambda-go.
func (n *naive) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	var e naiveEvent
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	status, body, err := n.handle(ctx, &e)
	switch {
	case err != nil:
		return nil, err
	case n.bug == "statusCode is forgotten":
		return []byte(`{"body":"ok"}`), nil
	}
	return fmt.Appendf(nil, `{"statusCode":%d,"body":%s}`, status, written(body)), nil
}

func (n *naive) handle(ctx context.Context, e *naiveEvent) (status int, body string, err error) {
	id := e.RequestContext.ConnectionID
	var m message
	if err := json.Unmarshal([]byte(e.Body), &m); err != nil && e.RequestContext.RouteKey == "$default" && n.bug == "a body must be JSON" {
		return 0, "", err
	}
	switch e.RequestContext.RouteKey {
	case "$connect":
		return n.connect(ctx, e)
	case "echo":
		return n.echo(ctx, e, m)
	case "send":
		return 200, "", n.everybody(ctx, e, message{"type": "message", "from": n.name(id), "text": m["text"]})
	case "$disconnect":
		if n.bug == "it says goodbye in $disconnect" {
			return 200, "", n.post(ctx, e, id, `{"type":"goodbye"}`)
		}
		if n.bug != "$disconnect forgets nobody" {
			n.forget(id)
		}
		return 200, "", nil
	case "":
		if n.bug == "every event has a route" {
			return 0, "", errors.New("no route")
		}
		return 200, "", n.everybody(ctx, e, message{"type": "push", "text": e.Text})
	}
	m = message{"type": "error", "message": "no action " + m["action"]}
	switch n.bug {
	case "$default returns its error":
		return 400, written(m), nil
	case "$default is silent":
		return 200, "", nil
	case "errors name nothing":
		m["message"] = "something is wrong"
	}
	return 200, "", n.post(ctx, e, id, written(m))
}

func (n *naive) connect(ctx context.Context, e *naiveEvent) (int, string, error) {
	id := e.RequestContext.ConnectionID
	name, is := e.QueryStringParameters["name"]
	switch n.bug {
	case "501":
		return 501, "", nil
	case "there is always a query":
		if e.QueryStringParameters == nil {
			panic("invalid memory address or nil pointer dereference")
		}
	case "an empty name is a name":
		if is && name == "" {
			return 200, "", nil
		}
	case "it greets in $connect":
		return 200, "", n.post(ctx, e, id, `{"type":"welcome"}`)
	}
	if name == "" && n.bug != "everybody is let in" {
		if n.bug == "401" {
			return 401, "", nil
		}
		return 403, "", nil
	}
	if n.bug == "a variable has the names" {
		n.memory[id] = name
		return 200, "", nil
	}
	return 200, "", os.WriteFile(n.file(id), []byte(name), 0o600)
}

func (n *naive) echo(ctx context.Context, e *naiveEvent, m message) (int, string, error) {
	id, answer := e.RequestContext.ConnectionID, written(message{"type": "echo", "text": m["text"]})
	switch n.bug {
	case "echo is returned":
		return 200, answer, nil
	case "echo is as it came":
		answer = e.Body
	case "echo is the text alone":
		answer = m["text"]
	case "echo is for all":
		return 200, "", n.everybody(ctx, e, message{"type": "echo", "text": m["text"]})
	case "echo fails":
		panic("a bug")
	case "echo takes too long":
		<-ctx.Done()
		time.Sleep(20 * time.Millisecond) // the timeout comes first
	case "echo ends the connection":
		return 200, "", n.call(ctx, http.MethodDelete, e, id, "")
	case "echo is not UTF-8":
		_ = n.post(ctx, e, id, "\xff") // the bug is also that nobody looks
		return 200, "", nil
	}
	return 200, "", n.post(ctx, e, id, answer)
}

func (n *naive) file(id string) string { return filepath.Join(n.variables["CONNECTIONS"], id) }

func (n *naive) name(id string) string {
	name, _ := os.ReadFile(n.file(id))
	switch n.bug {
	case "a variable has the names":
		return n.memory[id]
	case "nobody knows from whom":
		return ""
	}
	return string(name)
}

func (n *naive) forget(id string) {
	delete(n.memory, id)
	_ = os.Remove(n.file(id)) // it may be gone
}

var errGone = errors.New("GoneException: 410")

func (n *naive) everybody(ctx context.Context, e *naiveEvent, m message) error {
	sender := e.RequestContext.ConnectionID
	var ids []string
	entries, err := os.ReadDir(n.variables["CONNECTIONS"])
	if err != nil {
		return err
	}
	for _, entry := range entries {
		ids = append(ids, entry.Name())
	}
	for id := range n.memory {
		ids = append(ids, id)
	}
	var failed error
	for i, id := range ids {
		if n.bug == "only the sender hears" && id != sender || n.bug == "all but the sender hear" && id == sender ||
			n.bug == "one is pushed to" && m["type"] == "push" && i > 0 {
			continue
		}
		err := n.post(ctx, e, id, written(m))
		switch {
		case err == nil:
		case !errors.Is(err, errGone) || n.bug == "it fails of 410":
			return err
		case n.bug == "it stops at 410":
			return nil
		case n.bug == "it fails of 410 in the end":
			failed = err
			n.forget(id)
		case n.bug == "who has gone is kept":
		case n.bug == "the sender is forgotten":
			n.forget(sender)
		default:
			n.forget(id)
		}
	}
	return failed
}

func (n *naive) post(ctx context.Context, e *naiveEvent, id, text string) error {
	return n.call(ctx, http.MethodPost, e, id, text)
}

func (n *naive) call(ctx context.Context, method string, e *naiveEvent, id, text string) error {
	endpoint := n.variables["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"]
	switch n.bug {
	case "the endpoint is the event's":
		endpoint = "https://" + e.RequestContext.DomainName + "/" + e.RequestContext.Stage
	case "the endpoint is another API's":
		endpoint = "https://abc123defg.execute-api.us-east-1.amazonaws.com/prod"
	}
	r, err := http.NewRequestWithContext(ctx, method, endpoint+"/@connections/"+url.PathEscape(id), bytes.NewReader([]byte(text)))
	if err != nil {
		return err
	}
	answer, err := n.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body) // so that the connection serves again
	switch {
	case answer.StatusCode == http.StatusGone:
		return errGone
	case answer.StatusCode >= http.StatusBadRequest:
		return errors.New(answer.Status)
	}
	return nil
}

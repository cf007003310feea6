package selection

import (
	"encoding/json"
	"strconv"
	"strings"
)

// A Context is what an expression is evaluated against. It serves one message
// in one goroutine, and may be asked many expressions: the body is parsed
// once, and only if one of them wants it.
type Context struct {
	Body           []byte              // of the client's message
	Header, Query  map[string][]string // of the handshake, nil for other messages
	StageVariables map[string]string
	Value          func(name string) string // of $context, such as "authorizer.principalId"; may be nil
	Response       *Response                // of the integration, once there is one
	Options        Options

	body judged
}

// A Response is what an integration answered.
type Response struct {
	Status int
	Header map[string][]string
	Body   []byte

	body judged
}

// judged remembers whether a body is JSON.
type judged struct{ done, valid bool }

func (j *judged) isJSON(body []byte) bool {
	if !j.done {
		j.done, j.valid = true, json.Valid(body)
	}
	return j.valid
}

// lookup is the value of a variable, and whether it can be told.
func (c *Context) lookup(v *variable) (string, bool) {
	switch v.source {
	case requestBody:
		return c.inBody(v, c.Body, &c.body)
	case requestHeader:
		return first(c.Header, v.name, strings.EqualFold), true
	case requestQuery:
		return first(c.Query, v.name, func(a, b string) bool { return a == b }), true
	case stageVariable:
		return c.StageVariables[v.name], true
	case contextValue:
		if c.Value == nil {
			return "", true
		}
		return c.Value(v.name), true
	}
	r := c.Response
	if r == nil {
		return "", false
	}
	switch v.source {
	case responseStatus:
		return strconv.Itoa(r.Status), true
	case responseHeader:
		return first(r.Header, v.name, strings.EqualFold), true
	case responseHeaders:
		return "[" + strings.Join(values(r.Header, v.name, strings.EqualFold), ", ") + "]", true
	default:
		return c.inBody(v, r.Body, &r.body)
	}
}

func (c *Context) inBody(v *variable, body []byte, j *judged) (string, bool) {
	if !j.isJSON(body) {
		return "", false
	}
	value, found := v.path.Find(body)
	if !found {
		return "", true
	}
	return c.Options.text(value), true
}

// values are all those that stand under a name.
func values(m map[string][]string, name string, equal func(a, b string) bool) []string {
	if v, ok := m[name]; ok {
		return v
	}
	for k, v := range m {
		if equal(k, name) {
			return v
		}
	}
	return nil
}

func first(m map[string][]string, name string, equal func(a, b string) bool) string {
	if v := values(m, name, equal); len(v) > 0 {
		return v[0]
	}
	return ""
}

package selection

import (
	"fmt"
	"strings"

	"websocket.example/05-apigw-lambda/gateway/selection/jsonpath"
)

// An Expression is ready to be evaluated, by many goroutines at once.
type Expression struct {
	text  string
	parts []part
}

// A part is static text or a variable.
type part struct {
	text     string
	variable *variable
}

type variable struct {
	source source
	name   string        // of a header, a parameter, a stage variable or a context value
	path   jsonpath.Path // in a body
}

// A source is where a variable comes from.
type source byte

const (
	requestBody source = iota
	requestHeader
	requestQuery
	stageVariable
	contextValue
	responseStatus
	responseHeader
	responseHeaders
	responseBody
)

// sources are what variables begin with. That $response is short for
// $integration.response is seen in a sample of the page "Set up a WebSocket API
// integration request".
var sources = map[string]source{
	"request.body":                          requestBody,
	"request.header":                        requestHeader,
	"request.querystring":                   requestQuery,
	"stageVariables":                        stageVariable,
	"context":                               contextValue,
	"integration.response.statuscode":       responseStatus,
	"integration.response.header":           responseHeader,
	"integration.response.multivalueheader": responseHeaders,
	"integration.response.body":             responseBody,
	"response.statuscode":                   responseStatus,
	"response.header":                       responseHeader,
	"response.multivalueheader":             responseHeaders,
	"response.body":                         responseBody,
}

// Parse reads an expression.
//
// "A variable is prefixed with $"; braces say where it ends; \ takes the
// character after it as it is; everything else is text. $default, which is
// meant to be written \$default, is understood too: it is what
// RouteResponseSelectionExpression holds.
func Parse(expression string) (*Expression, error) {
	e := &Expression{text: expression}
	if expression == "$default" {
		e.parts = []part{{text: expression}}
		return e, nil
	}
	var text strings.Builder
	for rest := expression; rest != ""; {
		switch {
		case rest[0] == '\\' && len(rest) > 1:
			text.WriteByte(rest[1])
			rest = rest[2:]
		case rest[0] == '$':
			v, after, err := parseVariable(rest)
			if err != nil {
				return nil, fmt.Errorf("selection: %q: %w", expression, err)
			}
			if text.Len() > 0 {
				e.parts = append(e.parts, part{text: text.String()})
				text.Reset()
			}
			e.parts = append(e.parts, part{variable: v})
			rest = after
		default:
			text.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	if text.Len() > 0 {
		e.parts = append(e.parts, part{text: text.String()})
	}
	return e, nil
}

// String returns the expression as it was written.
func (e *Expression) String() string { return e.text }

// parseVariable reads $name or ${name}.
func parseVariable(s string) (v *variable, rest string, err error) {
	inside, braced := strings.CutPrefix(s[1:], "{")
	prefix, rest := cutSource(inside)
	if prefix == "" {
		return nil, "", fmt.Errorf("no variable is called as in %q; a $ that is text is written \\$", s)
	}
	v = &variable{source: sources[prefix]}
	if v.source != responseStatus {
		if v.path, rest, err = jsonpath.ParsePrefix(rest); err != nil {
			return nil, "", err
		}
	}
	if v.source != responseStatus && v.source != requestBody && v.source != responseBody {
		names, ok := v.path.Names()
		if !ok || len(names) == 0 {
			return nil, "", fmt.Errorf("a name is missing in %q", s)
		}
		v.name = strings.Join(names, ".")
	}
	if braced && !strings.HasPrefix(rest, "}") {
		return nil, "", fmt.Errorf("a } is missing before %q", rest)
	}
	if braced {
		rest = rest[1:]
	}
	return v, rest, nil
}

// cutSource splits what the variable comes from off.
func cutSource(s string) (prefix, rest string) {
	for prefix := range sources {
		rest, ok := strings.CutPrefix(s, prefix)
		if ok && (rest == "" || !jsonpath.IsName(rest[0])) {
			return prefix, rest
		}
	}
	return "", s
}

package integration

import (
	"encoding/base64"
	"fmt"
	"unicode/utf8"

	"websocket.example/05-apigw-lambda/gateway/mapping"
	"websocket.example/05-apigw-lambda/gateway/selection"
)

// selecting is what the expressions of one message are evaluated against.
func (p *prepared) selecting(request Request) *selection.Context {
	return &selection.Context{
		Body:           request.Body,
		Header:         request.Headers,
		Query:          request.Query,
		StageVariables: request.StageVariables,
		Value:          selection.FromJSON(request.Context),
		Options:        p.runner.Options.Selection,
	}
}

// requestBody is what a non-proxy integration gets: what a template makes of
// the message, or the message itself.
func (p *prepared) requestBody(request Request, c *selection.Context) ([]byte, error) {
	body, err := p.convert(p.in.ContentHandling, request.Body)
	if err != nil {
		return nil, err
	}
	template := p.request.choose(c, p.runner.Options.StrictTemplates)
	if template != nil {
		return p.execute(template, request, body)
	}
	// PassthroughBehavior, in the API reference of CreateIntegration: "NEVER
	// rejects unmapped content types"; "WHEN_NO_TEMPLATES allows passthrough
	// when the integration has no content types mapped to templates".
	if p.in.Passthrough == "NEVER" || p.in.Passthrough == "WHEN_NO_TEMPLATES" && len(p.request.by) > 0 {
		return nil, ErrNoTemplate
	}
	return body, nil
}

// execute runs a template on a body.
func (p *prepared) execute(t *mapping.Template, request Request, body []byte) ([]byte, error) {
	out, err := t.Execute(mapping.Data{
		Body:           body,
		Context:        request.Context,
		StageVariables: request.StageVariables,
		Header:         request.Headers,
		Query:          request.Query,
		Options:        p.runner.Options.Mapping,
	})
	return []byte(out), err
}

// convert is content handling: CONVERT_TO_BINARY makes the bytes of a base64
// text, CONVERT_TO_TEXT the other way round. It comes before the template.
// ("Binary media types for WebSocket APIs")
func (p *prepared) convert(handling string, body []byte) ([]byte, error) {
	switch handling {
	case "", "PASSTHROUGH":
		return body, nil
	case "CONVERT_TO_BINARY":
		decoded, err := base64.StdEncoding.DecodeString(string(body))
		if err != nil {
			return nil, fmt.Errorf("CONVERT_TO_BINARY: the payload is not base64: %w", err)
		}
		return decoded, nil
	case "CONVERT_TO_TEXT":
		if p.runner.Options.ConvertBinaryOnly && utf8.Valid(body) {
			return body, nil
		}
		return base64.StdEncoding.AppendEncode(nil, body), nil
	}
	return nil, fmt.Errorf("%q is no content handling", handling)
}

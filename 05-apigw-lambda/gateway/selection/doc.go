// Package selection evaluates API Gateway's selection expressions: short texts
// with variables in them, such as $request.body.action, whose value is the key
// of a route, a model, a template or an integration response.
//
// The rules are those of the Developer Guide's pages "WebSocket selection
// expressions" and "Create routes for WebSocket APIs". What they leave open is
// in Options.
//
// In reading order: options.go, context.go, expression.go (parse), evaluate.go,
// text.go and json.go (JSON values as texts), key.go (which key a value chooses),
// and the package jsonpath.
package selection

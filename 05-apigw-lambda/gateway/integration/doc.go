// Package integration runs what is behind a route, unless it is a function
// that gets the event as it is: MOCK, HTTP, HTTP_PROXY, and AWS, which is a
// function that gets what a template makes. It also reads what a function
// behind AWS_PROXY returns.
//
// The rules are those of the Developer Guide's pages "Set up a WebSocket API
// integration request", "Set up WebSocket API integration responses", "Set up
// data mapping for WebSocket APIs" and "Binary media types for WebSocket
// APIs". What they leave open is in Options.
//
// In reading order: runner.go, prepare.go, request.go, parameters.go, mock.go,
// http.go and lambda.go (the backends), response.go, proxy.go.
package integration

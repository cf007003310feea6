// Package handshake is the opening handshake of WebSocket, RFC 6455 section
// 4, for both roles, on the standard library alone.
//
//	client                                    server
//	  |-- GET /chat HTTP/1.1 ------------------->|   a request like any other
//	  |   Upgrade: websocket                     |   "may we speak something else?"
//	  |   Connection: Upgrade                    |
//	  |   Sec-WebSocket-Version: 13              |
//	  |   Sec-WebSocket-Key: <16 random bytes> --|   "prove that you read this"
//	  |                                          |
//	  |<- HTTP/1.1 101 Switching Protocols ------|   or any other answer: refused
//	  |   Upgrade: websocket                     |
//	  |   Connection: Upgrade                    |
//	  |   Sec-WebSocket-Accept: <the proof> -----|
//	  |                                          |
//	  |<=========== frames (step 03) ===========>|
//
// In reading order: key.go computes the proof. grammar.go, extension.go and
// header.go know what words and lists look like. request.go and response.go
// turn bytes into values and back, and judge nothing. rules_request.go and
// rules_response.go judge: every rule is one function with its section.
// judge.go is a server without a network. server.go and client.go bring the
// network in.
package handshake

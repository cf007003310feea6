package gateway

import (
	"context"
	"errors"

	"websocket.example/05-apigw-lambda/gateway/management"
)

// What the gateway itself says to a client when something is wrong. The
// connection stays open. The spaces are where AWS has them, so that whoever
// compares bytes finds the same ones.
//
// Observed on AWS: simple-websockets-chat-app issues 24 and 42, mangum issue
// 128; the last is documented (request validation).
const (
	forbidden = "Forbidden"                  // there is no route for it
	failed    = "Internal server error"      // the integration failed
	timedOut  = "Endpoint request timed out" // it took more than 29 s
	tooMany   = "Too Many Requests"          // [?] nobody has shown it
)

// errorFrame is one of these for a message.
func errorFrame(message, connection, request string) []byte {
	return []byte(`{"message": "` + message + `", "connectionId":"` + connection + `", "requestId":"` + request + `"}`)
}

// badBody is what a message is told that does not fit its model.
func badBody(connection, message string) []byte {
	return []byte(`{"message" : "Bad request body", "connectionId": "` + connection + `", "messageId": "` + message + `"}`)
}

// say sends a client what the gateway has to say.
func (g *Gateway) say(c *client, request string, frame []byte) {
	err := c.Send(context.Background(), frame)
	g.showSent(c, request, frame, err)
	if err != nil && !errors.Is(err, management.ErrGone) {
		g.log.Warn("a client could not be told", "connectionId", c.ID, "error", err)
	}
}

package functions

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"websocket.example/05-apigw-lambda/app"
)

// A ChatFunction answers the events of a WebSocket API.
type ChatFunction func(context.Context, events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error)

// Chat is the function behind every route: $connect, $disconnect, $default,
// and those that are named after an action.
//
// Clients are told by posts. What is returned they see of $connect, and of the
// one two-way route, where it saves a post. An error never gets out: API Gateway would tell the client
// "Internal server error", and the client could not know what of.
func Chat(a *app.App) ChatFunction {
	return func(ctx context.Context, e events.APIGatewayWebsocketProxyRequest) (answer events.APIGatewayProxyResponse, err error) {
		c := e.RequestContext
		log := slog.With("route", c.RouteKey, "connection", c.ConnectionID, "request", c.RequestID)
		defer func() {
			if r := recover(); r != nil { // a panic would end the process, and whatever else it does
				log.Error("a request panicked", "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
				answer.StatusCode = http.StatusInternalServerError
			}
		}()
		answer.StatusCode = http.StatusOK
		if c.DomainName != "" {
			ctx = withEndpoint(ctx, "https://"+c.DomainName+"/"+c.Stage)
		}
		switch c.RouteKey {
		case "$connect":
			// Nothing is stored and nothing posted: the connection is not
			// there before this returns, and may not come to be.
			if p := subprotocol(values(e.Headers, e.MultiValueHeaders, "Sec-WebSocket-Protocol")); p != "" {
				answer.Headers = map[string]string{"Sec-WebSocket-Protocol": p}
			}
		case "$disconnect":
			err = a.Disconnect(ctx, c.ConnectionID)
		case "ping": // the two-way route
			answer.Body = string(a.Ping(ctx, client(c)))
		default:
			err = a.Handle(ctx, client(c), []byte(e.Body))
		}
		if err != nil {
			log.Error("a request failed", "error", err)
		}
		return answer, nil
	}
}

func client(c events.APIGatewayWebsocketProxyRequestContext) app.Client {
	who := app.Client{Connection: c.ConnectionID, Since: moment(c.ConnectedAt), Asked: moment(c.RequestTimeEpoch)}
	if proven, ok := c.Authorizer.(map[string]any); ok {
		who.Name, _ = proven["name"].(string)
	}
	return who
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// values are the values of a header, which clients spell as they like, each
// of a list of its own.
func values(one map[string]string, all map[string][]string, name string) (found []string) {
	for key, lines := range all {
		if strings.EqualFold(key, name) {
			found = append(found, lines...)
		}
	}
	if found == nil {
		for key, line := range one {
			if strings.EqualFold(key, name) {
				found = append(found, line)
			}
		}
	}
	var list []string
	for _, line := range found {
		for v := range strings.SplitSeq(line, ",") {
			list = append(list, strings.TrimSpace(v))
		}
	}
	return list
}

// The subprotocols that a client may offer: the chat's, and after it a token.
// A browser has no other header to put one in.
const (
	chatProtocol = "chat"
	tokenPrefix  = "token."
)

// subprotocol is the answer to those that were offered. A browser that
// offered some and gets none closes the connection.
func subprotocol(offered []string) string {
	answer := ""
	for _, p := range offered {
		if p == chatProtocol {
			return p
		}
		if strings.HasPrefix(p, tokenPrefix) {
			answer = p // it offered nothing else that we know
		}
	}
	return answer
}

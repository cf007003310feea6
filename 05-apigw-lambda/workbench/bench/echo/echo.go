// Package echo is the function that bench measures: it posts back what it is
// sent, as the function in ../../offline does.
package echo

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"websocket.example/05-apigw-lambda/functions/handler"
)

// A Poster is who posts: over HTTP, or in the gateway's process.
type Poster interface {
	Post(ctx context.Context, connection string, data []byte) error
}

// Handler is the function behind all routes.
func Handler(p Poster) lambda.Handler {
	fine := events.APIGatewayProxyResponse{StatusCode: 200}
	return handler.Of(func(ctx context.Context, e events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
		if e.RequestContext.EventType != "MESSAGE" {
			return fine, nil
		}
		var message struct{ Text string }
		if err := json.Unmarshal([]byte(e.Body), &message); err != nil {
			return fine, err
		}
		return fine, p.Post(ctx, e.RequestContext.ConnectionID, []byte(message.Text))
	})
}

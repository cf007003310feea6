// Package echo is the function that bench measures: it posts back what it is
// sent, as the function in ../../offline does. The SDK's client is kept between
// invocations, and its connection too.
package echo

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
)

// Handler is the function behind all routes.
func Handler(client *apigatewaymanagementapi.Client) lambda.Handler {
	fine := events.APIGatewayProxyResponse{StatusCode: 200}
	return Typed(func(ctx context.Context, e events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
		if e.RequestContext.EventType != "MESSAGE" {
			return fine, nil
		}
		var message struct{ Text string }
		if err := json.Unmarshal([]byte(e.Body), &message); err != nil {
			return fine, err
		}
		_, err := client.PostToConnection(ctx, &apigatewaymanagementapi.PostToConnectionInput{
			ConnectionId: &e.RequestContext.ConnectionID, Data: []byte(message.Text),
		})
		return fine, err
	})
}

// Typed is lambda.NewHandler for functions that may run in one process several
// times at once. What that one returns lies in a buffer that is already given
// to the next (aws-lambda-go 1.55.1).
func Typed[In, Out any](f func(context.Context, In) (Out, error)) lambda.Handler {
	return typed[In, Out](f)
}

type typed[In, Out any] func(context.Context, In) (Out, error)

// Invoke implements lambda.Handler.
func (f typed[In, Out]) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var in In
	if err := json.Unmarshal(payload, &in); err != nil {
		return nil, err
	}
	out, err := f(ctx, in)
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

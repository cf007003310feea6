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

	"websocket.example/05-apigw-lambda/functions/handler"
)

// Handler is the function behind all routes.
func Handler(client *apigatewaymanagementapi.Client) lambda.Handler {
	fine := events.APIGatewayProxyResponse{StatusCode: 200}
	return handler.Of(func(ctx context.Context, e events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
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

package functions

import (
	"context"
	"errors"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"

	"websocket.example/05-apigw-lambda/app"
	"websocket.example/05-apigw-lambda/store/dynamo"
)

// Open makes a function's app from its environment. It is called once, when
// the environment starts, and not for each event.
func Open(ctx context.Context) (*app.App, error) {
	table := os.Getenv("TABLE_NAME")
	if table == "" {
		return nil, errors.New("TABLE_NAME is not set: it names the DynamoDB table of the chat")
	}
	c, err := Config(ctx)
	if err != nil {
		return nil, err
	}
	return app.New(dynamo.New(c, table), NewPoster(c, os.Getenv("CONNECTIONS_ENDPOINT")), app.Options{}), nil
}

// Config is the SDK's, with as many connections kept alive as are posted to
// at once: the SDK keeps ten, and a fan-out would open the others each time.
func Config(ctx context.Context) (aws.Config, error) {
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns = 200
		t.MaxIdleConnsPerHost = 100
	})
	return config.LoadDefaultConfig(ctx, config.WithHTTPClient(client))
}

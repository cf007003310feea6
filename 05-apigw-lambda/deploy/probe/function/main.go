// Command function is the probe on Lambda. Handler in template.yaml chooses
// what of it: _HANDLER is how a function hears of that.
package main

import (
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"websocket.example/05-apigw-lambda/deploy/probe"
)

func main() {
	if os.Getenv("_HANDLER") == "authorizer" {
		lambda.Start(probe.Authorizer())
	}
	lambda.Start(probe.Handler(probe.Options{Endpoint: os.Getenv("CONNECTIONS_ENDPOINT")}))
}

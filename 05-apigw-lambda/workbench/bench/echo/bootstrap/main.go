// Command bootstrap is the function as it is deployed.
package main

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"

	"websocket.example/05-apigw-lambda/workbench/bench/echo"
)

func main() {
	c, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(echo.Handler(apigatewaymanagementapi.NewFromConfig(c)))
}

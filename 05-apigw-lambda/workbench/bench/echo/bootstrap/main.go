// Command bootstrap is the function as it is deployed.
package main

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"

	"websocket.example/05-apigw-lambda/functions"
	"websocket.example/05-apigw-lambda/workbench/bench/echo"
)

func main() {
	c, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(echo.Handler(functions.NewPoster(c, "")))
}

// The function that decides who may connect.
package main

import (
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"websocket.example/05-apigw-lambda/functions"
)

func main() {
	lambda.Start(functions.Authorizer(os.Getenv("TOKEN_SECRET")))
}

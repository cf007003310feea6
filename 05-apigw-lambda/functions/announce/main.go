// The function that says to everybody what another event has to say.
package main

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/lambda"

	"websocket.example/05-apigw-lambda/functions"
)

func main() {
	chat, err := functions.Open(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(functions.Announce(chat))
}

// The chat's function: every route of the WebSocket API.
package main

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/lambda"

	"websocket.example/05-apigw-lambda/functions"
)

// snippet: main

func main() {
	chat, err := functions.Open(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(functions.Chat(chat))
}

// end snippet: main

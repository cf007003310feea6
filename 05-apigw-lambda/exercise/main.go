// The exercise of step 05: a chat on API Gateway, and the function behind it
// is yours. template.yaml has its routes.
//
//	ws://.../prod?name=Ana          lets Ana in
//	{"action":"echo","text":"hi"}   {"type":"echo","text":"hi"}, to the sender
//	{"action":"send","text":"hi"}   {"type":"message","from":"Ana","text":"hi"}, to everybody
//	whatever else is sent           {"type":"error","message":"..."}, to the sender
//	invoked with {"text":"hi"}      {"type":"push","text":"hi"}, to everybody
//
// The TODOs have the numbers of the check's stages, and name its cases:
//
//	go build -o 05-apigw-lambda/exercise/bin/bootstrap ./05-apigw-lambda/exercise
//	go run ./05-apigw-lambda check -exercise
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	api "github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
)

// An event is what API Gateway tells the function, or somebody else does.
type event struct {
	RequestContext struct {
		RouteKey     string // $connect, echo, send, $default, $disconnect; "" from somebody else
		ConnectionID string
	}
	QueryStringParameters map[string]string // of the URL, in $connect
	Body                  string            // of a message
	Text                  string            // from somebody else: {"text": "..."}
}

// An answer is for the gateway. On a one-way route no client hears of it.
type answer struct {
	StatusCode int `json:"statusCode"`
}

type message map[string]string // what clients say and hear: one JSON object

var connections *api.Client //nolint:unused // it posts to clients, and nobody calls it before TODO 2

var folder = os.Getenv("CONNECTIONS") // all environments of the function share it, as they would a table

func main() {
	c, err := config.LoadDefaultConfig(context.Background())
	if err == nil {
		err = os.MkdirAll(folder, 0o700)
	}
	if err != nil {
		log.Fatal(err)
	}
	connections = api.NewFromConfig(c)
	lambda.Start(handle)
}

func handle(ctx context.Context, e event) (answer, error) {
	id := e.RequestContext.ConnectionID
	log.Println(e.RequestContext.RouteKey, id, e.Body)
	var m message
	_ = json.Unmarshal([]byte(e.Body), &m) // what is no JSON leaves it empty
	switch e.RequestContext.RouteKey {
	case "$connect":
		// TODO 1 (no-name, empty-name): 403 without a name. TODO 4 (send): who is there?
		return answer{501}, nil // TODO 0: 200, and clients are let in
	case "echo":
		// TODO 2 (echo): the same text, posted to who sent it, as type echo
	case "send":
		// TODO 4 (send, sender): a message to everybody. TODO 4 (gone, forgotten): but some have gone
	case "$disconnect":
		// TODO 6 (forgets)
	case "":
		// TODO 5 (push): e.Text to everybody
	}
	// TODO 3 (unknown, no-action, not-json): an error
	return answer{200}, nil
}

package functions

import (
	"github.com/aws/aws-lambda-go/lambda"

	"websocket.example/05-apigw-lambda/app"
	"websocket.example/05-apigw-lambda/functions/handler"
)

// Local is the three functions in this process, by their names in
// deploy/template.yaml.
func Local(s app.Store, p app.Poster, secret string, o app.Options) map[string]lambda.Handler {
	a := app.New(s, p, o)
	return map[string]lambda.Handler{
		"ChatFunction":       handler.Of(Chat(a)),
		"AuthorizerFunction": handler.Of(Authorizer(secret)),
		"AnnounceFunction":   handler.Of(Announce(a)),
	}
}

package functions

import (
	"github.com/aws/aws-lambda-go/lambda"

	"websocket.example/05-apigw-lambda/app"
)

// Local is the three functions in this process, by their names in
// deploy/template.yaml.
func Local(s app.Store, p app.Poster, secret string, o app.Options) map[string]lambda.Handler {
	a := app.New(s, p, o)
	return map[string]lambda.Handler{
		"ChatFunction":       lambda.NewHandler(Chat(a)),
		"AuthorizerFunction": lambda.NewHandler(Authorizer(secret)),
		"AnnounceFunction":   lambda.NewHandler(Announce(a)),
	}
}

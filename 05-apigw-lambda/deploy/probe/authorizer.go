package probe

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
)

// Authorizer answers as the query parameter auth says:
//
//	(none)         allows exactly this $connect
//	wide           allows STAGE/*
//	star           allows *
//	trap           allows STAGE/*/*, as for REST APIs, where $connect does not match
//	other          allows another route
//	deny           denies
//	both           allows, and denies
//	unauthorized   fails with the very word "Unauthorized"
//	error          fails with another error
//	malformed      answers with a text
//
// When it allows, the context has a text, a number and a bool, and the watcher.
func Authorizer() lambda.Handler {
	return function(func(_ context.Context, payload []byte) (any, error) {
		var request struct {
			ARN   string            `json:"methodArn"`
			Query map[string]string `json:"queryStringParameters"`
		}
		if err := json.Unmarshal(payload, &request); err != nil {
			return nil, err
		}
		stage, _, _ := strings.Cut(request.ARN, "/$connect")
		allow := func(resource string) statement { return statement{"execute-api:Invoke", "Allow", resource} }
		deny := statement{"execute-api:Invoke", "Deny", request.ARN}

		var policy []statement
		switch request.Query["auth"] {
		case "wide":
			policy = []statement{allow(stage + "/*")}
		case "star":
			policy = []statement{allow("*")}
		case "trap":
			policy = []statement{allow(stage + "/*/*")}
		case "other":
			policy = []statement{allow(stage + "/echo")}
		case "deny":
			policy = []statement{deny}
		case "both":
			policy = []statement{allow(request.ARN), deny}
		case "unauthorized":
			return nil, errors.New("Unauthorized") // API Gateway compares it, capital and all
		case "error":
			return nil, errors.New("the authorizer fails, as it was told to")
		case "malformed":
			return "text in place of a policy", nil
		default:
			policy = []statement{allow(request.ARN)}
		}
		return decision{
			Principal: "probe",
			Policy:    policyDocument{Version: "2012-10-17", Statement: policy},
			Context:   map[string]any{"text": "text", "number": 12, "bool": true, "watcher": request.Query["watcher"]},
		}, nil
	})
}

type decision struct {
	Principal string         `json:"principalId"`
	Policy    policyDocument `json:"policyDocument"`
	Context   map[string]any `json:"context"`
}

type policyDocument struct {
	Version   string
	Statement []statement
}

type statement struct{ Action, Effect, Resource string }

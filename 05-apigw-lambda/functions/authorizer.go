package functions

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// An AuthorizerFunction decides who may connect.
type AuthorizerFunction func(context.Context, events.APIGatewayCustomAuthorizerRequestTypeRequest) (events.APIGatewayCustomAuthorizerResponse, error)

// errUnauthorized is what API Gateway answers with 401: this very text, with
// its capital.
var errUnauthorized = errors.New("Unauthorized")

// Authorizer is a REQUEST authorizer for $connect. The token is in the query
// string as token, or in Sec-WebSocket-Protocol as "chat, token.TOKEN": query
// strings end up in logs. There is no identity source in the template, for one
// that is missing means 401 before anybody can look at the other.
//
// Who has no token of ours is unknown: 401. Whose token has expired is known
// and may not come in: 403.
func Authorizer(secret string) AuthorizerFunction {
	return func(_ context.Context, e events.APIGatewayCustomAuthorizerRequestTypeRequest) (none events.APIGatewayCustomAuthorizerResponse, _ error) {
		name, err := Verify(secret, token(e), time.Now())
		switch {
		case errors.Is(err, ErrExpired):
			return policy("Deny", name, e.MethodArn), nil
		case err != nil:
			slog.Warn("refused", "source", e.RequestContext.Identity.SourceIP, "error", err)
			return none, errUnauthorized
		}
		return policy("Allow", name, e.MethodArn), nil
	}
}

func token(e events.APIGatewayCustomAuthorizerRequestTypeRequest) string {
	if t := e.QueryStringParameters["token"]; t != "" {
		return t
	}
	for _, p := range values(e.Headers, e.MultiValueHeaders, "Sec-WebSocket-Protocol") {
		if t, ok := strings.CutPrefix(p, tokenPrefix); ok {
			return t
		}
	}
	return ""
}

// policy allows or denies this very method, which ends in {stage}/$connect: the
// {stage}/*/* of a REST API would not match it.
func policy(effect, name, method string) events.APIGatewayCustomAuthorizerResponse {
	answer := events.APIGatewayCustomAuthorizerResponse{
		PrincipalID: "anonymous",
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{
			Version:   "2012-10-17",
			Statement: []events.IAMPolicyStatement{{Action: []string{"execute-api:Invoke"}, Effect: effect, Resource: []string{method}}},
		},
	}
	if name != "" {
		answer.PrincipalID = name
		answer.Context = map[string]any{"name": name}
	}
	return answer
}

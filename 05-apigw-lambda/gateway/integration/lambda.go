package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"websocket.example/05-apigw-lambda/gateway/selection"
)

// lambda runs a function on what the template has made. It gets no event.
func (p *prepared) lambda(ctx context.Context, c *selection.Context, payload []byte) (Answer, error) {
	if !json.Valid(payload) { // Lambda: "Could not parse request body into json"
		return Answer{}, errors.New("the function's payload is not JSON: a request template has to make it so")
	}
	if p.isEvent(c) {
		if p.runner.Event == nil {
			return Answer{}, errors.New("X-Amz-Invocation-Type: Event does not run here")
		}
		return Answer{Status: http.StatusAccepted}, p.runner.Event(ctx, p.in.Function, payload)
	}
	result, functionError, err := p.runner.Invoke(ctx, p.in.Function, payload)
	if err != nil {
		return Answer{}, err
	}
	// What failed has {"errorMessage"}, which an integration response may be
	// there for. Without any the failure is the integration's.
	if functionError != "" && len(p.responses) == 0 {
		return Answer{}, fmt.Errorf("%w: %s: %.200s", ErrFunction, functionError, result)
	}
	return Answer{Status: http.StatusOK, Body: result}, nil
}

// isEvent says that nobody waits for the function. ("Set up asynchronous
// invocation of the backend Lambda function")
func (p *prepared) isEvent(c *selection.Context) bool {
	for _, parameter := range p.parameters {
		if parameter.place == toHeader && strings.EqualFold(parameter.name, "X-Amz-Invocation-Type") {
			values := parameter.values(c)
			return len(values) > 0 && values[0] == "Event"
		}
	}
	return false
}

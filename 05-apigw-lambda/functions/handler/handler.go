// Package handler makes Lambda handlers for functions that run several times
// at once in one process, as no function does on AWS. What lambda.NewHandler
// returns lies in a buffer that has already been given to the next invocation
// (aws-lambda-go 1.55.1).
package handler

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-lambda-go/lambda"
)

// Of is a function as a handler: its argument is read from JSON, and what it
// returns is written as JSON.
func Of[In, Out any](f func(context.Context, In) (Out, error)) lambda.Handler {
	return of[In, Out](f)
}

type of[In, Out any] func(context.Context, In) (Out, error)

// Invoke implements lambda.Handler.
func (f of[In, Out]) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var in In
	if err := json.Unmarshal(payload, &in); err != nil {
		return nil, err
	}
	out, err := f(ctx, in)
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"websocket.example/05-apigw-lambda/gateway/management"
)

var errTooManyCalls = errors.New("more than the account's requests a second")

// Post is PostToConnection for functions that run in this process. It takes
// from the same limits and is shown like any other, but no request is made.
// Its errors are those of package management.
func (g *Gateway) Post(ctx context.Context, connection string, data []byte) error {
	if !g.limits.call.Allow() {
		g.showCall(http.MethodPost, connection, nil, http.StatusTooManyRequests, errTooManyCalls.Error())
		return fmt.Errorf("%w: %w", management.ErrFull, errTooManyCalls)
	}
	return g.calls.Post(ctx, connection, data)
}

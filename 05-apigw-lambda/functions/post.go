package functions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	api "github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"websocket.example/05-apigw-lambda/app"
)

// A Poster posts to connections of an API Gateway. It keeps one client for
// each endpoint: one that is new has to shake hands first.
type Poster struct {
	config   aws.Config
	endpoint string // "" for that of the event
	mu       sync.Mutex
	clients  map[string]*api.Client
}

var _ app.Poster = (*Poster)(nil)

// NewPoster posts to an endpoint, such as CONNECTIONS_ENDPOINT, or to that of
// the event it is called for if it is empty.
func NewPoster(c aws.Config, endpoint string) *Poster {
	return &Poster{config: c, endpoint: endpoint, clients: make(map[string]*api.Client)}
}

// Post sends one text frame.
func (p *Poster) Post(ctx context.Context, connection string, data []byte) error {
	client, err := p.client(ctx)
	if err != nil {
		return err
	}
	_, err = client.PostToConnection(ctx, &api.PostToConnectionInput{ConnectionId: &connection, Data: data})
	return plain(err)
}

// plain is an error as package app knows it. A type is how API Gateway says
// it; the status alone is how some who imitate it do.
func plain(err error) error {
	if err == nil {
		return nil
	}
	status := 0
	if r, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		status = r.HTTPStatusCode()
	}
	_, gone := errors.AsType[*types.GoneException](err)
	_, large := errors.AsType[*types.PayloadTooLargeException](err)
	switch {
	case gone || status == http.StatusGone:
		return app.ErrGone
	case throttled(err) || status == http.StatusTooManyRequests:
		return app.ErrThrottled
	case large:
		return fmt.Errorf("a frame has at most 128 KiB: %w", err)
	}
	return err
}

func throttled(err error) bool {
	_, is := errors.AsType[*types.LimitExceededException](err)
	return is
}

func (p *Poster) client(ctx context.Context) (*api.Client, error) {
	endpoint := p.endpoint
	switch e, ok := ctx.Value(endpointKey{}).(string); {
	case os.Getenv("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI") != "":
		endpoint = "" // the SDK's own; what is set in code would win over it
	case endpoint == "" && ok:
		endpoint = e
	case endpoint == "":
		return nil, errors.New("post: set CONNECTIONS_ENDPOINT to https://{api}.execute-api.{region}.amazonaws.com/{stage}")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.clients[endpoint]
	if c == nil {
		c = api.NewFromConfig(p.config, func(o *api.Options) {
			if endpoint != "" {
				o.BaseEndpoint = &endpoint
			}
			o.Retryer = retry.NewStandard(retrying)
		})
		p.clients[endpoint] = c
	}
	return c, nil
}

// retrying: three quick tries when the network or API Gateway stumbles. When
// there are too many posts, it is for the app to say how long to wait.
func retrying(o *retry.StandardOptions) {
	o.MaxAttempts = 3
	o.MaxBackoff = 200 * time.Millisecond
	o.RateLimiter = ratelimit.None
	o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
		if throttled(err) {
			return aws.FalseTernary
		}
		return aws.UnknownTernary
	})}, o.Retryables...)
}

type endpointKey struct{}

// withEndpoint is the context of an event that came through this endpoint.
func withEndpoint(ctx context.Context, endpoint string) context.Context {
	return context.WithValue(ctx, endpointKey{}, endpoint)
}

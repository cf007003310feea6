package integration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/mapping"
	"websocket.example/05-apigw-lambda/gateway/selection"
)

// What may become of an integration, besides an answer. Each of them is an
// integration failure, which the client sees as "Internal server error", but
// for a timeout: that is "Endpoint request timed out".
var (
	ErrTimeout    = errors.New("integration: timed out")
	ErrFunction   = errors.New("integration: the function failed")
	ErrMalformed  = errors.New("integration: malformed answer")
	ErrNoTemplate = errors.New("integration: no template for this message, and PassthroughBehavior lets nothing through as it is")
)

// MaxBody is the most a backend may answer, as in the quotas of REST APIs.
const MaxBody = 10 << 20

// DefaultTimeout is also the longest there is. ("Integration timeout" in the
// quotas of WebSocket APIs)
const DefaultTimeout = 29 * time.Second

// A Runner runs integrations, many at once.
type Runner struct {
	// Invoke runs the function with this logical ID, waits for it, and returns
	// what it returned; functionError is not empty if it failed.
	Invoke func(ctx context.Context, function string, payload []byte) (result []byte, functionError string, err error)

	// Event runs a function without waiting for it. It is used for AWS
	// integrations with the header X-Amz-Invocation-Type: Event, which fail if
	// it is nil.
	Event func(ctx context.Context, function string, payload []byte) error

	Client  *http.Client // for HTTP and HTTP_PROXY; nil is one that follows no redirects
	Options Options

	prepared sync.Map // of *prepared, by *api.Integration
}

// Options are what AWS does not say. The zero value has the defaults.
type Options struct {
	Selection selection.Options
	Mapping   mapping.Options

	// StrictTemplates takes no template if there is no
	// TemplateSelectionExpression. By default it is the one called $default,
	// or application/json, as in the AWS CLI's sample of a MOCK.
	StrictTemplates bool

	// ConvertBinaryOnly lets CONVERT_TO_TEXT leave what is text already. By
	// default all of it becomes base64.
	ConvertBinaryOnly bool

	// ForwardHeaders sends the client's headers along to HTTP_PROXY on
	// $connect. By default only RequestParameters make headers.
	ForwardHeaders bool

	// StrictStatus takes "statusCode": "200" of a proxy integration for
	// malformed. By default a number in quotes is one.
	StrictStatus bool

	// ZeroStatus takes "statusCode": 0, which is what Go makes of one that was
	// never set, for a status. By default it is malformed.
	ZeroStatus bool

	// KeepBase64 leaves a body as it is in spite of isBase64Encoded. By
	// default it is decoded.
	KeepBase64 bool
}

// A Request is what an integration gets to see.
type Request struct {
	Body           []byte // the message
	Context        []byte // the JSON of the event's requestContext
	StageVariables map[string]string
	Headers, Query map[string][]string // of the handshake; nil for other messages
}

// An Answer is what came of an integration.
type Answer struct {
	Status   int         // of the HTTP backend or the MOCK; 200 for a function
	Header   http.Header // of the HTTP backend
	Body     []byte      // for the client, if the route is two-way
	Response string      // the key of the integration response; "" if there is none
}

// Check says whether an integration can be run here. It is for the start: Run
// would say the same of the first message.
func (r *Runner) Check(in *api.Integration) error {
	_, err := r.prepare(in)
	return err
}

// Run runs an integration. It returns when the integration's timeout is over,
// with ErrTimeout, or when ctx ends, with its error.
func (r *Runner) Run(ctx context.Context, in *api.Integration, request Request) (Answer, error) {
	p, err := r.prepare(in)
	if err != nil {
		return Answer{}, err
	}
	timeout := in.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, ErrTimeout)
	defer cancel()

	answer, err := p.run(ctx, request)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return Answer{}, fmt.Errorf("%s: %w", in.Type, err)
	}
	return answer, nil
}

func (p *prepared) run(ctx context.Context, request Request) (Answer, error) {
	selecting := p.selecting(request)
	if p.in.Type == api.HTTPProxy { // no templates, no integration responses
		return p.http(ctx, request, selecting, request.Body)
	}
	body, err := p.requestBody(request, selecting)
	if err != nil {
		return Answer{}, err
	}
	var answer Answer
	switch p.in.Type {
	case api.Mock:
		answer, err = mock(body)
	case api.HTTP:
		answer, err = p.http(ctx, request, selecting, body)
	case api.AWS:
		answer, err = p.lambda(ctx, selecting, body)
	}
	if err != nil {
		return Answer{}, err
	}
	return p.respond(request, selecting, answer)
}

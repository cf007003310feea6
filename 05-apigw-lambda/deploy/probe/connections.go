package probe

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/smithy-go"
)

// Options say how @connections is reached. The zero value is for AWS.
type Options struct {
	Endpoint string      // "" is https://{domainName}/{stage}, from the event
	Config   *aws.Config // nil is that of the environment
}

// An Outcome is what became of a call to @connections. The probe never tries
// again.
type Outcome struct {
	Call   string `json:"call"`            // post, get or delete
	Status int    `json:"status"`          // 504 when none came
	Error  string `json:"error,omitempty"` // the code, such as GoneException
	Text   string `json:"text,omitempty"`  // its message

	ConnectedAt  *time.Time `json:"connectedAt,omitempty"` // get
	LastActiveAt *time.Time `json:"lastActiveAt,omitempty"`
	SourceIP     string     `json:"sourceIp,omitempty"`
	UserAgent    string     `json:"userAgent,omitempty"`
}

func (o Outcome) json() []byte {
	b, _ := json.Marshal(o) // strings, a number and times of this era always succeed
	return b
}

// connections calls @connections with one client for each endpoint: it is
// slow to make.
type connections struct {
	options Options
	clients sync.Map // endpoint: *apigatewaymanagementapi.Client
}

func (c *connections) client(ctx context.Context, e event) (*apigatewaymanagementapi.Client, error) {
	endpoint := c.options.Endpoint
	if endpoint == "" {
		endpoint = "https://" + e.Context.Domain + "/" + e.Context.Stage
	}
	if client, ok := c.clients.Load(endpoint); ok {
		return client.(*apigatewaymanagementapi.Client), nil
	}
	cfg := c.options.Config
	if cfg == nil {
		loaded, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return nil, err
		}
		cfg = &loaded
	}
	client := apigatewaymanagementapi.NewFromConfig(*cfg, func(o *apigatewaymanagementapi.Options) {
		o.BaseEndpoint = &endpoint
		o.Retryer = aws.NopRetryer{}
	})
	c.clients.Store(endpoint, client)
	return client, nil
}

func (c *connections) post(ctx context.Context, e event, id string, data []byte) Outcome {
	client, err := c.client(ctx, e)
	if err == nil {
		_, err = client.PostToConnection(ctx, &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &id, Data: data})
	}
	return outcome("post", 200, err)
}

func (c *connections) get(ctx context.Context, e event, id string) Outcome {
	client, err := c.client(ctx, e)
	if err != nil {
		return outcome("get", 0, err)
	}
	got, err := client.GetConnection(ctx, &apigatewaymanagementapi.GetConnectionInput{ConnectionId: &id})
	o := outcome("get", 200, err)
	if err == nil {
		o.ConnectedAt, o.LastActiveAt = got.ConnectedAt, got.LastActiveAt
		if got.Identity != nil {
			o.SourceIP, o.UserAgent = aws.ToString(got.Identity.SourceIp), aws.ToString(got.Identity.UserAgent)
		}
	}
	return o
}

func (c *connections) remove(ctx context.Context, e event, id string) Outcome {
	client, err := c.client(ctx, e)
	if err == nil {
		_, err = client.DeleteConnection(ctx, &apigatewaymanagementapi.DeleteConnectionInput{ConnectionId: &id})
	}
	return outcome("delete", 204, err)
}

// outcome reads status and code as the SDK has decoded them: a program
// decides by these.
func outcome(call string, fine int, err error) Outcome {
	if err == nil {
		return Outcome{Call: call, Status: fine}
	}
	o := Outcome{Call: call, Status: 504, Error: "Unknown", Text: err.Error()}
	if answered := (*awshttp.ResponseError)(nil); errors.As(err, &answered) {
		o.Status = answered.HTTPStatusCode()
	}
	if coded := smithy.APIError(nil); errors.As(err, &coded) {
		o.Error, o.Text = coded.ErrorCode(), coded.ErrorMessage()
	}
	return o
}

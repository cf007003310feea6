package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"websocket.example/05-apigw-lambda/app"
	"websocket.example/05-apigw-lambda/functions"
	"websocket.example/05-apigw-lambda/gateway"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/intercept"
	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/store/dynamo"
	"websocket.example/05-apigw-lambda/store/memory"
)

// A backend is the functions of a project, in one of their two ways.
type backend struct {
	o         *Options
	chat      bool                       // they are the chat's
	functions map[string]lambda.Function // by logical ID
	names     *lambda.Functions
	async     *lambda.Async
	proxy     *intercept.Proxy
	folder    string                             // of the proxy's bundle
	gateways  atomic.Pointer[[]*gateway.Gateway] // for the proxy
}

// newBackend makes the functions. Those that answer do so at the address.
func newBackend(ctx context.Context, options *Options, p *api.Project, at net.Addr) (_ *backend, err error) {
	b := &backend{o: options, functions: make(map[string]lambda.Function), names: &lambda.Functions{}, chat: options.Template == ""}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	o := lambda.Options{Region: Region, Concurrency: 1000, Credentials: options.Credentials, Log: options.logLambda, Warn: options.warnLambda}
	o.KeepRunning = options.Unsure.Is("lambda-freeze", "off")
	if options.Unsure.Is("lambda-timeout-text", "with-time") {
		o.TimeoutText = lambda.TimeoutWithTime
	}
	if b.chat && !options.Exec {
		err = b.inProcess(ctx, p, o, at)
	} else {
		err = b.processes(ctx, p, o, at)
	}
	if err != nil {
		return nil, err
	}
	b.async = &lambda.Async{}
	return b, nil
}

// inProcess runs the chat's functions here.
func (b *backend) inProcess(ctx context.Context, p *api.Project, o lambda.Options, at net.Addr) error {
	config := b.o.config()
	var store app.Store = memory.New()
	if b.o.DynamoDB != "" {
		var err error
		if store, err = b.o.table(ctx, config); err != nil {
			return err
		}
	}
	var poster app.Poster = direct{b}
	if b.o.Credentials.AccessKeyID != "" { // signatures are what one wants to see
		poster = functions.NewPoster(config, "http://"+at.String()+"/"+p.APIs[0].Stage.Name)
	}
	handlers := functions.Local(store, poster, b.o.Secret, app.Options{Log: b.o.Log})
	for _, f := range p.Functions {
		if h := handlers[f.ResourceID]; h != nil {
			b.add(f, lambda.InProcess(f, h, o))
		}
	}
	return nil
}

// config is the SDK's, for functions in this process.
func (o *Options) config() aws.Config {
	id, secret := o.Credentials.AccessKeyID, o.Credentials.SecretAccessKey
	if id == "" {
		id, secret = "local", "local"
	}
	return aws.Config{
		Region: Region, Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""),
		// As many connections are kept as there are posts at once.
		HTTPClient: awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns, t.MaxIdleConnsPerHost = 200, 100
		}),
	}
}

// tableName is that of the chat's table, where the template leaves the name
// to CloudFormation.
const tableName = "chat"

// table opens the chat's table, and makes it if it is not there.
func (o *Options) table(ctx context.Context, c aws.Config) (*dynamo.Store, error) {
	c.BaseEndpoint = &o.DynamoDB
	limited, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	store := dynamo.New(c, tableName)
	if err := dynamo.CreateTable(limited, store); err != nil {
		return nil, fmt.Errorf("-dynamodb %s: %w: is it running?", o.DynamoDB, err)
	}
	return store, nil
}

func (b *backend) add(f *api.Function, run lambda.Function) {
	b.functions[f.ResourceID] = run
	b.names.Add(f, run)
}

func (b *backend) close() {
	var errs []error
	errs = append(errs, b.names.Close())
	if b.proxy != nil {
		errs = append(errs, b.proxy.Close())
	}
	if b.folder != "" {
		errs = append(errs, os.RemoveAll(b.folder))
	}
	if err := errors.Join(errs...); err != nil {
		b.o.Log.Warn("not everything could be put away", "error", err)
	}
}

func (o *Options) logLambda(e lambda.Entry) {
	if o.Printed != nil {
		fmt.Fprintf(o.Printed, "%s %d: %s", e.Function, e.Environment, e.Text)
	}
}

func (o *Options) warnLambda(w lambda.Warning) {
	o.Log.Warn(w.Text, "function", w.Function, "environment", w.Environment, "requestId", w.RequestID)
}

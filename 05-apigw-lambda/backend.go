package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"golang.org/x/sync/errgroup"

	"websocket.example/05-apigw-lambda/app"
	"websocket.example/05-apigw-lambda/deploy"
	"websocket.example/05-apigw-lambda/functions"
	"websocket.example/05-apigw-lambda/gateway"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/id"
	"websocket.example/05-apigw-lambda/gateway/intercept"
	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/gateway/template"
	"websocket.example/05-apigw-lambda/store/dynamo"
	"websocket.example/05-apigw-lambda/store/memory"
)

// A backend is the functions of a project, in one of their two ways.
type backend struct {
	s         *settings
	chat      bool                       // they are the chat's
	functions map[string]lambda.Function // by logical ID
	names     *lambda.Functions
	async     *lambda.Async
	proxy     *intercept.Proxy
	folder    string                             // of the proxy's bundle
	gateways  atomic.Pointer[[]*gateway.Gateway] // for the proxy
}

// region is where everything pretends to be.
const region = "us-east-1"

// project reads the template.
func (s *settings) project() (*api.Project, error) {
	parameters := map[string]string{}
	for _, p := range s.parameters {
		name, value, _ := strings.Cut(p, "=")
		parameters[name] = value
	}
	o := template.Options{Region: region, Stage: s.stage, Parameters: parameters}
	if s.switches.Is("undeployed-routes", "present") {
		o.Undeployed = template.Present
	}
	var project *api.Project
	var err error
	switch {
	case s.template != "":
		project, err = template.Read(s.template, o)
	case s.exec:
		var file string
		if file, err = s.deployed(); err == nil {
			project, err = template.Read(file, o)
		}
	default:
		project, err = template.Parse("deploy/template.yaml", "", deploy.Template, o)
	}
	if err != nil {
		return nil, wrong("%w", err)
	}
	if len(project.APIs) == 0 {
		return nil, wrong("%s: there is no WebSocket API in it", s.template)
	}
	return project, nil
}

// deployed finds the template of the chat, beside which the binaries are.
func (s *settings) deployed() (string, error) {
	for _, folder := range []string{"05-apigw-lambda", "."} {
		file := filepath.Join(folder, "deploy", "template.yaml")
		if _, err := os.Stat(file); err == nil {
			return file, nil
		}
	}
	return "", wrong("-exec: the built functions are beside deploy/template.yaml: run it in the workspace's folder, or in this step's")
}

// backend makes the functions. Those that answer do so at the address.
func (s *settings) backend(ctx context.Context, p *api.Project, at net.Addr) (_ *backend, err error) {
	b := &backend{s: s, functions: make(map[string]lambda.Function), names: &lambda.Functions{}, chat: s.template == ""}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	o := lambda.Options{Region: region, Concurrency: 1000, Log: s.logLambda, Warn: s.warnLambda}
	o.KeepRunning = s.switches.Is("lambda-freeze", "off")
	if s.switches.Is("lambda-timeout-text", "with-time") {
		o.TimeoutText = lambda.TimeoutWithTime
	}
	if id, secret, found := strings.Cut(s.iam, ":"); found {
		o.Credentials = lambda.Credentials{AccessKeyID: id, SecretAccessKey: secret}
	}
	if b.chat && !s.exec {
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
	config := b.s.config()
	var store app.Store = memory.New()
	if b.s.dynamodb != "" {
		var err error
		if store, err = b.s.table(ctx, config); err != nil {
			return err
		}
	}
	poster := functions.NewPoster(config, "http://"+at.String()+"/"+p.APIs[0].Stage.Name)
	handlers := functions.Local(store, poster, b.s.secret, app.Options{Log: b.s.log})
	for _, f := range p.Functions {
		if h := handlers[f.ResourceID]; h != nil {
			b.add(f, lambda.InProcess(f, h, o))
		}
	}
	return nil
}

// config is the SDK's, for functions in this process.
func (s *settings) config() aws.Config {
	id, secret, found := strings.Cut(s.iam, ":")
	if !found {
		id, secret = "local", "local"
	}
	return aws.Config{
		Region: region, Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""),
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
func (s *settings) table(ctx context.Context, c aws.Config) (*dynamo.Store, error) {
	c.BaseEndpoint = &s.dynamodb
	limited, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	store := dynamo.New(c, tableName)
	if err := dynamo.CreateTable(limited, store); err != nil {
		return nil, fmt.Errorf("-dynamodb %s: %w: is it running?", s.dynamodb, err)
	}
	return store, nil
}

// processes runs functions as they are built.
func (b *backend) processes(ctx context.Context, p *api.Project, o lambda.Options, at net.Addr) error {
	o.Variables = map[string]string{
		"AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": "http://" + at.String() + "/" + p.APIs[0].Stage.Name,
		"AWS_ENDPOINT_URL_LAMBDA":                  "http://" + at.String(),
	}
	if b.chat {
		if _, err := b.s.table(ctx, b.s.config()); err != nil {
			return err
		}
		o.Variables["AWS_ENDPOINT_URL_DYNAMODB"] = b.s.dynamodb
		o.Variables["TABLE_NAME"] = tableName
		o.Variables["TOKEN_SECRET"] = b.s.secret
	}
	if b.s.intercept {
		if err := b.interceptor(); err != nil {
			return err
		}
		for _, variable := range b.proxy.Environment() {
			name, value, _ := strings.Cut(variable, "=")
			o.Variables[name] = value
		}
	}
	for _, f := range p.Functions {
		run, err := lambda.Process(f, o)
		if err != nil {
			if b.chat {
				return fmt.Errorf("%w (go run ./05-apigw-lambda/deploy/build -arch %s builds the functions)", err, runtime.GOARCH)
			}
			p.Notices = append(p.Notices, api.Notice{ResourceID: f.ResourceID, Type: "AWS::Lambda::Function", Reason: err.Error()})
			continue
		}
		b.add(f, run)
	}
	return nil
}

func (b *backend) add(f *api.Function, run lambda.Function) {
	b.functions[f.ResourceID] = run
	b.names.Add(f, run)
}

// interceptor starts the proxy that functions find API Gateway through.
func (b *backend) interceptor() (err error) {
	if b.folder, err = os.MkdirTemp("", "apigw-"); err != nil {
		return err
	}
	b.proxy, err = intercept.Start(intercept.Options{
		Handler: http.HandlerFunc(b.intercepted), Bundle: filepath.Join(b.folder, "ca.pem"),
		Told: func(host string, caught bool, err error) {
			if err != nil && caught {
				b.s.log.Warn("a function does not trust the local certificate authority", "host", host, "error", err)
			}
		},
	})
	return err
}

// intercepted is a request to API Gateway, by its name on AWS.
func (b *backend) intercepted(w http.ResponseWriter, r *http.Request) {
	host, _, _ := strings.Cut(r.Host, ":")
	if all := b.gateways.Load(); all != nil {
		for _, g := range *all {
			if g.Domain() == host {
				g.ServeHTTP(w, r)
				return
			}
		}
	}
	http.Error(w, "no API of this project is called "+host, http.StatusForbidden)
}

// begin tells the proxy of the gateways.
func (b *backend) begin(all []*gateway.Gateway) { b.gateways.Store(&all) }

// schedule runs functions at their intervals.
func (b *backend) schedule(ctx context.Context, group *errgroup.Group, p *api.Project) {
	for _, f := range p.Functions {
		run := b.functions[f.ResourceID]
		if run == nil {
			continue
		}
		for _, at := range f.Schedules {
			group.Go(func() error {
				b.repeat(ctx, f, run, at)
				return nil
			})
		}
	}
}

func (b *backend) repeat(ctx context.Context, f *api.Function, run lambda.Function, at api.Schedule) {
	ticker := time.NewTicker(time.Duration(float64(at.Every) / b.s.scale))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			payload := at.Input
			if payload == nil {
				payload = scheduled(at.ResourceID, now)
			}
			if r, err := run.Invoke(ctx, payload); ctx.Err() == nil && (err != nil || r.Error != "") {
				b.s.log.Error("a scheduled function failed", "function", f.ResourceID, "error", err, "answer", string(r.Payload))
			}
		}
	}
}

// scheduled is the event of EventBridge's clock.
func scheduled(rule string, now time.Time) []byte {
	return fmt.Appendf(nil, `{"version":"0","id":%q,"detail-type":"Scheduled Event","source":"aws.events","account":"123456789012",`+
		`"time":%q,"region":%q,"resources":["arn:aws:events:%s:123456789012:rule/%s"],"detail":{}}`,
		id.UUID(), now.UTC().Format(time.RFC3339), region, region, rule)
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
		b.s.log.Warn("not everything could be put away", "error", err)
	}
}

func (s *settings) logLambda(e lambda.Entry) {
	if s.verbose {
		fmt.Fprintf(s.errs, "%s %d: %s", e.Function, e.Environment, e.Text)
	}
}

func (s *settings) warnLambda(w lambda.Warning) {
	s.log.Warn(w.Text, "function", w.Function, "environment", w.Environment, "requestId", w.RequestID)
}

package local

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"websocket.example/05-apigw-lambda/gateway"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/intercept"
	"websocket.example/05-apigw-lambda/gateway/lambda"
)

// processes runs functions as they are built.
func (b *backend) processes(ctx context.Context, p *api.Project, o lambda.Options, at net.Addr) error {
	o.Variables = map[string]string{
		"AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": "http://" + at.String() + "/" + p.APIs[0].Stage.Name,
		"AWS_ENDPOINT_URL_LAMBDA":                  "http://" + at.String(),
	}
	if b.o.DynamoDB != "" {
		o.Variables["AWS_ENDPOINT_URL_DYNAMODB"] = b.o.DynamoDB
	}
	if b.chat {
		if _, err := b.o.table(ctx, b.o.config()); err != nil {
			return err
		}
		o.Variables["TABLE_NAME"] = tableName
		o.Variables["TOKEN_SECRET"] = b.o.Secret
	}
	if b.o.Intercept {
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

// interceptor starts the proxy that functions find API Gateway through.
func (b *backend) interceptor() (err error) {
	if b.folder, err = os.MkdirTemp("", "apigw-"); err != nil {
		return err
	}
	b.proxy, err = intercept.Start(intercept.Options{
		Handler: http.HandlerFunc(b.intercepted), Bundle: filepath.Join(b.folder, "ca.pem"),
		Told: func(host string, caught bool, err error) {
			if err != nil && caught {
				b.o.Log.Warn("a function does not trust the local certificate authority", "host", host, "error", err)
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

// Package local runs a project on this machine: its functions, a gateway for
// each of its WebSocket APIs, and the gateways' pages.
//
//	local.go      what one says, and what one gets
//	project.go    the template
//	functions.go  the functions, in one of their two ways
//	process.go    as they are built
//	schedule.go   those that run at intervals
//	gateway.go    a gateway, and its page
package local

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"websocket.example/05-apigw-lambda/gateway"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/gateway/unsure"
)

// Options say what runs. The zero value is the chat, with its functions in
// this process and its store in memory.
type Options struct {
	Template   string // a file; "" is that of the chat
	Stage      string // in place of the template's
	Parameters map[string]string

	Exec     bool   // the chat's functions run as they are built
	DynamoDB string // URL, for the chat's table, "" is memory; for a template's functions, "" is AWS's own
	Secret   string // signs the chat's tokens; "" is a new one

	Intercept   bool               // functions reach API Gateway by its name on AWS
	Credentials lambda.Credentials // signatures are checked with; zero checks none
	Scale       float64            // how many times faster the gateway's clocks run; 0 is 1
	Unsure      unsure.Settings
	Domain      string // in events; "" is API Gateway's

	// FrameAncestors are those of the page, see package console.
	FrameAncestors []string

	Goodbye time.Duration // for clients to answer a close frame, and for $disconnect; 0 is 8 s
	Log     *slog.Logger  // nil is nobody
	Printed io.Writer     // what functions print; nil is nobody
}

// A TemplateError says what is wrong with what was asked for, and not with
// this machine.
type TemplateError struct{ error }

// Region is where everything pretends to be.
const Region = "us-east-1"

// A Stack is a project that runs.
type Stack struct {
	options   Options
	project   *api.Project
	backend   *backend
	gateways  []*gateway.Gateway
	page      http.Handler
	listeners []net.Listener
}

// New makes a stack of a project, with a listener for each of its APIs. Serve
// ends it.
func New(ctx context.Context, o Options, p *api.Project, listeners []net.Listener) (*Stack, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Scale == 0 {
		o.Scale = 1
	}
	if o.Secret == "" {
		o.Secret = rand.Text()
	}
	if o.Goodbye == 0 {
		o.Goodbye = 8 * time.Second
	}
	s := &Stack{options: o, project: p, listeners: listeners}
	var err error
	if s.backend, err = newBackend(ctx, &s.options, p, listeners[0].Addr()); err != nil {
		return nil, err
	}
	for i, a := range p.APIs {
		g, page, err := newGateway(&s.options, a, s.backend, listeners[i].Addr(), i == 0)
		if err != nil {
			s.backend.close()
			return nil, TemplateError{err}
		}
		if i == 0 {
			s.page = page
		}
		s.gateways = append(s.gateways, g)
	}
	s.backend.begin(s.gateways)
	return s, nil
}

// Page is the page of the first API, with the chat beside it. It stands at its
// gateway's address anyway; all its addresses are relative, so it may stand
// elsewhere too, behind http.StripPrefix.
func (s *Stack) Page() http.Handler { return s.page }

// Serve runs it until ctx ends, and then puts everything away.
func (s *Stack) Serve(ctx context.Context) error {
	defer s.backend.close()
	served, serving := errgroup.WithContext(ctx)
	for i, g := range s.gateways {
		served.Go(func() error { return g.Serve(s.listeners[i]) })
	}
	s.backend.schedule(serving, served, s.project)
	<-serving.Done()

	last, cancel := context.WithTimeout(context.Background(), s.options.Goodbye)
	defer cancel()
	for _, g := range s.gateways {
		if err := g.Shutdown(last); err != nil {
			s.options.Log.Info("some connections did not say goodbye, and were cut off")
		}
	}
	if err := served.Wait(); ctx.Err() == nil {
		return err
	}
	return nil
}

// Package gateway is an API Gateway for WebSocket APIs that runs on one's own
// machine and tells the truth: what fails on AWS fails here, in the same way.
//
//	gateway.go     what it is made of, and its addresses
//	connect.go     $connect: who is let in, before the 101
//	message.go     a message: its route, what runs behind it, what goes back
//	disconnect.go  $disconnect
//	invoke.go      integrations, and how they fail
//	frames.go      what the gateway itself says to clients
//	models.go      what messages have to be like
//	throttle.go    how many at a time
//	signed.go      who signed it
//	show.go        what can be seen of all this
//
// Its rooms, from the outside to the inside: edge holds the connections,
// event makes what functions are told, selection finds the route, lambda runs
// functions, integration all else, management is how functions answer.
// template reads from CloudFormation which routes there are.
package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/edge"
	"websocket.example/05-apigw-lambda/gateway/integration"
	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/gateway/management"
	"websocket.example/05-apigw-lambda/gateway/model"
	"websocket.example/05-apigw-lambda/gateway/selection"
	"websocket.example/05-apigw-lambda/gateway/sigv4"
	"websocket.example/05-apigw-lambda/gateway/trace"
	"websocket.example/05-apigw-lambda/gateway/unsure"
)

// Options of a Gateway. API is all that must be there.
type Options struct {
	API       *api.API
	Functions map[string]lambda.Function // by logical ID; those that need the Gateway are added before it serves

	ID      string // of the API; "" is made from the template's
	Domain  string // domainName in events; "" is {ID}.execute-api.{Region}.amazonaws.com
	Region  string // "" is us-east-1
	Account string // "" is 123456789012

	// Rate is how many requests a second the account may make, messages and
	// calls of @connections together. 0 is AWS's 10,000.
	Rate int

	// Scale is how many times faster the gateway's clocks run: with 60 an
	// idle connection ends after 10 seconds. 0 is 1.
	Scale float64

	// Verifier checks the signatures of those who call @connections, and of
	// clients where $connect asks for AWS_IAM. Nil lets everybody pass.
	Verifier *sigv4.Verifier

	Unsure unsure.Settings
	Feed   *trace.Feed  // shown what happens; nil is nobody
	Log    *slog.Logger // told what AWS would write in the execution log; nil is nobody
	Plain  http.Handler // answers what is not for the API; nil is 403, as on AWS
}

// A Gateway serves one API.
type Gateway struct {
	o      Options
	edge   *edge.Edge
	calls  *management.API
	log    *slog.Logger
	limits *limits

	selects selection.Options
	routes  *selection.Expression // RouteSelectionExpression
	key     *selection.Expression // ApiKeySelectionExpression
	schemas *model.Set
	models  map[*api.Route]*models
	mapped  *integration.Runner // of what is no proxy integration
}

// New makes a Gateway. It is an error if the API says what makes no sense.
func New(o Options) (*Gateway, error) {
	if o.API == nil {
		return nil, errors.New("gateway: no API")
	}
	o.Region = cmp.Or(o.Region, "us-east-1")
	o.Account = cmp.Or(o.Account, "123456789012")
	o.ID = cmp.Or(o.ID, o.API.ID, "local12345")
	o.Domain = cmp.Or(o.Domain, o.ID+".execute-api."+o.Region+".amazonaws.com")
	o.Scale = cmp.Or(o.Scale, 1)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	g := &Gateway{o: o, log: o.Log, limits: newLimits(o.API, cmp.Or(o.Rate, accountRate)), selects: selectionOptions(o.Unsure)}
	if err := g.compile(); err != nil {
		return nil, err
	}
	g.mapped = g.newRunner()
	faster := func(d time.Duration) time.Duration { return time.Duration(float64(d) / o.Scale) }
	g.edge = edge.New(edge.Options{
		Handler: handler{g}, Plain: http.HandlerFunc(g.plain),
		Idle: faster(edge.Idle), Life: faster(edge.Life),
		Serial:         o.Unsure.Is("dispatch", "serial"),
		PingResetsIdle: o.Unsure.Is("ping-resets-idle", "yes"),
		ClientActive:   o.Unsure.Is("last-active", "client"),
		ReplaceNotUTF8: o.Unsure.Is("post-not-utf8", "replace"),
	})
	g.calls = &management.API{Registry: g.edge, Stage: o.API.Stage.Name, Told: g.showCall}
	return g, nil
}

// compile makes of expressions and models what can be asked for each message.
func (g *Gateway) compile() (err error) {
	a := g.o.API
	if g.routes, err = selection.Parse(cmp.Or(a.RouteSelection, "$request.body.action")); err != nil {
		return fmt.Errorf("%s: RouteSelectionExpression: %w", a.ResourceID, err)
	}
	if g.key, err = selection.Parse(cmp.Or(a.KeySelection, "$request.header.x-api-key")); err != nil {
		return fmt.Errorf("%s: ApiKeySelectionExpression: %w", a.ResourceID, err)
	}
	return g.compileModels()
}

// Serve takes connections until Shutdown, or until the listener fails.
func (g *Gateway) Serve(l net.Listener) error { return g.edge.Serve(l) }

// Shutdown ends all connections with 1012, waits for their $disconnect, and
// stops.
func (g *Gateway) Shutdown(ctx context.Context) error { return g.edge.Shutdown(ctx) }

// Connections is how many there are.
func (g *Gateway) Connections() int { return g.edge.Count() }

// Domain is domainName in the events.
func (g *Gateway) Domain() string { return g.o.Domain }

// ServeHTTP serves what is no WebSocket handshake: the @connections API, for
// those who get at it in another way than through Serve.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.plain(w, r) }

// plain answers requests that are no handshake.
func (g *Gateway) plain(w http.ResponseWriter, r *http.Request) {
	switch {
	case management.Is(r):
		g.call(w, r)
	case strings.Trim(r.URL.Path, "/") == g.o.API.Stage.Name:
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "websocket")
		management.Answer(w, http.StatusUpgradeRequired, "", "Upgrade Required")
	case g.o.Plain != nil:
		g.o.Plain.ServeHTTP(w, r)
	default:
		management.Answer(w, http.StatusForbidden, "ForbiddenException", "Forbidden")
	}
}

// call is one of the @connections API.
func (g *Gateway) call(w http.ResponseWriter, r *http.Request) {
	if g.o.Verifier != nil {
		if refused := g.verifyCall(w, r); refused != nil {
			management.Answer(w, refused.Status, refused.Type, refused.Message)
			g.showCall(r.Method, "", nil, refused.Status, refused.Message)
			return
		}
	}
	if !g.limits.call.Allow() {
		management.Answer(w, http.StatusTooManyRequests, "LimitExceededException", "")
		g.showCall(r.Method, "", nil, http.StatusTooManyRequests, errTooManyCalls.Error())
		return
	}
	g.calls.ServeHTTP(w, r)
}

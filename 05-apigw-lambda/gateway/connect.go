package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/authorizer"
	"websocket.example/05-apigw-lambda/gateway/edge"
	"websocket.example/05-apigw-lambda/gateway/event"
	"websocket.example/05-apigw-lambda/gateway/id"
	"websocket.example/05-apigw-lambda/gateway/selection"
)

// A client is a connection, and what the gateway knows of who is behind it.
type client struct {
	*edge.Conn
	source event.Source
	trace  string // X-Amzn-Trace-Id of the handshake
}

func clientOf(c *edge.Conn) *client { return c.Data.(*client) }

// handler is what the edge tells.
type handler struct{ *Gateway }

// refusal is a status on the handshake: whoever is not let in never had a
// connection.
type refusal struct {
	status  int
	message string // of the body; "" is an empty one
	why     string // for whoever watches
}

func (r *refusal) answer() *handshake.Refusal {
	header := http.Header{"Content-Type": {"application/json"}}
	body := ""
	if r.message != "" {
		b, _ := json.Marshal(map[string]string{"message": r.message})
		body = string(b)
	}
	return &handshake.Refusal{Status: r.status, Header: header, Body: body}
}

// Connect decides, in the order of API Gateway: the address, the rate, the
// authorization, the API key, the parameters, and last the function.
func (g handler) Connect(ctx context.Context, c *edge.Conn) *handshake.Refusal {
	request := id.New()
	k := &client{Conn: c, trace: "Root=1-" + id.Hex(4) + "-" + id.Hex(12), source: event.Source{
		APIID: g.o.ID, Domain: g.o.Domain, Stage: g.o.API.Stage.Name, StageVariables: g.o.API.Stage.Variables,
		ConnectionID: c.ID, ConnectedAt: c.ConnectedAt,
		Identity: event.Identity{UserAgent: c.UserAgent, SourceIP: c.SourceIP},
	}}
	c.Data = k
	if r := g.connect(ctx, k, request); r != nil {
		g.showRefused(k, request, r)
		return r.answer()
	}
	return nil
}

func (g *Gateway) connect(ctx context.Context, c *client, request string) *refusal {
	u, err := c.Handshake.Request.URL()
	if err != nil || strings.Trim(u.Path, "/") != g.o.API.Stage.Name {
		return &refusal{http.StatusForbidden, "Forbidden", "there is no such stage: this API has /" + g.o.API.Stage.Name}
	}
	if len(c.Handshake.Request.Target) > edge.MaxURL {
		return &refusal{http.StatusRequestURITooLong, "Request URI Too Long", "a URL has at most 4,096 characters"}
	}
	if !g.limits.connect.Allow() {
		return &refusal{http.StatusTooManyRequests, "Too Many Requests", "more than 500 new connections a second"}
	}
	if ok, why := g.limits.allow(api.Connect); !ok {
		return &refusal{http.StatusTooManyRequests, "Too Many Requests", "more than " + why}
	}
	route := g.o.API.Routes[api.Connect]
	if route == nil {
		return nil // everybody is let in
	}
	query := u.Query()
	key, r := g.authorize(ctx, c, route, query, request)
	if r == nil {
		r = g.checkKey(c, route, key)
	}
	if r == nil {
		r = checkParameters(c, route, query)
	}
	if r != nil || route.Integration == nil {
		return r
	}
	return g.runConnect(ctx, c, route, query, request)
}

// authorize asks whoever is to be asked. It returns the API key that an
// authorizer has given the client.
func (g *Gateway) authorize(ctx context.Context, c *client, route *api.Route, query url.Values, request string) (key string, r *refusal) {
	switch route.Authorization {
	case "AWS_IAM":
		if g.o.Verifier == nil {
			return "", nil
		}
		as, refused := g.verifyHandshake(c)
		if refused != nil {
			return "", &refusal{refused.Status, refused.Message, refused.Error()}
		}
		user := "arn:aws:iam::" + g.o.Account + ":user/local"
		c.source.Identity.AccountID, c.source.Identity.AccessKey = g.o.Account, as.AccessKey
		c.source.Identity.Caller, c.source.Identity.User, c.source.Identity.UserARN = as.AccessKey, as.AccessKey, user
	case "CUSTOM":
		return g.askAuthorizer(ctx, c, route, query, request)
	}
	return "", nil
}

func (g *Gateway) askAuthorizer(ctx context.Context, c *client, route *api.Route, query url.Values, request string) (key string, r *refusal) {
	a := route.Authorizer
	switch {
	case a == nil || g.o.Functions[a.Function] == nil:
		return "", &refusal{http.StatusInternalServerError, failed, "the authorizer's function does not run here"}
	case a.NoPermission:
		return "", &refusal{http.StatusInternalServerError, failed, "no AWS::Lambda::Permission lets this API invoke the authorizer " + a.Function}
	}
	out := authorizer.Ask(ctx, g.o.Functions[a.Function], a, g.authorizerInput(c, query, request))
	g.showAuthorized(c, request, a, out)
	if !out.Allowed() {
		return "", &refusal{out.Status, out.Message(), out.Reason}
	}
	c.source.Authorizer = out.Authorizer()
	return out.UsageIdentifierKey, nil
}

func (g *Gateway) authorizerInput(c *client, query url.Values, request string) authorizer.Input {
	is := g.o.Unsure.Is
	return authorizer.Input{
		MethodARN: fmt.Sprintf("arn:aws:execute-api:%s:%s:%s/%s/$connect", g.o.Region, g.o.Account, g.o.ID, g.o.API.Stage.Name),
		Header:    c.Handshake.Request.Header, Query: query, Source: c.source, RequestID: request, At: time.Now(), Trace: c.trace,
		Strings:            is("authorizer-context", "strings"),
		ExactHeaderNames:   is("identity-source-case", "exact"),
		ShowStageVariables: is("authorizer-stage-variables", "shown"),
		OmitEmptyQuery:     is("authorizer-empty-query", "absent"),
		HideUserAgent:      is("authorizer-user-agent", "absent"),
	}
}

// checkKey holds the client's API key against those of the usage plans.
func (g *Gateway) checkKey(c *client, route *api.Route, given string) *refusal {
	if !route.KeyRequired {
		return nil
	}
	key, _ := g.key.Evaluate(&selection.Context{
		Header: c.Handshake.Request.Header.HTTP(), StageVariables: g.o.API.Stage.Variables, Options: g.selects,
		Value: func(name string) string {
			if name == "authorizer.usageIdentifierKey" {
				return given
			}
			return ""
		},
	})
	if key != "" && slices.Contains(g.o.API.Keys, key) {
		return nil
	}
	return &refusal{http.StatusForbidden, "Forbidden", "ApiKeyRequired, and no usage plan has the key that came"}
}

// checkParameters looks for the parameters that $connect requires.
func checkParameters(c *client, route *api.Route, query url.Values) *refusal {
	var missing []string
	for _, p := range route.RequiredParameters {
		name, inQuery := strings.CutPrefix(p, "route.request.querystring.")
		if inQuery && query.Get(name) == "" {
			missing = append(missing, name)
		}
		name, inHeader := strings.CutPrefix(p, "route.request.header.")
		if inHeader && c.Handshake.Request.Header.Get(name) == "" {
			missing = append(missing, name)
		}
	}
	if missing == nil {
		return nil
	}
	text := "Missing required request parameters: [" + strings.Join(missing, ", ") + "]"
	return &refusal{http.StatusBadRequest, text, text}
}

// runConnect runs what is behind $connect, and does what it says.
func (g *Gateway) runConnect(ctx context.Context, c *client, route *api.Route, query url.Values, request string) *refusal {
	headers := event.HeadersOf(c.Handshake.Request.Header, c.SourceIP, c.trace)
	e := c.source.OfConnect(request, time.Now(), headers, event.QueryOf(query))
	out := g.run(ctx, c, route, request, &e)
	switch {
	case out.timedOut && out.byFunction:
		return &refusal{g.status("connect-function-timeout"), failed, out.why}
	case out.timedOut:
		return &refusal{g.status("connect-timeout"), timedOut, out.why}
	case out.failed:
		return &refusal{http.StatusBadGateway, failed, out.why}
	case out.status < 200 || out.status > 999: // RFC 9110, section 15.2: what can't be the final answer
		return &refusal{http.StatusBadGateway, failed, fmt.Sprintf("the function said %d, which is no answer", out.status)}
	case out.status >= 200 && out.status < 300:
		// Of all it has said the client gets this header, or none: what it
		// asked for does not count.
		c.Handshake.Subprotocol = out.answer.Header("Sec-WebSocket-Protocol")
		return nil
	}
	r := &refusal{status: out.status, why: "the function said so"}
	if g.o.Unsure.Is("reject-body", "message") {
		r.message = http.StatusText(out.status)
	}
	return r
}

// status is the one that a switch says.
func (g *Gateway) status(name string) int {
	if g.o.Unsure.Is(name, "504") {
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

// Opened is told when the client has its 101.
func (g handler) Opened(c *edge.Conn) {
	g.showOpened(clientOf(c))
	c.Handshake = nil // it is not needed any longer, and holds all headers
}

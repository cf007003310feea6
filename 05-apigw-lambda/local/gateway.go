package local

import (
	"net"
	"net/http"
	"time"

	"websocket.example/04-chat-hub/web"
	"websocket.example/05-apigw-lambda/functions"
	"websocket.example/05-apigw-lambda/gateway"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/console"
	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/gateway/sigv4"
	"websocket.example/05-apigw-lambda/gateway/trace"
)

// heartbeat is a minute less than what API Gateway lets a silent connection
// live. Each ping is paid for: every 25 s, as in step 4, they were most of the
// bill.
const heartbeat = 9 * time.Minute

// newGateway makes the gateway of one API, and its page. That of the first has
// the rest.
func newGateway(o *Options, a *api.API, b *backend, at net.Addr, first bool) (*gateway.Gateway, http.Handler, error) {
	feed := &trace.Feed{}
	options := gateway.Options{
		API: a, Functions: b.functions, Domain: o.Domain, Scale: o.Scale, Unsure: o.Unsure, Log: o.Log, Feed: feed,
	}
	if c := o.Credentials; c.AccessKeyID != "" {
		options.Verifier = &sigv4.Verifier{
			Secret:         func(key string) (string, bool) { return c.SecretAccessKey, key == c.AccessKeyID },
			RefuseUnsigned: o.Unsure.Is("sigv4-unsigned-payload", "refuse"),
			LooseHeaders:   o.Unsure.Is("sigv4-unsigned-headers", "accept"),
		}
	}
	mux := http.NewServeMux()
	ws := "ws://" + at.String() + "/" + a.Stage.Name
	page := console.Options{Feed: feed, API: a, WebSocketURL: ws, FrameAncestors: o.FrameAncestors}
	if b.chat && first {
		token, err := functions.Mint(o.Secret, "", time.Now().Add(24*time.Hour))
		if err != nil {
			return nil, nil, err
		}
		// The page is step 4's, and knows of a token as little as of AWS.
		mux.Handle("/chat/", http.StripPrefix("/chat", web.Handler(web.Options{
			URL: ws + "?token=" + token, Heartbeat: heartbeat, FrameAncestors: []string{"'self'"},
		})))
		page.Chat = "chat/"
		page.Invoke = map[string]lambda.Function{"AnnounceFunction": b.functions["AnnounceFunction"]}
	}
	mux.Handle("/2015-03-31/functions/", &lambda.InvokeAPI{Functions: b.names, Async: b.async})
	mux.Handle("/", console.Handler(page))
	options.Plain = mux
	g, err := gateway.New(options)
	return g, mux, err
}

// Package console is the page of the local API Gateway: a chat beside what the
// gateway does with each of its messages.
//
//	console.go   the addresses, and who may ask for them
//	describe.go  the API as the page knows it
//	events.go    the feed, as Server-Sent Events
//	invoke.go    functions that can be invoked from the page
//	static.go    the files, in the reader's language
//	static/      the page: begin reading at journal.js, which knows no page
//
// What it shows holds tokens and messages. So it is told only to this machine:
// to pages whose address is an IP address or localhost.
package console

import (
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/gateway/trace"
)

// Options of the page. Feed and API must be there.
type Options struct {
	Feed *trace.Feed
	API  *api.API

	// Chat is the relative address of a chat page, such as "chat/", which has
	// to allow this page to frame it. Empty is none: then a small client
	// stands in its place.
	Chat string

	// WebSocketURL of the API, relative to the page or absolute. Empty is the
	// name of the stage.
	WebSocketURL string

	// Invoke are the functions that can be invoked from the page, by name.
	Invoke map[string]lambda.Function

	// FrameAncestors are the origins, such as http://127.0.0.1:8000, whose
	// pages may show this one in a frame; 'self', with its quotes, is its own.
	// Nil is none.
	FrameAncestors []string
}

// Handler serves the page. All its addresses are relative, so it may stand
// behind http.StripPrefix. It panics if an option makes no sense.
func Handler(o Options) http.Handler {
	if o.Feed == nil || o.API == nil {
		panic("console: there is no Feed, or no API")
	}
	if o.WebSocketURL == "" {
		o.WebSocketURL = o.API.Stage.Name
	}
	socket, err := url.Parse(o.WebSocketURL)
	if err != nil || socket.Scheme != "" && (socket.Scheme != "ws" && socket.Scheme != "wss" || !namedHost.MatchString(socket.Host)) {
		panic("console: WebSocketURL is " + o.WebSocketURL + ": give one with ws:// or wss://, or a path")
	}
	for _, origin := range o.FrameAncestors {
		if u, err := url.Parse(origin); origin != "'self'" && (err != nil || u.Scheme == "" || !namedHost.MatchString(u.Host) || u.Path != "") {
			panic("console: the frame ancestor is " + origin + ": give an origin, such as http://127.0.0.1:8000")
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", files())
	mux.Handle("GET /gateway.json", describe(o))
	mux.Handle("GET /events", newEvents(o.Feed))
	mux.Handle("POST /invoke/{name}", invoke(o.Invoke))
	own := http.NewCrossOriginProtection().Handler(mux) // a stranger's page may invoke nothing

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !local(r.Host) {
			http.Error(w, "ask for this page by an address, or as localhost", http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy(r.Host, socket, o.FrameAncestors))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		own.ServeHTTP(w, r)
	})
}

// local says whether a Host line names this machine, or an address. Any other
// name could be that of a stranger's page, and lead here.
func local(host string) bool {
	u, err := url.Parse("//" + host)
	return err == nil && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()) != nil)
}

var namedHost = regexp.MustCompile(`^[0-9A-Za-z.-]+(:[0-9]+)?$`)

// policy allows the page its own files, the chat and the WebSocket, and
// nothing else: nothing inline, no other site, no text that becomes markup.
// Not every browser takes 'self' to mean ws: as well, so the page's host is
// named; IPv6 can't be.
func policy(host string, socket *url.URL, ancestors []string) string {
	sockets := "ws: wss:"
	switch {
	case socket.Host != "":
		sockets = socket.Scheme + "://" + socket.Host
	case namedHost.MatchString(host):
		sockets = "ws://" + host + " wss://" + host
	}
	frames := "'none'"
	if len(ancestors) > 0 {
		frames = strings.Join(ancestors, " ")
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; " +
		"connect-src 'self' " + sockets + "; base-uri 'none'; form-action 'none'; frame-ancestors " + frames + "; " +
		"require-trusted-types-for 'script'; trusted-types 'none'"
}

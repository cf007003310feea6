package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"testing"
	"time"
	"unicode/utf8"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/edge"
	"websocket.example/05-apigw-lambda/gateway/lambda"
)

// told keeps the events of the invocations, as they were written.
type told chan []byte

func (f told) Invoke(_ context.Context, payload []byte) (lambda.Result, error) {
	f <- payload
	var e struct{ Body string }
	err := json.Unmarshal(payload, &e)
	answer, _ := json.Marshal(map[string]any{"statusCode": 200, "body": e.Body}) // two texts
	return lambda.Result{Payload: answer}, err
}

// An event says what the client said: whatever query and message are, the
// function gets both whole, through the one route that fits, and the client
// gets the answer. What no event can hold is refused, and nothing waits.
func FuzzEvents(f *testing.F) {
	for _, seed := range [][2]string{
		{"", `{"action":"join","room":"sala"}`}, {"token=a.b&x=1&x=2", `{"action":"send"}`}, {"a=%zz", "hello"}, {"%00=%ff", `{"action":"$connect"}`},
		{"é=1;2", `{"action":["join"]}`}, {"a+b=c%20d&&=", "{\"action\":\"\u2028<&>\"}"}, {"x", `{"action":"join","action":"other"}`}, {"q=\"'", "\x00"},
	} {
		f.Add(seed[0], seed[1])
	}
	functions := told(make(chan []byte, 4))
	routes := apiOf(proxy(api.Connect, "F"), twoWay("join", "F"), twoWay(api.Default, "F"))
	g, err := New(Options{API: routes, Functions: map[string]lambda.Function{"F": functions}, Rate: 1e9})
	if err != nil {
		f.Fatal(err)
	}
	g.limits.connect.SetLimit(1e9)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- g.Serve(l) }()
	f.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = g.Shutdown(ctx) // the clients have gone
		<-served
	})
	f.Fuzz(func(t *testing.T, query, text string) {
		if !utf8.ValidString(text) || len(text) > edge.MaxFrame || len(query) > 2000 {
			t.Skip("no client can send it")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		u := url.URL{Scheme: "ws", Host: l.Addr().String(), Path: "/prod", RawQuery: query}
		c, err := wsconn.Dial(ctx, u.String(), nil)
		if no := (*handshake.RefusedError)(nil); errors.As(err, &no) && no.Response.Status < 500 && no.Response.Status != http.StatusForbidden {
			return // a query that is none
		}
		if err != nil {
			if _, bad := url.ParseQuery(query); bad == nil && fits(query) {
				t.Fatal(err)
			}
			return // our client does not send it
		}
		defer c.Abort()
		var connect struct {
			Query map[string][]string `json:"multiValueQueryStringParameters"`
		}
		want, bad := url.ParseQuery(query)
		if err := json.Unmarshal(<-functions, &connect); err != nil {
			t.Fatal(err)
		}
		if len(want)+len(connect.Query) > 0 && bad == nil && utf8Only(want) && !reflect.DeepEqual(connect.Query, map[string][]string(want)) {
			t.Errorf("the query %q came as %q", want, connect.Query)
		}
		if err := c.Write(ctx, frame.Text, []byte(text)); err != nil {
			t.Fatal(err)
		}
		var message struct {
			Body    string
			Context struct{ RouteKey string } `json:"requestContext"`
		}
		if err := json.Unmarshal(<-functions, &message); err != nil {
			t.Fatal(err)
		}
		if message.Body != text || message.Context.RouteKey != "join" && message.Context.RouteKey != api.Default {
			t.Errorf("%q came as %q, by the route %q", text, message.Body, message.Context.RouteKey)
		}
		if text == "" {
			return // there is no empty answer
		}
		if _, got, err := c.Read(ctx); err != nil || string(got) != text {
			t.Errorf("%q was answered with %q: %v", text, got, err)
		}
	})
}

// fits says whether a query may stand in a request line.
func fits(query string) bool {
	for _, b := range []byte(query) {
		if b <= ' ' || b == '#' || b >= 0x7f {
			return false
		}
	}
	return true
}

// utf8Only says whether a query is text: JSON holds nothing else.
func utf8Only(query url.Values) bool {
	for name, all := range query {
		for _, value := range all {
			if !utf8.ValidString(value) || !utf8.ValidString(name) {
				return false
			}
		}
	}
	return true
}

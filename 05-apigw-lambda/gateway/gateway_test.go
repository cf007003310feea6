package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"go.uber.org/goleak"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/gateway/sigv4"
	"websocket.example/05-apigw-lambda/gateway/trace"
	"websocket.example/05-apigw-lambda/gateway/unsure"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

// A function of the tests is given the event, and returns what it pleases.
type function func(e map[string]any) (payload string, failed string)

func (f function) Invoke(ctx context.Context, payload []byte) (lambda.Result, error) {
	var e map[string]any
	if err := json.Unmarshal(payload, &e); err != nil {
		return lambda.Result{}, err
	}
	done := make(chan lambda.Result, 1)
	go func() {
		p, failed := f(e)
		done <- lambda.Result{Payload: []byte(p), Error: failed}
	}()
	select {
	case r := <-done:
		return r, nil
	case <-ctx.Done():
		return lambda.Result{}, ctx.Err()
	}
}

const ok = `{"statusCode":200}`

func contextOfEvent(e map[string]any) map[string]any { return e["requestContext"].(map[string]any) }

// proxy is a route to a function.
func proxy(key, fn string) *api.Route {
	return &api.Route{Key: key, Integration: &api.Integration{Type: api.Proxy, Function: fn}}
}

func twoWay(key, fn string) *api.Route {
	r := proxy(key, fn)
	r.ResponseSelection, r.Response = api.Default, &api.RouteResponse{}
	return r
}

func apiOf(routes ...*api.Route) *api.API {
	a := &api.API{ResourceID: "Api", RouteSelection: "$request.body.action", Routes: map[string]*api.Route{}}
	a.Stage.Name = "prod"
	for _, r := range routes {
		a.Routes[r.Key] = r
	}
	return a
}

// A running gateway.
type running struct {
	*Gateway
	t    *testing.T
	addr string
}

func start(t *testing.T, a *api.API, functions map[string]lambda.Function, options ...func(*Options)) *running {
	t.Helper()
	o := Options{API: a, Functions: functions}
	for _, set := range options {
		set(&o)
	}
	g, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- g.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := g.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		<-served
	})
	return &running{g, t, l.Addr().String()}
}

// A peer is a client.
type peer struct {
	*wsconn.Conn
	t *testing.T
}

func (r *running) tryDial(path string, header http.Header, protocols ...string) (*peer, error) {
	o := &wsconn.DialOptions{Handshake: handshake.DialOptions{Header: header, Subprotocols: protocols}}
	c, err := wsconn.Dial(r.t.Context(), "ws://"+r.addr+path, o)
	if err != nil {
		return nil, err
	}
	r.t.Cleanup(func() { _ = c.Close(frame.NormalClosure, "") })
	return &peer{c, r.t}, nil
}

func (r *running) dial() *peer {
	r.t.Helper()
	p, err := r.tryDial("/prod", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

// refused is the status and the body of a handshake.
func (r *running) refused(path string, header http.Header) string {
	r.t.Helper()
	_, err := r.tryDial(path, header)
	var refused *handshake.RefusedError
	if err == nil {
		return "101"
	}
	if !errors.As(err, &refused) {
		r.t.Errorf("%s: %v", path, err)
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", refused.Response.Status, refused.Body))
}

func (p *peer) send(text string) {
	p.t.Helper()
	if err := p.Write(p.t.Context(), frame.Text, []byte(text)); err != nil {
		p.t.Fatal(err)
	}
}

var ids = regexp.MustCompile(`[A-Za-z0-9_-]{15}=`)

// want reads the next message, in which every ID is written ID.
func (p *peer) want(text string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 20*time.Second)
	defer cancel()
	op, b, err := p.Read(ctx)
	if got := ids.ReplaceAllString(string(b), "ID"); err != nil || op != frame.Text || got != text {
		p.t.Errorf("read %v %s, %v\nnot %s", op, got, err, text)
	}
}

// silent sends something that is answered, and wants no other answer.
func (p *peer) silent() {
	p.t.Helper()
	p.send(`{"action":"echo"}`)
	p.want("echo")
}

var echo = function(func(map[string]any) (string, string) { return `{"statusCode":200,"body":"echo"}`, "" })

// Every way to answer on a message route.
func TestAnswers(t *testing.T) {
	const (
		forbidden = `{"message": "Forbidden", "connectionId":"ID", "requestId":"ID"}`
		failed    = `{"message": "Internal server error", "connectionId":"ID", "requestId":"ID"}`
		timedOut  = `{"message": "Endpoint request timed out", "connectionId":"ID", "requestId":"ID"}`
	)
	answers := function(func(e map[string]any) (string, string) {
		var m struct{ Return, Error, Sleep string }
		_ = json.Unmarshal([]byte(e["body"].(string)), &m)
		if d, err := time.ParseDuration(m.Sleep); err == nil {
			time.Sleep(d)
		}
		return m.Return, m.Error
	})
	slow := twoWay("slow", "F")
	slow.Integration.Timeout = 50 * time.Millisecond
	locked := twoWay("locked", "F")
	locked.Integration.NoPermission = true
	a := apiOf(proxy("one", "F"), twoWay("two", "F"), twoWay("echo", "E"), slow, locked, twoWay("lost", "Nowhere"),
		&api.Route{Key: "nothing"})
	r := start(t, a, map[string]lambda.Function{"F": answers, "E": echo})
	p := r.dial()
	for _, row := range []struct{ send, want string }{
		{`{"action":"two","return":"{\"statusCode\":200,\"body\":\"hi\"}"}`, "hi"},
		{`{"action":"two","return":"{\"statusCode\":500,\"body\":\"sorry\"}"}`, "sorry"},
		{`{"action":"two","return":"{\"statusCode\":200}"}`, ""},
		{`{"action":"one","return":"{\"statusCode\":200,\"body\":\"hi\"}"}`, ""},
		{`{"action":"one","return":"{\"statusCode\":400}"}`, ""},
		{`{"action":"one","return":"\"text\""}`, failed},
		{`{"action":"one","return":"null"}`, failed},
		{`{"action":"two","return":"{}"}`, failed},
		{`{"action":"one","return":"{\"errorMessage\":\"x\"}","error":"Unhandled"}`, failed},
		{`{"action":"two","return":"{\"errorMessage\":\"2026 x Task timed out after 3.00 seconds\"}","error":"Unhandled"}`, failed},
		{`{"action":"slow","sleep":"300ms"}`, timedOut},
		{`{"action":"locked"}`, failed},
		{`{"action":"lost"}`, failed},
		{`{"action":"nothing"}`, failed},
		{`{"action":"unknown"}`, forbidden},
		{`{"action":"$connect"}`, forbidden},
		{`{}`, forbidden},
		{`not JSON`, forbidden},
		{``, forbidden},
	} {
		p.send(row.send)
		if row.want != "" {
			p.want(row.want)
		} else {
			p.silent()
		}
	}
}

// $connect: each status, and what is not one.
func TestConnect(t *testing.T) {
	connect := function(func(e map[string]any) (string, string) {
		q, _ := e["queryStringParameters"].(map[string]any)
		get := func(name string) string { s, _ := q[name].(string); return s }
		if s := get("sleep"); s != "" {
			d, _ := time.ParseDuration(s)
			time.Sleep(d)
		}
		if s := get("error"); s != "" {
			return s, "Unhandled"
		}
		return get("return"), ""
	})
	route := proxy(api.Connect, "F")
	route.Integration.Timeout = 100 * time.Millisecond
	disconnected := make(chan string, 100)
	a := apiOf(route, proxy(api.Disconnect, "D"))
	r := start(t, a, map[string]lambda.Function{"F": connect, "D": function(func(e map[string]any) (string, string) {
		disconnected <- fmt.Sprint(contextOfEvent(e)["disconnectStatusCode"], contextOfEvent(e)["disconnectReason"])
		return ok, ""
	})})
	query := func(name, value string) string { return "/prod?" + name + "=" + strings.ReplaceAll(value, " ", "%20") }
	for _, row := range []struct{ path, want string }{
		{query("return", `{"statusCode":200}`), "101"},
		{query("return", `{"statusCode":204,"body":"x"}`), "101"},
		{query("return", `{"statusCode":400}`), "400"},
		{query("return", `{"statusCode":401,"body":"x","headers":{"X":"y"}}`), "401"},
		{query("return", `{"statusCode":302}`), "302"},
		{query("return", `{"statusCode":503}`), "503"},
		{query("return", `null`), `502 {"message":"Internal server error"}`},
		{query("return", `"ok"`), `502 {"message":"Internal server error"}`},
		{query("return", `{"status":200}`), `502 {"message":"Internal server error"}`},
		{query("error", `{"errorMessage":"boom"}`), `502 {"message":"Internal server error"}`},
		{query("error", `{"errorMessage":"x Task timed out after 3.00 seconds"}`), `502 {"message":"Internal server error"}`},
		{query("sleep", `300ms`), `504 {"message":"Endpoint request timed out"}`},
		{"/nowhere", `403 {"message":"Forbidden"}`},
		{"/", `403 {"message":"Forbidden"}`},
		{"/prod/more", `403 {"message":"Forbidden"}`},
	} {
		if got := r.refused(row.path, nil); got != row.want {
			t.Errorf("%s: %s, not %s", row.path, got, row.want)
		}
	}
	if len(disconnected) > 0 {
		t.Errorf("$disconnect ran: %s", <-disconnected)
	}
}

// A subprotocol is what $connect returns, and nothing else.
func TestSubprotocol(t *testing.T) {
	r := start(t, apiOf(proxy(api.Connect, "F")), map[string]lambda.Function{"F": function(func(e map[string]any) (string, string) {
		q, _ := e["queryStringParameters"].(map[string]any)
		if q["p"] == nil {
			return ok, ""
		}
		return fmt.Sprintf(`{"statusCode":200,"headers":{"sec-websocket-protocol":%q,"X-Other":"x"}}`, q["p"]), ""
	})})
	for query, want := range map[string]string{"": "", "?p=chat": "chat", "?p=soap": "not offered"} {
		nc, h, err := handshake.Dial(t.Context(), "ws://"+r.addr+"/prod"+query, &handshake.DialOptions{Subprotocols: []string{"myprotocol", "chat"}})
		if err != nil {
			if want != "not offered" || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", query, err)
			}
			continue
		}
		nc.Close()
		if h.Subprotocol != want || h.Response.Header.Count("X-Other") > 0 {
			t.Errorf("%s: %q, %v", query, h.Subprotocol, h.Response.Header)
		}
	}
}

// The whole life of a connection, as functions are told of it.
func TestEvents(t *testing.T) {
	var mu sync.Mutex
	var told []map[string]any
	all := function(func(e map[string]any) (string, string) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, e)
		return ok, ""
	})
	a := apiOf(proxy(api.Connect, "F"), proxy("say", "F"), proxy(api.Default, "F"), proxy(api.Disconnect, "F"))
	a.Stage.Variables = map[string]string{"colour": "blue"}
	r := start(t, a, map[string]lambda.Function{"F": all})
	p, err := r.tryDial("/prod?a=1&a=2", http.Header{"X-Mine": {"x"}, "User-Agent": {"test"}})
	if err != nil {
		t.Fatal(err)
	}
	await := func(n int) map[string]any {
		t.Helper()
		for range 1000 {
			mu.Lock()
			count := len(told)
			mu.Unlock()
			if count >= n {
				mu.Lock()
				defer mu.Unlock()
				return told[n-1]
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatalf("only %d events", len(told))
		return nil
	}
	await(1)
	p.send(`{"action":"say"}`)
	await(2)
	p.send(`hello`)
	await(3)
	if err := p.Close(4000, "enough"); err != nil {
		t.Error(err)
	}
	await(4)
	connection := contextOfEvent(told[0])["connectionId"]
	requests := map[any]bool{}
	for i, want := range []string{"$connect CONNECT <nil>", "say MESSAGE {\"action\":\"say\"}", "$default MESSAGE hello", "$disconnect DISCONNECT <nil>"} {
		c := contextOfEvent(told[i])
		if got := fmt.Sprint(c["routeKey"], " ", c["eventType"], " ", told[i]["body"]); got != want {
			t.Errorf("event %d: %s", i, got)
		}
		if c["connectionId"] != connection || c["connectedAt"] != contextOfEvent(told[0])["connectedAt"] ||
			told[i]["stageVariables"].(map[string]any)["colour"] != "blue" || c["domainName"] != r.Domain() || c["stage"] != "prod" {
			t.Errorf("event %d: %v", i, told[i])
		}
		requests[c["requestId"]] = true
	}
	if len(requests) != 4 {
		t.Errorf("%d request IDs in 4 events", len(requests))
	}
	if q := fmt.Sprint(told[0]["multiValueQueryStringParameters"], told[0]["queryStringParameters"]); q != "map[a:[1 2]] map[a:2]" {
		t.Errorf("the query is %s", q)
	}
	if c := contextOfEvent(told[3]); c["disconnectStatusCode"] != 4000.0 || c["disconnectReason"] != "enough" {
		t.Errorf("$disconnect was told %v", c)
	}
}

func sdk(t *testing.T, url, key, secret string) *apigatewaymanagementapi.Client {
	t.Helper()
	return apigatewaymanagementapi.New(apigatewaymanagementapi.Options{
		BaseEndpoint: &url, Region: "us-east-1", RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider(key, secret, ""),
	})
}

// Signatures are checked when asked for, of callers and of clients.
func TestIAM(t *testing.T) {
	route := proxy(api.Connect, "F")
	route.Authorization = "AWS_IAM"
	connected := make(chan map[string]any, 10)
	functions := map[string]lambda.Function{"F": function(func(e map[string]any) (string, string) {
		connected <- contextOfEvent(e)
		return ok, ""
	})}
	verifier := &sigv4.Verifier{Secret: func(id string) (string, bool) { return "SECRET", id == "AKID" }}
	r := start(t, apiOf(route), functions, func(o *Options) { o.Verifier = verifier })

	if got := r.refused("/prod", nil); !strings.HasPrefix(got, "403") {
		t.Errorf("unsigned: %s", got)
	}
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.addr+"/prod", nil)
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if err := v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "SECRET"}, request, empty, "execute-api", "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	header := http.Header{"Authorization": request.Header["Authorization"], "X-Amz-Date": request.Header["X-Amz-Date"]}
	if _, err := r.tryDial("/prod", header); err != nil {
		t.Fatal(err)
	}
	c := <-connected
	if c["identity"].(map[string]any)["accessKey"] != "AKID" {
		t.Errorf("identity is %v", c["identity"])
	}
	id := c["connectionId"].(string)
	in := &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &id, Data: []byte("x")}
	if _, err := sdk(t, "http://"+r.addr+"/prod", "AKID", "SECRET").PostToConnection(t.Context(), in); err != nil {
		t.Error(err)
	}
	if _, err := sdk(t, "http://"+r.addr+"/prod", "AKID", "WRONG").PostToConnection(t.Context(), in); err == nil || !strings.Contains(err.Error(), "InvalidSignatureException") {
		t.Errorf("a wrong secret: %v", err)
	}
}

// What $connect asks for beside a function's word.
func TestAdmission(t *testing.T) {
	keyed, needy := proxy(api.Connect, "F"), proxy(api.Connect, "F")
	keyed.KeyRequired = true
	needy.RequiredParameters = []string{"route.request.querystring.room", "route.request.header.X-Who"}
	functions := map[string]lambda.Function{"F": function(func(map[string]any) (string, string) { return ok, "" })}
	withKeys := apiOf(keyed)
	withKeys.Keys = []string{"sesame"}
	r := start(t, withKeys, functions)
	for key, want := range map[string]string{"": `403 {"message":"Forbidden"}`, "wrong": `403 {"message":"Forbidden"}`, "sesame": "101"} {
		if got := r.refused("/prod", http.Header{"x-api-key": {key}}); got != want {
			t.Errorf("key %q: %s", key, got)
		}
	}
	r = start(t, apiOf(needy), functions)
	if got := r.refused("/prod?room=", nil); got != `400 {"message":"Missing required request parameters: [room, X-Who]"}` {
		t.Errorf("without: %s", got)
	}
	if got := r.refused("/prod?room=a", http.Header{"x-who": {"me"}}); got != "101" {
		t.Errorf("with: %s", got)
	}
}

// Too many: what comes of it, on the handshake and on a message.
func TestThrottling(t *testing.T) {
	a := apiOf(twoWay("echo", "E"), proxy(api.Default, "E"))
	a.Stage.Routes = map[string]api.Throttle{"echo": {Rate: 0.0001, Burst: 1}}
	for _, by := range []string{"frame", "close"} {
		r := start(t, a, map[string]lambda.Function{"E": echo}, func(o *Options) { o.Unsure = unsure.Settings{"throttled-message": by} })
		p := r.dial()
		p.silent()
		p.send(`{"action":"echo"}`)
		if by == "frame" {
			p.want(`{"message": "Too Many Requests", "connectionId":"ID", "requestId":"ID"}`)
			continue
		}
		_, _, err := p.Read(t.Context())
		var closed *wsconn.CloseError
		if !errors.As(err, &closed) || closed.Code != frame.PolicyViolation {
			t.Errorf("it ended with %v", err)
		}
	}
	a = apiOf()
	a.Stage.Routes = map[string]api.Throttle{api.Connect: {Rate: 0.0001, Burst: 1}}
	r := start(t, a, nil)
	if got := r.refused("/prod", nil); got != "101" {
		t.Errorf("the first: %s", got)
	}
	if got := r.refused("/prod", nil); got != `429 {"message":"Too Many Requests"}` {
		t.Errorf("the second: %s", got)
	}
}

// Other addresses on the same port.
func TestAddresses(t *testing.T) {
	r := start(t, apiOf(), nil)
	for _, row := range []struct {
		method, path string
		status       int
		kind         string
	}{
		{"GET", "/prod", 426, ""},
		{"GET", "/prod/", 426, ""},
		{"GET", "/", 403, "ForbiddenException"},
		{"GET", "/prod/x", 403, "ForbiddenException"},
		{"POST", "/@connections/R1kmxc2VNjMCFIA=", 403, "ForbiddenException"},
		{"POST", "/prod/@connections/R1kmxc2VNjMCFIA=", 410, "GoneException"},
		{"POST", "/dev/@connections/R1kmxc2VNjMCFIA=", 403, "ForbiddenException"},
	} {
		request, _ := http.NewRequestWithContext(t.Context(), row.method, "http://"+r.addr+row.path, nil)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if response.StatusCode != row.status || response.Header.Get("X-Amzn-Errortype") != row.kind {
			t.Errorf("%s %s: %d %v", row.method, row.path, response.StatusCode, response.Header)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// The switches that turn an answer.
func TestSwitches(t *testing.T) {
	functions := map[string]lambda.Function{"E": echo, "F": function(func(e map[string]any) (string, string) {
		if contextOfEvent(e)["eventType"] == "CONNECT" && e["queryStringParameters"] != nil {
			return `{"statusCode":403}`, ""
		}
		return `{"statusCode":500,"body":"x"}`, ""
	})}
	a := apiOf(proxy("one", "F"), twoWay("echo", "E"))
	r := start(t, a, functions, func(o *Options) { o.Unsure = unsure.Settings{"one-way-status": "error"} })
	p := r.dial()
	p.send(`{"action":"one"}`)
	p.want(`{"message": "Internal server error", "connectionId":"ID", "requestId":"ID"}`)

	r = start(t, apiOf(proxy(api.Connect, "F")), functions, func(o *Options) { o.Unsure = unsure.Settings{"reject-body": "message"} })
	if got := r.refused("/prod?x=1", nil); got != `403 {"message":"Forbidden"}` {
		t.Errorf("the body of a refusal: %s", got)
	}
}

// What is seen of a message, in its order, and that nobody has to look.
func TestFeed(t *testing.T) {
	feed := &trace.Feed{}
	r := start(t, apiOf(twoWay("echo", "E")), map[string]lambda.Function{"E": echo}, func(o *Options) { o.Feed = feed })
	p := r.dial()
	p.silent() // nobody watches yet
	w, recent := feed.Watch()
	if len(recent) > 0 {
		t.Errorf("before anybody watched, %v was told", recent)
	}
	seen := func(want string) { // the client may be told before whoever watches
		t.Helper()
		var kinds []string
		request := "" // the end of the one before may still come
		for n := len(strings.Fields(want)); len(kinds) < n; {
			e := <-w.C
			if e.Kind == trace.Message {
				request = e.Request
			}
			if request != "" && e.Request == request {
				kinds = append(kinds, string(e.Kind))
			}
		}
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("seen: %s", got)
		}
	}
	p.silent()
	seen("message routed invoked answered sent")
	p.send("nonsense")
	p.want(`{"message": "Forbidden", "connectionId":"ID", "requestId":"ID"}`)
	seen("message routed sent")
	feed.Leave(w)
}

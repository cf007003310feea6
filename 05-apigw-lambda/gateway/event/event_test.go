package event

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"websocket.example/02-handshake/handshake"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	connected = time.Date(2026, 11, 23, 9, 30, 18, 123e6, time.UTC)
	later     = connected.Add(1500 * time.Millisecond)
	source    = Source{
		APIID: "abc123defg", Domain: "abc123defg.execute-api.us-east-1.amazonaws.com", Stage: "prod",
		ConnectionID: "R1kmxc2VNjMCFIA=", ConnectedAt: connected,
		Identity: Identity{UserAgent: "Mozilla/5.0", SourceIP: "127.0.0.1"},
	}
	rich = func() Source {
		s := source
		s.StageVariables = map[string]string{"table": "chat"}
		s.Authorizer = map[string]any{"principalId": "ana", "integrationLatency": 12, "admin": true}
		return s
	}()
)

var header = handshake.Header{
	{Name: "Host", Value: "127.0.0.1:8005"}, {Name: "User-Agent", Value: "Mozilla/5.0"},
	{Name: "Upgrade", Value: "websocket"}, {Name: "Connection", Value: "Upgrade"},
	{Name: "Sec-WebSocket-Key", Value: "dGhlIHNhbXBsZSBub25jZQ=="}, {Name: "Sec-WebSocket-Version", Value: "13"},
	{Name: "X-Two", Value: "a"}, {Name: "x-two", Value: "b"}, {Name: "lower-case", Value: "é"},
	{Name: "X-Forwarded-For", Value: "6.6.6.6"},
}

func connectEvent(s *Source, query string) Event {
	q, _ := url.ParseQuery(query)
	return s.OfConnect("R1knPH17NjMFftw=", connected, HeadersOf(header, "127.0.0.1", "Root=1-0-0"), QueryOf(q))
}

// The JSON of every kind, as it is. testdata is to be compared with what AWS
// sends, not only with itself.
func TestGolden(t *testing.T) {
	for name, e := range map[string]Event{
		"connect":          connectEvent(&source, ""),
		"connect-rich":     connectEvent(&rich, "token=x&room=a&room=b"),
		"message":          source.OfMessage("send", "R1knPH17NjMFftw=", "R1knPc2ntjMCFIA=", later, `{"action":"send","text":"<olá>"}`),
		"message-empty":    source.OfMessage("$default", "R1knPH17NjMFftw=", "R1knPc2ntjMCFIA=", later, ""),
		"message-rich":     rich.OfMessage("send", "R1knPH17NjMFftw=", "R1knPc2ntjMCFIA=", later, "hi"),
		"disconnect":       source.OfDisconnect("R1knPH17NjMFftw=", later, 1001, ""),
		"disconnect-rich":  rich.OfDisconnect("R1knPH17NjMFftw=", later, 1000, "Connection Closed Normally"),
		"without-an-agent": (&Source{ConnectedAt: connected, Identity: Identity{SourceIP: "::1"}}).OfMessage("x", "r", "m", later, ""),
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			if err := enc.Encode(e); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil || b.String() != string(want) {
				t.Errorf("%v\n%s", err, b.String())
			}
		})
	}
}

// Fields that AWS does not send, each kind by each.
func TestAbsent(t *testing.T) {
	for _, row := range []struct {
		name   string
		event  Event
		absent string
	}{
		{"CONNECT", connectEvent(&source, ""), "body queryStringParameters multiValueQueryStringParameters stageVariables messageId disconnectStatusCode disconnectReason authorizer"},
		{"MESSAGE", source.OfMessage("a", "r", "m", later, "x"), "headers multiValueHeaders queryStringParameters stageVariables disconnectStatusCode disconnectReason authorizer"},
		{"DISCONNECT", source.OfDisconnect("r", later, 1001, ""), "body queryStringParameters stageVariables messageId authorizer"},
		{"any", source.OfMessage("a", "r", "m", later, "x"), "resource path httpMethod pathParameters accountId resourceId resourcePath status error integrationLatency cognitoIdentityId"},
	} {
		b, err := json.Marshal(row.event)
		if err != nil {
			t.Fatal(err)
		}
		for name := range strings.FieldsSeq(row.absent) {
			if bytes.Contains(b, []byte(`"`+name+`":`)) {
				t.Errorf("%s has %q: %s", row.name, name, b)
			}
		}
	}
}

// aws-lambda-go reads everything that is in it.
func TestLambdaGo(t *testing.T) {
	for _, e := range []Event{
		connectEvent(&rich, "a=1"),
		rich.OfMessage("send", "R1knPH17NjMFftw=", "R1knPc2ntjMCFIA=", later, "hi"),
		rich.OfDisconnect("R1knPH17NjMFftw=", later, 1006, "x"),
	} {
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var got events.APIGatewayWebsocketProxyRequest
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		if err := d.Decode(&got); err != nil {
			t.Errorf("%v: %s", err, b)
		}
		if got.RequestContext.ConnectionID != e.Context.ConnectionID || got.RequestContext.ConnectedAt != connected.UnixMilli() ||
			got.RequestContext.RouteKey != e.Context.RouteKey || int(got.RequestContext.DisconnectStatusCode) != e.Context.DisconnectStatusCode ||
			got.RequestContext.RequestID != got.RequestContext.ExtendedRequestID {
			t.Errorf("%+v", got.RequestContext)
		}
	}
}

// The spelling is the client's, the last of several lines counts, and what
// the gateway says of the client the client can't.
func TestHeaders(t *testing.T) {
	h := HeadersOf(header, "127.0.0.1", "Root=1-0-0")
	for name, want := range map[string][]string{
		"X-Two": {"a", "b"}, "x-two": nil, "lower-case": {"é"}, "Connection": nil, "Upgrade": nil,
		"X-Forwarded-For": {"127.0.0.1"}, "X-Forwarded-Port": {"443"}, "X-Forwarded-Proto": {"https"}, "X-Amzn-Trace-Id": {"Root=1-0-0"},
	} {
		if !reflect.DeepEqual(h.All[name], want) {
			t.Errorf("%s is %q", name, h.All[name])
		}
		if want != nil && h.Last[name] != want[len(want)-1] {
			t.Errorf("%s is %q", name, h.Last[name])
		}
	}
}

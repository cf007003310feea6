// Package event is what a Lambda function behind a WebSocket API is told: the
// JSON of the proxy event, with exactly the fields that API Gateway sends, in
// its order.
//
//	CONNECT     the client's headers and query; no body
//	MESSAGE     the body; no headers, no query
//	DISCONNECT  four odd headers, the close code and its reason
//
// The struct of aws-lambda-go is for reading only: it is shared with REST
// APIs, and written as JSON it would show fields that no function ever gets.
package event

import (
	"maps"
	"slices"
	"strings"
	"time"

	"websocket.example/02-handshake/handshake"
)

// An Event is the payload of one invocation.
type Event struct {
	Headers           map[string]string   `json:"headers,omitempty"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders,omitempty"`
	Query             map[string]string   `json:"queryStringParameters,omitempty"`
	MultiValueQuery   map[string][]string `json:"multiValueQueryStringParameters,omitempty"`
	StageVariables    map[string]string   `json:"stageVariables,omitempty"`
	Context           Context             `json:"requestContext"`
	Body              *string             `json:"body,omitempty"`
	IsBase64Encoded   bool                `json:"isBase64Encoded"`
}

// A Context is what the gateway knows of the connection and the request.
type Context struct {
	RouteKey             string         `json:"routeKey"`
	Authorizer           map[string]any `json:"authorizer,omitempty"`
	MessageID            string         `json:"messageId,omitempty"`
	DisconnectStatusCode int            `json:"disconnectStatusCode,omitempty"`
	EventType            Type           `json:"eventType"`
	ExtendedRequestID    string         `json:"extendedRequestId"`
	RequestTime          string         `json:"requestTime"`
	MessageDirection     string         `json:"messageDirection"`
	DisconnectReason     *string        `json:"disconnectReason,omitempty"`
	Stage                string         `json:"stage"`
	ConnectedAt          int64          `json:"connectedAt"`
	RequestTimeEpoch     int64          `json:"requestTimeEpoch"`
	Identity             Identity       `json:"identity"`
	RequestID            string         `json:"requestId"`
	DomainName           string         `json:"domainName"`
	ConnectionID         string         `json:"connectionId"`
	APIID                string         `json:"apiId"`
}

// An Identity is who connected. With IAM authorization it says more.
type Identity struct {
	AccountID string `json:"accountId,omitempty"`
	Caller    string `json:"caller,omitempty"`
	AccessKey string `json:"accessKey,omitempty"`
	UserARN   string `json:"userArn,omitempty"`
	User      string `json:"user,omitempty"`
	UserAgent string `json:"userAgent,omitempty"`
	SourceIP  string `json:"sourceIp"`
}

// A Type is what happened.
type Type string

// All there are.
const (
	Connect    Type = "CONNECT"
	Message    Type = "MESSAGE"
	Disconnect Type = "DISCONNECT"
)

// A Source is what all events of a connection have in common.
type Source struct {
	APIID, Domain, Stage string
	StageVariables       map[string]string
	ConnectionID         string
	ConnectedAt          time.Time
	Identity             Identity
	Authorizer           map[string]any // what the authorizer said of the client
}

func (s *Source) event(route string, of Type, request string, at time.Time) Event {
	return Event{
		StageVariables: s.StageVariables,
		Context: Context{
			RouteKey: route, Authorizer: s.Authorizer, EventType: of,
			ExtendedRequestID: request, RequestID: request,
			RequestTime: at.UTC().Format("02/Jan/2006:15:04:05 -0700"), RequestTimeEpoch: at.UnixMilli(),
			MessageDirection: "IN", Stage: s.Stage, ConnectedAt: s.ConnectedAt.UnixMilli(), Identity: s.Identity,
			DomainName: s.Domain, ConnectionID: s.ConnectionID, APIID: s.APIID,
		},
	}
}

// OfConnect is the event of $connect.
func (s *Source) OfConnect(request string, at time.Time, h Headers, q Query) Event {
	e := s.event("$connect", Connect, request, at)
	e.Headers, e.MultiValueHeaders = h.Last, h.All
	e.Query, e.MultiValueQuery = q.Last, q.All
	return e
}

// OfMessage is the event of a message.
func (s *Source) OfMessage(route, request, message string, at time.Time, body string) Event {
	e := s.event(route, Message, request, at)
	e.Context.MessageID, e.Body = message, &body
	return e
}

// OfDisconnect is the event of $disconnect.
func (s *Source) OfDisconnect(request string, at time.Time, code int, reason string) Event {
	e := s.event("$disconnect", Disconnect, request, at)
	e.Headers = map[string]string{"Host": s.Domain, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""}
	e.MultiValueHeaders = map[string][]string{"Host": {s.Domain}, "x-api-key": {""}, "X-Forwarded-For": {""}, "x-restapi": {""}}
	e.Context.DisconnectStatusCode, e.Context.DisconnectReason = code, &reason
	return e
}

// Headers are the lines of a request as the two maps of an event: in the
// spelling of the client, of several lines with one name the last.
type Headers struct {
	Last map[string]string
	All  map[string][]string
}

// HeadersOf makes them, with those that the gateway adds. Those of the
// handshake itself, Connection and Upgrade, only an authorizer gets to see.
func HeadersOf(from handshake.Header, sourceIP, trace string) Headers {
	h := Headers{make(map[string]string, len(from)), make(map[string][]string, len(from))}
	spelling := make(map[string]string, len(from))
	add := func(name, value string) {
		lower := strings.ToLower(name)
		first, seen := spelling[lower]
		if !seen {
			first, spelling[lower] = name, name
		}
		h.Last[first] = value
		h.All[first] = append(h.All[first], value)
	}
	for _, f := range from {
		switch strings.ToLower(f.Name) {
		case "connection", "upgrade", "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto":
		default:
			add(f.Name, f.Value)
		}
	}
	add("X-Amzn-Trace-Id", trace)
	add("X-Forwarded-For", sourceIP)
	add("X-Forwarded-Port", "443")
	add("X-Forwarded-Proto", "https")
	return h
}

// With is the same with one line more.
func (h Headers) With(name, value string) Headers {
	n := Headers{maps.Clone(h.Last), maps.Clone(h.All)}
	n.Last[name], n.All[name] = value, []string{value}
	return n
}

// A Query is the URL's, as the two maps of an event. Both are nil without
// one.
type Query struct {
	Last map[string]string
	All  map[string][]string
}

// QueryOf makes them.
func QueryOf(values map[string][]string) Query {
	if len(values) == 0 {
		return Query{}
	}
	q := Query{make(map[string]string, len(values)), make(map[string][]string, len(values))}
	for name, all := range values {
		q.Last[name], q.All[name] = all[len(all)-1], slices.Clone(all)
	}
	return q
}

package authorizer

import (
	"strings"

	"websocket.example/05-apigw-lambda/gateway/event"
	"websocket.example/05-apigw-lambda/gateway/id"
)

// An Event is what an authorizer gets, in the order of the Developer Guide's
// example. Unlike that of $connect it has the handshake's own headers.
type Event struct {
	Type              string              `json:"type"` // REQUEST
	MethodARN         string              `json:"methodArn"`
	Headers           map[string]string   `json:"headers"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders"`
	Query             map[string]string   `json:"queryStringParameters,omitzero"` // nil is left out, empty is {}
	MultiValueQuery   map[string][]string `json:"multiValueQueryStringParameters,omitzero"`
	StageVariables    map[string]string   `json:"stageVariables"`
	Context           event.Context       `json:"requestContext"`
}

func (in *Input) event() Event {
	trace := in.Trace
	if trace == "" {
		trace = "Root=1-" + id.Hex(4) + "-" + id.Hex(12)
	}
	h := event.HeadersOf(in.Header, in.Source.Identity.SourceIP, trace)
	for _, own := range [][2]string{{"Connection", "upgrade"}, {"content-length", "0"}, {"Upgrade", "websocket"}} {
		if _, has := header(h.Last, own[0], false); !has {
			h = h.With(own[0], own[1])
		}
	}
	q := event.QueryOf(in.Query)
	if q.Last == nil && !in.OmitEmptyQuery {
		q = event.Query{Last: map[string]string{}, All: map[string][]string{}}
	}
	variables := map[string]string{}
	if in.ShowStageVariables && in.Source.StageVariables != nil {
		variables = in.Source.StageVariables
	}
	of := in.Source
	of.Authorizer = nil // that is what it is asked for
	if in.HideUserAgent {
		of.Identity.UserAgent = ""
	}
	return Event{
		Type: "REQUEST", MethodARN: in.MethodARN, Headers: h.Last, MultiValueHeaders: h.All,
		Query: q.Last, MultiValueQuery: q.All, StageVariables: variables,
		Context: of.OfConnect(in.RequestID, in.At, h, q).Context,
	}
}

// header finds a header's value.
func header(headers map[string]string, name string, exact bool) (value string, has bool) {
	if value, has = headers[name]; has || exact {
		return value, has
	}
	for other, value := range headers {
		if strings.EqualFold(other, name) {
			return value, true
		}
	}
	return "", false
}

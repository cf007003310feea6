package integration

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/selection"
)

// client is what a Runner without one uses.
var client = &http.Client{
	Transport: http.DefaultTransport.(*http.Transport).Clone(),
	CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // a redirect is an answer like any other
	},
}

// stageVariable is ${stageVariables.name} in a URI.
var stageVariable = regexp.MustCompile(`\$\{stageVariables\.([A-Za-z0-9_]+)\}`)

// http asks a web server.
func (p *prepared) http(ctx context.Context, request Request, c *selection.Context, body []byte) (Answer, error) {
	r, err := p.httpRequest(ctx, request, c, body)
	if err != nil {
		return Answer{}, err
	}
	with := p.runner.Client
	if with == nil {
		with = client
	}
	response, err := with.Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	answered, err := io.ReadAll(io.LimitReader(response.Body, MaxBody+1))
	if err != nil {
		return Answer{}, err
	}
	if len(answered) > MaxBody {
		return Answer{}, fmt.Errorf("the answer is larger than %d MiB", MaxBody>>20)
	}
	return Answer{Status: response.StatusCode, Header: response.Header, Body: answered}, nil
}

func (p *prepared) httpRequest(ctx context.Context, request Request, c *selection.Context, body []byte) (*http.Request, error) {
	uri := stageVariable.ReplaceAllStringFunc(p.in.URI, func(s string) string {
		return request.StageVariables[stageVariable.FindStringSubmatch(s)[1]]
	})
	query := url.Values{}
	header := http.Header{}
	if p.in.Type == api.HTTPProxy && p.runner.Options.ForwardHeaders {
		forward(header, request.Headers)
	}
	header.Set("Content-Type", "application/json")
	apiID := c.Value("apiId")
	header.Set("User-Agent", "AmazonAPIGateway_"+apiID)
	header.Set("X-Amzn-Apigateway-Api-Id", apiID)
	for _, parameter := range p.parameters {
		values := parameter.values(c)
		switch parameter.place {
		case toPath:
			if len(values) > 0 {
				uri = strings.ReplaceAll(uri, "{"+parameter.name+"}", url.PathEscape(values[0]))
			}
		case toQuery:
			query[parameter.name] = append(query[parameter.name], values...)
		case toHeader:
			header.Del(parameter.name)
			for _, v := range values {
				header.Add(parameter.name, v)
			}
		}
	}
	method := strings.ToUpper(p.in.Method)
	if method == "" || method == "ANY" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, uri, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if q := query.Encode(); q != "" && r.URL.RawQuery != "" {
		r.URL.RawQuery += "&" + q
	} else if q != "" {
		r.URL.RawQuery = q
	}
	r.Header = header
	if host := header.Get("Host"); host != "" {
		r.Host = host
	}
	return r, nil
}

// forward copies the client's headers, but those of this one connection.
func forward(to http.Header, from map[string][]string) {
	for name, values := range from {
		switch lower := strings.ToLower(name); {
		case lower == "host", lower == "connection", lower == "upgrade", lower == "content-length",
			lower == "transfer-encoding", strings.HasPrefix(lower, "sec-websocket-"):
		default:
			to[http.CanonicalHeaderKey(name)] = values
		}
	}
}

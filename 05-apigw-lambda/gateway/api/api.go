// Package api is what API Gateway knows of a WebSocket API once it is
// deployed: a stage with its routes, each with what runs behind it. It is the
// one shape between those who read templates and those who serve them, and
// holds data only.
//
// The names are those of the AWS::ApiGatewayV2 resources. What a template says
// in CloudFormation's own words (Ref, Fn::Sub, ARNs) is resolved here: a route
// has its integration, an integration the logical ID of its function.
package api

import (
	"encoding/json"
	"time"
)

// An API is one WebSocket API in one stage.
type API struct {
	ResourceID     string // in the template
	ID             string // what Ref gives, and so stands in URLs and ARNs: 10 lower-case letters and digits
	Name           string
	RouteSelection string // RouteSelectionExpression, such as $request.body.action
	KeySelection   string // ApiKeySelectionExpression; "" is $request.header.x-api-key

	Stage  Stage
	Routes map[string]*Route          // the deployed ones, by their route key
	Models map[string]json.RawMessage // JSON schemas (draft 4), by name
	Keys   []string                   // API keys that a usage plan lets in
}

// The route keys that API Gateway knows itself.
const (
	Connect    = "$connect"
	Disconnect = "$disconnect"
	Default    = "$default"
)

// A Stage is where the API is served.
type Stage struct {
	ResourceID string
	Name       string // the first part of the URL's path
	Variables  map[string]string
	Throttle   Throttle            // DefaultRouteSettings
	Routes     map[string]Throttle // RouteSettings, by route key
}

// A Throttle is a token bucket. Zero is the account's.
type Throttle struct {
	Rate  float64 // requests a second
	Burst int
}

// A Route is what happens to the messages with its key.
type Route struct {
	ResourceID  string
	Key         string
	Integration *Integration // nil: there is none, or none that runs here

	Authorization string // NONE, AWS_IAM or CUSTOM; only $connect's counts
	Authorizer    *Authorizer
	KeyRequired   bool // ApiKeyRequired

	ModelSelection     string            // ModelSelectionExpression
	RequestModels      map[string]string // model names, by what it selects
	RequiredParameters []string          // such as route.request.querystring.token; $connect only

	ResponseSelection string         // RouteResponseSelectionExpression; $default makes the route two-way
	Response          *RouteResponse // the RouteResponse $default, if there is one
}

// TwoWay says that what the integration answers goes back to the client.
func (r *Route) TwoWay() bool { return r.ResponseSelection == Default && r.Response != nil }

// A RouteResponse says that, and how, a route answers.
type RouteResponse struct {
	ResourceID     string
	ModelSelection string
}

// An IntegrationType is what runs behind a route.
type IntegrationType string

// All there are.
const (
	Proxy     IntegrationType = "AWS_PROXY"  // a Lambda function, which gets the event and gives status and body
	AWS       IntegrationType = "AWS"        // a Lambda function, which gets what a mapping template makes
	HTTP      IntegrationType = "HTTP"       // likewise a web server
	HTTPProxy IntegrationType = "HTTP_PROXY" // a web server, which gets the message as it is
	Mock      IntegrationType = "MOCK"       // API Gateway itself
)

// An Integration is what runs behind a route.
type Integration struct {
	ResourceID string
	Type       IntegrationType
	Function   string        // logical ID, for Proxy and AWS; if no function of the template is meant, its name
	URI        string        // for HTTP and HTTPProxy; may hold ${stageVariables.name}
	Method     string        // IntegrationMethod
	Timeout    time.Duration // 50 ms to 29 s; 0 is 29 s

	// NoPermission says that no AWS::Lambda::Permission lets API Gateway invoke
	// the function for this route. It then fails without the function's knowing.
	NoPermission bool

	ContentHandling   string            // ContentHandlingStrategy: "", CONVERT_TO_BINARY or CONVERT_TO_TEXT
	Passthrough       string            // PassthroughBehavior: WHEN_NO_MATCH (also ""), NEVER or WHEN_NO_TEMPLATES
	RequestParameters map[string]string // integration.request.header.X: expression or 'static'
	TemplateSelection string            // TemplateSelectionExpression
	RequestTemplates  map[string]string // mapping templates, by what it selects
	ResponseSelection string            // IntegrationResponseSelectionExpression
	Responses         []IntegrationResponse
}

// An IntegrationResponse is how one kind of answer is told to the client.
type IntegrationResponse struct {
	ResourceID        string
	Key               string // $default, a value, or a pattern such as /4\d\d/
	ContentHandling   string
	TemplateSelection string
	Templates         map[string]string
}

// An Authorizer is a function that is asked before $connect.
type Authorizer struct {
	ResourceID     string
	Name           string
	Function       string   // logical ID
	IdentitySource []string // such as route.request.querystring.token: all must be there
	NoPermission   bool     // as an integration's
}

// A Function is an AWS::Lambda::Function or AWS::Serverless::Function.
type Function struct {
	ResourceID    string
	Name          string // FunctionName, or what stands for it
	Runtime       string // provided.al2023, nodejs22.x, ...
	Handler       string
	Code          string // a folder or a zip file, absolute
	Architectures []string
	Timeout       time.Duration // 0 is 3 s
	Memory        int           // MiB; 0 is 128
	Concurrency   int           // ReservedConcurrentExecutions; 0 is no bound
	Environment   map[string]string
	Schedules     []Schedule
}

// A Schedule runs a function at intervals.
type Schedule struct {
	ResourceID string
	Every      time.Duration
	Input      json.RawMessage // nil is an EventBridge event
}

// A Project is what a template describes.
type Project struct {
	APIs      []*API
	Functions []*Function
	Notices   []Notice
}

// A Notice is something in a template that does not run here, or not as it
// would on AWS. It is told at start.
type Notice struct {
	ResourceID string
	Type       string // of the resource
	Reason     string // what does not run, and what happens in its place
}

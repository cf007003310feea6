package template

import (
	"strings"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// notice tells something once.
func (t *template) notice(id, kind, reason string) {
	n := api.Notice{ResourceID: id, Type: kind, Reason: reason}
	if t.err != nil || t.noticed[n] {
		return
	}
	if t.noticed == nil {
		t.noticed = map[api.Notice]bool{}
	}
	t.noticed[n] = true
	t.project.Notices = append(t.project.Notices, n)
}

const (
	notWebSocket = "this is not a WebSocket API, and is not served"
	ownDomain    = "own domain names are not served: the API has its address with the stage only"
)

// reasons says of each type that changes what a project does, and that does
// not run here, why. What is in no list is infrastructure, of which an API
// knows nothing: tables, roles, alarms.
var reasons = map[string]string{
	"AWS::ApiGateway::RestApi":                      notWebSocket,
	"AWS::Serverless::Api":                          notWebSocket,
	"AWS::Serverless::HttpApi":                      notWebSocket,
	"AWS::Serverless::GraphQLApi":                   notWebSocket,
	"AWS::AppSync::GraphQLApi":                      notWebSocket,
	"AWS::ApiGatewayV2::DomainName":                 ownDomain,
	"AWS::ApiGatewayV2::ApiMapping":                 ownDomain,
	"AWS::ApiGatewayV2::VpcLink":                    "there is no VPC here: integrations are called directly",
	"AWS::Lambda::EventSourceMapping":               "no queue and no stream is read here: the function is not run by it",
	"AWS::Lambda::EventInvokeConfig":                "asynchronous invocations are neither retried nor sent on here",
	"AWS::Lambda::Url":                              "function URLs are not served",
	"AWS::Lambda::LayerVersion":                     "layers are not put under /opt here: what functions need has to be in their code",
	"AWS::Serverless::LayerVersion":                 "layers are not put under /opt here: what functions need has to be in their code",
	"AWS::Serverless::Application":                  "templates within templates are not read: read that one by itself",
	"AWS::CloudFormation::Stack":                    "templates within templates are not read: read that one by itself",
	"AWS::Serverless::StateMachine":                 "state machines do not run here",
	"AWS::StepFunctions::StateMachine":              "state machines do not run here",
	"AWS::Serverless::Connector":                    "the permissions that it would write are missing here",
	"AWS::CloudFormation::CustomResource":           "what it does when a stack is made is not done here",
	"AWS::SNS::Subscription":                        "topics deliver nothing here",
	"AWS::ApiGatewayV2::RoutingRule":                ownDomain,
	"AWS::Lambda::CapacityProvider":                 "functions run as processes of this machine",
	"AWS::Serverless::CapacityProvider":             "functions run as processes of this machine",
	"AWS::ApiGatewayV2::ApiGatewayManagedOverrides": "overrides of what API Gateway made by itself are not looked at",
}

// handled are the types that the other files read, and those that mean
// nothing here by themselves.
var handled = map[string]bool{
	"AWS::ApiGatewayV2::Api": true, "AWS::ApiGatewayV2::Authorizer": true, "AWS::ApiGatewayV2::Deployment": true,
	"AWS::ApiGatewayV2::Integration": true, "AWS::ApiGatewayV2::IntegrationResponse": true, "AWS::ApiGatewayV2::Model": true,
	"AWS::ApiGatewayV2::Route": true, "AWS::ApiGatewayV2::RouteResponse": true, "AWS::ApiGatewayV2::Stage": true,
	"AWS::Lambda::Alias": true, "AWS::Lambda::CodeSigningConfig": true, "AWS::Lambda::Function": true,
	"AWS::Lambda::LayerVersionPermission": true, "AWS::Lambda::Permission": true, "AWS::Lambda::Version": true,
	"AWS::Serverless::Function": true, "AWS::Serverless::SimpleTable": true,
}

// others names what was not read.
func (t *template) others() {
	for _, r := range t.resources {
		if r.off || handled[r.kind] {
			continue
		}
		reason, ok := reasons[r.kind]
		switch {
		case ok:
		case strings.HasPrefix(r.kind, "Custom::"):
			reason = reasons["AWS::CloudFormation::CustomResource"]
		case strings.HasPrefix(r.kind, "AWS::ApiGatewayV2::"), strings.HasPrefix(r.kind, "AWS::Lambda::"), strings.HasPrefix(r.kind, "AWS::Serverless::"):
			reason = "resources of this type are not known here"
		default:
			continue
		}
		t.notice(r.id, r.kind, reason)
	}
}

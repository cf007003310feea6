package template

import (
	"slices"
	"strings"
)

// The types of resource that more than one file asks for.
const (
	apiType        = "AWS::ApiGatewayV2::Api"
	stageType      = "AWS::ApiGatewayV2::Stage"
	routeType      = "AWS::ApiGatewayV2::Route"
	permissionType = "AWS::Lambda::Permission"
)

// expand writes the resources of SAM out as plain ones, as SAM does on AWS
// and with the same logical IDs. Functions stay: there is only one property
// in which they differ from plain ones.
func (t *template) expand() {
	for _, r := range slices.Clone(t.resources) {
		if !strings.HasPrefix(r.kind, "AWS::Serverless::") {
			continue
		}
		if !t.sam && t.err == nil {
			t.fail(r.at, "%s is of a type of SAM, and the template does not say that it is one: add Transform: AWS::Serverless-2016-10-31", name(r.id))
		}
		r.properties = t.withGlobals(r)
		switch r.kind {
		case "AWS::Serverless::Function":
			t.expandFunction(r)
		case "AWS::Serverless::WebSocketApi":
			t.expandAPI(r)
		}
	}
}

func (t *template) expandFunction(r *resource) {
	if r.properties.get("Role").kind == none {
		t.write(r, "Role", "AWS::IAM::Role", r.at.fields())
	}
	if alias := r.properties.get("AutoPublishAlias"); alias.kind != none {
		t.write(r, "Alias"+alias.text, "AWS::Lambda::Alias", alias.fields().with("FunctionName", ref(alias, r.id)).with("Name", alias))
	}
}

// write adds a resource that SAM makes of another.
func (t *template) write(from *resource, suffix, kind string, properties *node) *resource {
	body := from.at.fields().with("Condition", from.body.get("Condition"))
	r := &resource{id: from.id + suffix, kind: kind, at: properties, body: body, properties: properties, from: from}
	t.add(r)
	return r
}

// expandAPI is facts 6.2: an Api, a Stage that deploys by itself, and for each
// route a Route, an Integration and a Permission. There is no RouteResponse.
func (t *template) expandAPI(r *resource) {
	p := r.properties
	routes := p.get("Routes")
	if routes.kind != fields || len(routes.keys) == 0 {
		t.fail(r.at, "the WebSocketApi %s needs Routes, a map from route keys to functions", name(r.id))
		return
	}
	r.kind, r.from = apiType, r
	stage := p.get("StageName")
	if stage.kind == none {
		stage = r.at.scalar("default")
	}
	if stage.text == "$default" {
		t.fail(stage, "the stage of a WebSocket API cannot be called $default: take another name")
	}
	// The prefix is the stage's name, where that is plain text.
	prefix := stage.text
	if prefix == "default" {
		prefix = "Default"
	}
	api := ref(r.at, r.id)
	t.write(r, prefix+"Stage", stageType, stage.fields().with("ApiId", api).with("StageName", stage).
		with("StageVariables", p.get("StageVariables")).with("DefaultRouteSettings", p.get("DefaultRouteSettings")).
		with("RouteSettings", p.get("RouteSettings")).with("AutoDeploy", plain(r.at, "true")))

	authorization := t.expandAuth(r, api)
	for i, key := range routes.keys {
		t.expandRoute(r, api, key, routes.items[i], stage, authorization)
	}
	properties := p.fields().with("ProtocolType", p.scalar("WEBSOCKET")).with("Name", p.get("Name").either(r.at.scalar(r.id)))
	for _, key := range []string{"RouteSelectionExpression", "ApiKeySelectionExpression", "DisableSchemaValidation", "DisableExecuteApiEndpoint"} {
		properties.with(key, p.get(key))
	}
	if p.get("Domain").kind != none {
		t.notice(r.id+".Domain", "AWS::ApiGatewayV2::DomainName", "own domain names are not served: the API has its address with the stage only")
	}
	r.properties = properties
}

// expandAuth makes the authorizer and returns what $connect says of it.
func (t *template) expandAuth(r *resource, api *node) *node {
	auth := r.properties.get("Auth")
	properties := r.at.fields()
	kind := auth.get("AuthType")
	switch {
	case auth.kind == none:
		return properties
	case auth.kind != fields || kind.kind != scalar:
		t.fail(auth, "Auth of %s needs an AuthType: NONE, AWS_IAM or CUSTOM", name(r.id))
		return properties
	case r.properties.get("Routes").get("$connect").kind == none:
		t.fail(auth, "Auth of %s needs a route $connect, where it is asked", name(r.id))
		return properties
	}
	properties.with("AuthorizationType", kind)
	if kind.text != "CUSTOM" {
		return properties
	}
	arn := auth.get("AuthArn")
	if arn.kind == none {
		t.fail(auth, "Auth of %s needs an AuthArn: the ARN of the function to ask", name(r.id))
		return properties
	}
	authorizer := t.write(r, "ConnectAuthorizer", "AWS::ApiGatewayV2::Authorizer", auth.fields().with("ApiId", api).
		with("AuthorizerType", auth.scalar("REQUEST")).with("AuthorizerUri", invocation(arn)).
		with("AuthorizerCredentialsArn", auth.get("InvokeRole")).with("IdentitySource", auth.get("IdentitySource")).
		with("Name", auth.get("Name").either(auth.scalar(r.id+"ConnectAuthorizer"))))
	if auth.get("InvokeRole").kind == none {
		t.write(r, "AuthorizerPermission", permissionType, invokable(arn).with("SourceArn", sub(auth,
			"arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/authorizers/*", "Api", api)))
	}
	return properties.with("AuthorizerId", ref(auth, authorizer.id))
}

func (t *template) expandRoute(r *resource, api, key, route, stage, authorization *node) {
	if route.kind != fields {
		t.fail(key, "the route %s of %s needs a FunctionArn", name(key.text), name(r.id))
		return
	}
	function := route.get("FunctionArn")
	if function.kind == none {
		t.fail(key, "the route %s of %s needs a FunctionArn", name(key.text), name(r.id))
		return
	}
	id, ok := samRouteID(key.text)
	if !ok {
		t.fail(key, "SAM wants letters and digits in a route key, and %s has others: take AWS::ApiGatewayV2::Route for it", name(key.text))
		return
	}
	t.write(r, id+"Integration", "AWS::ApiGatewayV2::Integration", function.fields().with("ApiId", api).
		with("IntegrationType", function.scalar("AWS_PROXY")).with("IntegrationUri", invocation(function)).
		with("TimeoutInMillis", route.get("IntegrationTimeout")))
	t.write(r, id+"Permission", permissionType, invokable(function).with("SourceArn", sub(function,
		"arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/${Stage}/"+key.text, "Api", api, "Stage", stage)))
	properties := key.fields().with("ApiId", api).with("RouteKey", key).
		with("Target", sub(key, "integrations/"+r.id+id+"Integration"))
	for _, name := range []string{"ApiKeyRequired", "ModelSelectionExpression", "RequestModels", "RequestParameters", "RouteResponseSelectionExpression"} {
		properties.with(name, route.get(name))
	}
	if key.text == "$connect" {
		for i, k := range authorization.keys {
			properties.with(k.text, authorization.items[i])
		}
	} else if parameters := route.get("RequestParameters"); parameters.kind != none {
		t.fail(parameters, "only the route $connect may have RequestParameters: the other messages have no query string and no headers")
	}
	t.write(r, id+"Route", routeType, properties)
}

// samRouteID is the part of the logical IDs that SAM makes of a route key.
func samRouteID(key string) (string, bool) {
	switch key {
	case "$connect", "$disconnect", "$default":
		key = key[1:]
	}
	for _, c := range key {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return "", false
		}
	}
	if key == "" {
		return "", false
	}
	return strings.ToUpper(key[:1]) + strings.ToLower(key[1:]), true
}

// The following write what a template would say, where at stands.

func ref(at *node, id string) *node { return at.fields().with("Ref", at.scalar(id)) }

func plain(at *node, text string) *node {
	n := at.scalar(text)
	n.plain = true
	return n
}

func sub(at *node, text string, values ...any) *node {
	given := at.fields()
	for i := 0; i+1 < len(values); i += 2 {
		given.with(values[i].(string), values[i+1].(*node))
	}
	return at.fields().with("Fn::Sub", at.list(at.scalar(text), given))
}

// invocation is the URI under which API Gateway invokes a function.
func invocation(arn *node) *node {
	return sub(arn, "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function}/invocations", "Function", arn)
}

// invokable is a permission for API Gateway.
func invokable(arn *node) *node {
	return arn.fields().with("Action", arn.scalar("lambda:InvokeFunction")).with("FunctionName", arn).with("Principal", arn.scalar("apigateway.amazonaws.com"))
}

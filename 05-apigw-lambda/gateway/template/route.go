package template

import (
	"maps"
	"slices"
	"strings"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// route reads a route into an API, if it has reached the stage, which the
// template calls declared.
func (t *template) route(a *api.API, r *resource, d deployment, declared string) {
	p := t.properties(r)
	route := &api.Route{
		ResourceID:        r.id,
		Key:               p.need("RouteKey"),
		Authorization:     or(p.text("AuthorizationType"), "NONE"),
		KeyRequired:       p.flag("ApiKeyRequired"),
		ModelSelection:    p.text("ModelSelectionExpression"),
		RequestModels:     t.modelNames(p.pairs("RequestModels")),
		ResponseSelection: p.text("RouteResponseSelectionExpression"),
	}
	if t.err != nil {
		return
	}
	known := []string{api.Connect, api.Disconnect, api.Default}
	if strings.HasPrefix(route.Key, "$") && !slices.Contains(known, route.Key) {
		t.fail(p.n.get("RouteKey"), "a route key that begins with $ is $connect, $disconnect or $default, and this is %s", name(route.Key))
		return
	}
	if !d.has(r) {
		if d.id != "" {
			t.notice(r.id, r.kind, "the Deployment "+d.id+" does not depend on it, so it may be missing in the stage, where "+route.Key+" then is no route: it is left out here. Add it to DependsOn")
		}
		return
	}
	if first := a.Routes[route.Key]; first != nil {
		t.fail(r.at, "%s has the route key %s, which %s has already", name(r.id), name(route.Key), first.ResourceID)
		return
	}
	source := "arn:" + t.partition() + ":execute-api:" + t.Region + ":" + t.Account + ":" + a.ID + "/" + declared + "/" + route.Key
	route.Integration = t.integration(a, p, d, source)
	t.authorization(a, route, p)
	t.requestParameters(route, p)
	t.response(route, r, d)
	a.Routes[route.Key] = route
}

// authorization reads who may connect.
func (t *template) authorization(a *api.API, route *api.Route, p properties) {
	switch kind := route.Authorization; {
	case kind == "NONE":
		return
	case route.Key != api.Connect:
		t.notice(p.r.id, p.r.kind, "AuthorizationType "+kind+" has no effect here, as on AWS: only $connect is authorized")
	case kind == "AWS_IAM":
	case kind != "CUSTOM":
		t.fail(p.n.get("AuthorizationType"), "the AuthorizationType of a WebSocket API is NONE, AWS_IAM or CUSTOM, and this is %s", name(kind))
	default:
		id := p.need("AuthorizerId")
		r := t.byID[id]
		if r == nil || r.kind != "AWS::ApiGatewayV2::Authorizer" {
			if id != "" {
				t.fail(p.n.get("AuthorizerId"), "%s is no AWS::ApiGatewayV2::Authorizer of this template", name(id))
			}
			return
		}
		route.Authorizer = t.authorizer(a, r)
	}
}

func (t *template) authorizer(a *api.API, r *resource) *api.Authorizer {
	p := t.properties(r)
	if kind := p.need("AuthorizerType"); kind != "REQUEST" && t.err == nil {
		t.fail(p.n.get("AuthorizerType"), "the AuthorizerType of a WebSocket API is REQUEST, and this is %s", name(kind))
	}
	authorizer := &api.Authorizer{ResourceID: r.id, Name: or(p.text("Name"), r.id)}
	for _, source := range p.texts("IdentitySource") {
		for one := range strings.SplitSeq(source, ",") {
			if one = strings.TrimSpace(one); one != "" {
				authorizer.IdentitySource = append(authorizer.IdentitySource, one)
			}
		}
	}
	authorizer.Function = t.function(p, "AuthorizerUri", a.Stage.Variables)
	source := "arn:" + t.partition() + ":execute-api:" + t.Region + ":" + t.Account + ":" + a.ID + "/authorizers/" + r.id
	if p.n.get("AuthorizerCredentialsArn").kind == none {
		authorizer.NoPermission = t.forbidden(r, authorizer.Function, source, "no client can connect")
	}
	return authorizer
}

// requestParameters are those that $connect must have.
func (t *template) requestParameters(route *api.Route, p properties) {
	in := p.in("RequestParameters")
	for _, key := range in.n.keys {
		constraint := in.get(key.text)
		required := strings.EqualFold(constraint.text, "true")
		if constraint.kind == fields {
			required = properties{t, p.r, constraint}.flag("Required")
		}
		if required {
			route.RequiredParameters = append(route.RequiredParameters, key.text)
		}
	}
}

// response finds the RouteResponse, which alone makes a route two-way together
// with the route's expression.
func (t *template) response(route *api.Route, r *resource, d deployment) {
	if t.responses == nil {
		t.responses = map[string][]*resource{}
		for _, response := range t.of("AWS::ApiGatewayV2::RouteResponse") {
			id := t.properties(response).need("RouteId")
			t.responses[id] = append(t.responses[id], response)
		}
	}
	for _, response := range t.responses[r.id] {
		p := t.properties(response)
		if key := p.need("RouteResponseKey"); key != api.Default && t.err == nil {
			t.fail(p.n.get("RouteResponseKey"), "the only RouteResponseKey is $default, and this is %s", name(key))
		}
		if !d.has(response) {
			t.notice(response.id, response.kind, "the Deployment "+d.id+" does not depend on it, so it may be missing in the stage: it is left out here, and "+route.Key+" answers nothing. Add it to DependsOn")
			continue
		}
		route.Response = &api.RouteResponse{ResourceID: response.id, ModelSelection: p.text("ModelSelectionExpression")}
	}
	switch {
	case route.ResponseSelection != "" && len(t.responses[r.id]) == 0:
		t.notice(r.id, r.kind, "it has a RouteResponseSelectionExpression and no AWS::ApiGatewayV2::RouteResponse, so "+route.Key+
			" answers nothing: add one with RouteResponseKey: $default and RouteId: !Ref "+r.id)
	case route.ResponseSelection == "" && route.Response != nil:
		t.notice(r.id, r.kind, "it has a RouteResponse and no RouteResponseSelectionExpression, so "+route.Key+" answers nothing: set it to $default")
	}
}

// modelNames takes a Ref to a model for its name.
func (t *template) modelNames(models map[string]string) map[string]string {
	for _, key := range slices.Sorted(maps.Keys(models)) {
		if r := t.byID[models[key]]; r != nil && r.kind == "AWS::ApiGatewayV2::Model" {
			models[key] = t.properties(r).text("Name")
		}
	}
	return models
}

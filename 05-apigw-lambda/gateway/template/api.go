package template

import (
	"encoding/json"
	"maps"
	"strings"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// apis reads the WebSocket APIs, each of their stages as one.
func (t *template) apis() {
	others := 0
	for _, r := range t.of(apiType) {
		p := t.properties(r)
		if protocol := p.text("ProtocolType"); protocol != "WEBSOCKET" {
			t.notice(r.id, r.kind, notWebSocket)
			others++
			continue
		}
		if p.n.get("RouteSelectionExpression").kind == none {
			t.fail(r.at, "%s needs a RouteSelectionExpression, such as $request.body.action", name(r.id))
		}
		stages := t.children(stageType, r)
		if stages = t.chosen(r, stages); len(stages) == 0 {
			t.notice(r.id, r.kind, "it has no AWS::ApiGatewayV2::Stage, and on AWS no address: it is served as "+or(t.Stage, "prod")+" here")
			t.api(r, nil)
		}
		for _, stage := range stages {
			if t.err == nil {
				t.api(r, stage)
			}
		}
	}
	if t.err == nil && len(t.project.APIs) == 0 {
		more := ""
		if others > 0 {
			more = " (there are HTTP APIs, which are something else)"
		}
		t.fail(absent, "there is no WebSocket API in this template%s: it needs an AWS::ApiGatewayV2::Api with ProtocolType WEBSOCKET, or an AWS::Serverless::WebSocketApi", more)
	}
}

// children returns the resources of a type whose ApiId is this API.
func (t *template) children(kind string, owner *resource) []*resource {
	if t.owned == nil {
		t.owned = map[string][]*resource{}
		for _, r := range t.resources {
			if !strings.HasPrefix(r.kind, "AWS::ApiGatewayV2::") || r.off || r.kind == apiType || !handled[r.kind] {
				continue
			}
			p := t.properties(r)
			if id := p.need("ApiId"); id != "" {
				t.owned[r.kind+" "+id] = append(t.owned[r.kind+" "+id], r)
			}
		}
	}
	return t.owned[kind+" "+apiID(owner.id)]
}

// chosen leaves the stage that Options.Stage asks for.
func (t *template) chosen(r *resource, stages []*resource) []*resource {
	if t.Stage == "" || len(stages) < 2 {
		return stages
	}
	var names []string
	for _, stage := range stages {
		if t.physical(stage) == t.Stage {
			return []*resource{stage}
		}
		names = append(names, t.physical(stage))
	}
	t.fail(r.at, "%s has the stages %s, and none is called %s", name(r.id), strings.Join(names, ", "), name(t.Stage))
	return nil
}

// rename gives the stages that are their API's only one the name that Options
// ask for: through the parameter that says it, where one does, so that what
// else says it follows.
func (t *template) rename() {
	if t.Stage == "" {
		return
	}
	var stages []*resource
	count := map[string]int{}
	for _, stage := range t.of(stageType) {
		count[ofAPI(stage)]++
		stages = append(stages, stage)
	}
	t.renamed = map[*resource]bool{}
	t.Parameters = maps.Clone(t.Parameters) // they are the caller's
	if t.Parameters == nil {
		t.Parameters = map[string]string{}
	}
	for _, stage := range stages {
		if count[ofAPI(stage)] > 1 {
			continue
		}
		parameter := stage.properties.get("StageName").get("Ref").text
		if t.parameters.get(parameter).kind != none && t.Parameters[parameter] == "" {
			t.Parameters[parameter] = t.Stage
		} else {
			t.renamed[stage] = true
		}
	}
	clear(t.memo) // conditions may ask for the parameter
	t.conditional()
}

// ofAPI tells stages of one API from those of another, before anything is
// resolved: all say it in the same words.
func ofAPI(stage *resource) string { return string(stage.properties.get("ApiId").json()) }

// api reads one API in one stage; nil is a stage that only exists here.
func (t *template) api(r, stage *resource) {
	p := t.properties(r)
	a := &api.API{
		ResourceID:     r.id,
		ID:             apiID(r.id),
		Name:           or(p.text("Name"), r.id),
		RouteSelection: p.text("RouteSelectionExpression"),
		KeySelection:   p.text("ApiKeySelectionExpression"),
		Routes:         map[string]*api.Route{},
	}
	declared := or(t.Stage, "prod")
	a.Stage.Name = declared
	if stage != nil {
		declared = t.stage(&a.Stage, stage)
	}
	if p.flag("DisableExecuteApiEndpoint") {
		t.notice(r.id, r.kind, "DisableExecuteApiEndpoint is true, and on AWS the API has its own domain name only: here it is served all the same")
	}
	t.models(a, r)
	deployed := t.deployment(stage)
	for _, route := range t.children(routeType, r) {
		if t.err != nil {
			return
		}
		t.route(a, route, deployed, declared)
	}
	t.keys(a)
	t.project.APIs = append(t.project.APIs, a)
}

// stage reads one, and returns the name that the template gives it.
func (t *template) stage(s *api.Stage, r *resource) string {
	p := t.properties(r)
	s.ResourceID = r.id
	s.Name = t.physical(r)
	s.Variables = p.pairs("StageVariables")
	s.Throttle = throttle(p.in("DefaultRouteSettings"))
	settings := p.in("RouteSettings")
	for _, key := range settings.n.keys {
		if s.Routes == nil {
			s.Routes = map[string]api.Throttle{}
		}
		s.Routes[key.text] = throttle(settings.in(key.text))
	}
	return p.need("StageName")
}

func throttle(p properties) api.Throttle {
	return api.Throttle{Rate: p.number("ThrottlingRateLimit", 0, 1e6), Burst: int(p.number("ThrottlingBurstLimit", 0, 1e6))}
}

// models reads the schemas of an API.
func (t *template) models(a *api.API, r *resource) {
	for _, model := range t.children("AWS::ApiGatewayV2::Model", r) {
		p := t.properties(model)
		schema := p.get("Schema")
		text := schema.json()
		if schema.kind == scalar {
			text = json.RawMessage(schema.text)
		}
		if schema.kind == none || !json.Valid(text) {
			t.fail(schema.either(model.at), "the Schema of %s has to be a JSON schema", name(model.id))
			continue
		}
		if a.Models == nil {
			a.Models = map[string]json.RawMessage{}
		}
		a.Models[p.need("Name")] = text
	}
}

// A deployment says what of an API has reached its stage.
type deployment struct {
	all   bool
	needs map[*resource]bool // what was there when the deployment was made
	id    string             // of the Deployment; "" is none at all
}

func (d deployment) has(r *resource) bool { return d.all || d.needs[r] }

// deployment finds out what a stage has. One that deploys by itself has all,
// another what its Deployment depends on: CloudFormation is free to make that
// one before all the rest (facts 6.1).
func (t *template) deployment(stage *resource) deployment {
	if stage == nil || t.Undeployed == Present {
		return deployment{all: true}
	}
	if known, ok := t.deployed[stage]; ok {
		return known
	}
	p := t.properties(stage)
	d := deployment{all: p.flag("AutoDeploy")}
	if id := p.text("DeploymentId"); !d.all {
		r := t.byID[id]
		switch {
		case r != nil && r.kind == "AWS::ApiGatewayV2::Deployment":
			d.id, d.needs = r.id, needs(r)
		case id != "": // one that was made elsewhere: nobody knows what is in it
			d.all = true
		default:
			t.notice(stage.id, stage.kind, "it has neither AutoDeploy: true nor a DeploymentId: on AWS, and here, no route is deployed in it")
		}
	}
	if t.deployed == nil {
		t.deployed = map[*resource]deployment{}
	}
	t.deployed[stage] = d
	return d
}

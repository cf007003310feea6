package template

import (
	"strings"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// integration reads what runs behind a route. It is read for each route anew:
// two routes may share one, and yet only one of them have a permission.
func (t *template) integration(a *api.API, route properties, d deployment, source string) *api.Integration {
	target := route.text("Target")
	if target == "" {
		t.notice(route.r.id, route.r.kind, "it has no Target: nothing runs behind it")
		return nil
	}
	id, ok := strings.CutPrefix(target, "integrations/")
	r := t.byID[id]
	if !ok || r == nil || r.kind != "AWS::ApiGatewayV2::Integration" || r.off {
		t.fail(route.n.get("Target"), "a Target is integrations/ and an AWS::ApiGatewayV2::Integration of this template, such as !Sub integrations/${ChatIntegration}, and this is %s", name(target))
		return nil
	}
	p := t.properties(r)
	i := &api.Integration{
		ResourceID:        r.id,
		Type:              api.IntegrationType(p.need("IntegrationType")),
		Method:            p.text("IntegrationMethod"),
		Timeout:           p.milliseconds("TimeoutInMillis", 50, 29000),
		ContentHandling:   p.text("ContentHandlingStrategy"),
		Passthrough:       p.text("PassthroughBehavior"),
		RequestParameters: p.pairs("RequestParameters"),
		TemplateSelection: p.text("TemplateSelectionExpression"),
		RequestTemplates:  p.pairs("RequestTemplates"),
		ResponseSelection: p.text("IntegrationResponseSelectionExpression"),
	}
	switch i.Type {
	case api.Mock:
	case api.HTTP, api.HTTPProxy:
		i.URI = p.need("IntegrationUri")
		if p.text("ConnectionType") == "VPC_LINK" {
			t.notice(r.id, r.kind, "there is no VPC here: "+i.URI+" is called directly")
		}
	case api.Proxy, api.AWS:
		uri := p.need("IntegrationUri")
		if strings.Contains(uri, ":apigateway:") && !strings.Contains(uri, ":lambda:path/") {
			t.notice(r.id, r.kind, "it calls another service than Lambda, which does not run here: the route has no integration")
			return nil
		}
		i.Function = t.function(p, "IntegrationUri", a.Stage.Variables)
		if p.n.get("CredentialsArn").kind == none {
			i.NoPermission = t.forbidden(route.r, i.Function, source, "the client gets Internal server error, $connect 502")
		}
	default:
		if t.err == nil {
			t.fail(p.n.get("IntegrationType"), "an IntegrationType is AWS_PROXY, AWS, HTTP_PROXY, HTTP or MOCK, and this is %s", name(string(i.Type)))
		}
		return nil
	}
	t.integrationResponses(i, r, d)
	return i
}

func (t *template) integrationResponses(i *api.Integration, r *resource, d deployment) {
	if t.answers == nil {
		t.answers = map[string][]*resource{}
		for _, answer := range t.of("AWS::ApiGatewayV2::IntegrationResponse") {
			id := t.properties(answer).need("IntegrationId")
			t.answers[id] = append(t.answers[id], answer)
		}
	}
	for _, answer := range t.answers[r.id] {
		p := t.properties(answer)
		if !d.has(answer) {
			t.notice(answer.id, answer.kind, "the Deployment "+d.id+" does not depend on it, so it may be missing in the stage: it is left out here. Add it to DependsOn")
			continue
		}
		i.Responses = append(i.Responses, api.IntegrationResponse{
			ResourceID:        answer.id,
			Key:               p.need("IntegrationResponseKey"),
			ContentHandling:   p.text("ContentHandlingStrategy"),
			TemplateSelection: p.text("TemplateSelectionExpression"),
			Templates:         p.pairs("ResponseTemplates"),
		})
	}
	if len(i.Responses) > 0 && i.Type == api.Proxy {
		t.notice(r.id, r.kind, "an AWS_PROXY integration has no integration responses: they do nothing, here and on AWS")
	}
}

// function finds the function of a URI: its logical ID, or its name if it is
// none of this template.
func (t *template) function(p properties, key string, variables map[string]string) string {
	uri := p.need(key)
	missing := ""
	uri = stageVariable.ReplaceAllStringFunc(uri, func(s string) string {
		variable := stageVariable.FindStringSubmatch(s)[1]
		if variables[variable] == "" {
			missing = variable
		}
		return variables[variable]
	})
	if missing != "" {
		t.notice(p.r.id, p.r.kind, key+" has the stage variable "+missing+", which the stage does not set: no function is invoked")
		return ""
	}
	called := functionName(uri)
	if f := t.byName[called]; f != nil {
		return f.ResourceID
	}
	if uri != "" {
		t.notice(p.r.id, p.r.kind, "the function "+called+" is not in this template: it is invoked only if you give one of that name")
	}
	return called
}

package integration

import (
	"fmt"
	"maps"
	"slices"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/mapping"
	"websocket.example/05-apigw-lambda/gateway/selection"
)

// A prepared is an integration all of whose expressions and templates have
// been read.
type prepared struct {
	runner *Runner
	in     *api.Integration

	request    templates
	parameters []parameter

	selection *selection.Expression
	keys      *selection.Keys
	responses map[string]*response
}

// templates are mapping templates, and the expression that chooses one.
type templates struct {
	selection *selection.Expression // nil if there is none
	by        map[string]*mapping.Template
}

// A response is an integration response.
type response struct {
	contentHandling string
	templates       templates
}

func (r *Runner) prepare(in *api.Integration) (*prepared, error) {
	if p, ok := r.prepared.Load(in); ok {
		return p.(*prepared), nil
	}
	p, err := r.read(in)
	if err != nil {
		return nil, fmt.Errorf("integration %s: %w", in.ResourceID, err)
	}
	r.prepared.Store(in, p)
	return p, nil
}

func (r *Runner) read(in *api.Integration) (p *prepared, err error) {
	p = &prepared{runner: r, in: in, responses: make(map[string]*response)}
	fixed := "$integration.response.statuscode"
	switch in.Type {
	case api.Mock, api.HTTP, api.HTTPProxy:
	case api.AWS:
		fixed = "$integration.response.body.errorMessage"
	default:
		return nil, fmt.Errorf("%s does not run here", in.Type)
	}
	if p.parameters, err = readParameters(in.RequestParameters); err != nil {
		return nil, err
	}
	if p.request, err = readTemplates(in.TemplateSelection, in.RequestTemplates); err != nil {
		return nil, err
	}
	// "Currently the value is fixed depending on the integration type." What
	// the template says is evaluated nevertheless, if it says something.
	if in.ResponseSelection != "" {
		fixed = in.ResponseSelection
	}
	if p.selection, err = selection.Parse(fixed); err != nil {
		return nil, err
	}
	var keys []string
	for _, from := range in.Responses {
		to := &response{contentHandling: from.ContentHandling}
		if to.templates, err = readTemplates(from.TemplateSelection, from.Templates); err != nil {
			return nil, err
		}
		keys = append(keys, from.Key)
		p.responses[from.Key] = to
	}
	p.keys, err = selection.ParseKeys(keys, r.Options.Selection)
	return p, err
}

func readTemplates(expression string, sources map[string]string) (t templates, err error) {
	if expression != "" {
		if t.selection, err = selection.Parse(expression); err != nil {
			return t, err
		}
	}
	t.by = make(map[string]*mapping.Template, len(sources))
	for _, key := range slices.Sorted(maps.Keys(sources)) {
		if t.by[key], err = mapping.Parse(sources[key]); err != nil {
			return t, fmt.Errorf("template %s: %w", key, err)
		}
	}
	return t, nil
}

// choose returns the template for a message, nil if there is none.
func (t *templates) choose(c *selection.Context, strict bool) *mapping.Template {
	key := api.Default
	switch {
	case t.selection != nil:
		value, _ := t.selection.Evaluate(c) // what cannot be evaluated is "", and $default then
		key, _ = selection.Exact(t.by, value)
	case strict:
		return nil
	case t.by[key] == nil:
		key = "application/json"
	}
	return t.by[key]
}

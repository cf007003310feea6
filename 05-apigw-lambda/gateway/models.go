package gateway

import (
	"cmp"
	"fmt"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/model"
	"websocket.example/05-apigw-lambda/gateway/selection"
)

// models are what a route's messages have to be like.
type models struct {
	which *selection.Expression // ModelSelectionExpression
	names map[string]string     // RequestModels
}

func (g *Gateway) compileModels() (err error) {
	if g.schemas, err = model.Compile(g.o.API.Models); err != nil {
		g.log.Warn("a model can't be used: what it is for is not validated", "error", err)
	}
	g.models = make(map[*api.Route]*models)
	for _, route := range g.o.API.Routes {
		if len(route.RequestModels) == 0 {
			continue
		}
		which, err := selection.Parse(cmp.Or(route.ModelSelection, `\$default`))
		if err != nil {
			return fmt.Errorf("%s: ModelSelectionExpression: %w", route.ResourceID, err)
		}
		g.models[route] = &models{which, route.RequestModels}
	}
	return nil
}

// unfit says why a message does not fit its model, "" if it does.
//
// API Gateway, "Request validation": the model is the one that the route's
// ModelSelectionExpression chooses, or $default.
func (g *Gateway) unfit(route *api.Route, text string) string {
	m := g.models[route]
	if m == nil || g.schemas == nil {
		return ""
	}
	value, ok := m.which.Evaluate(&selection.Context{
		Body: []byte(text), StageVariables: g.o.API.Stage.Variables, Options: g.selects,
	})
	if !ok {
		value = api.Default
	}
	key, found := selection.Exact(m.names, value)
	if !found {
		return "no model is for " + quote(value) + ", and none is $default"
	}
	if err := g.schemas.Validate(m.names[key], []byte(text)); err != nil {
		return err.Error()
	}
	return ""
}

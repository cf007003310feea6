package integration

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"websocket.example/05-apigw-lambda/gateway/selection"
)

// A parameter is an entry of RequestParameters: where a value goes, and where
// it comes from. ("Set up data mapping for WebSocket APIs")
type parameter struct {
	place place
	name  string

	static     string                // 'in single quotes'
	many       string                // of route.request.multivalue...: which name
	fromQuery  bool                  // and whether it is one of the query
	expression *selection.Expression // everything else
}

type place string

const (
	toHeader place = "header"
	toQuery  place = "querystring"
	toPath   place = "path"
)

func readParameters(m map[string]string) (all []parameter, err error) {
	for _, to := range slices.Sorted(maps.Keys(m)) {
		p, err := readParameter(to, m[to])
		if err != nil {
			return nil, fmt.Errorf("RequestParameters, %s: %w", to, err)
		}
		all = append(all, p)
	}
	return all, nil
}

func readParameter(to, from string) (p parameter, err error) {
	rest, ok := strings.CutPrefix(to, "integration.request.")
	where, name, named := strings.Cut(rest, ".")
	p.place, p.name = place(where), name
	if !ok || !named || name == "" || p.place != toHeader && p.place != toQuery && p.place != toPath {
		return p, fmt.Errorf("a parameter is called integration.request.header.NAME, .querystring.NAME or .path.NAME")
	}
	if len(from) >= 2 && from[0] == '\'' && from[len(from)-1] == '\'' {
		p.static = from[1 : len(from)-1]
		return p, nil
	}
	if name, ok := strings.CutPrefix(from, "route.request.multivaluequerystring."); ok {
		p.many, p.fromQuery = name, true
		return p, nil
	}
	if name, ok := strings.CutPrefix(from, "route.request.multivalueheader."); ok {
		p.many = name
		return p, nil
	}
	switch root, _, _ := strings.Cut(from, "."); root {
	case "route", "context", "stageVariables":
		p.expression, err = selection.Parse("${" + strings.TrimPrefix(from, "route.") + "}")
		return p, err
	}
	return p, fmt.Errorf("%q is no value: it begins with route.request., context. or stageVariables., or stands in single quotes", from)
}

// values are what a parameter has for one message; none if there is nothing.
func (p *parameter) values(c *selection.Context) []string {
	switch {
	case p.many != "" && p.fromQuery:
		return c.Query[p.many]
	case p.many != "":
		for name, values := range c.Header {
			if strings.EqualFold(name, p.many) {
				return values
			}
		}
		return nil
	case p.expression == nil:
		return []string{p.static}
	}
	if value, _ := p.expression.Evaluate(c); value != "" {
		return []string{value}
	}
	return nil
}

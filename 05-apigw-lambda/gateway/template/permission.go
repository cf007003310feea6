package template

import (
	"strings"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// A permission lets a service invoke a function.
type permission struct {
	function string // its name
	service  string
	source   string // what in it may do so, with * and ?; "" is everything
}

// readPermissions comes after the functions and before all that invokes them.
func (t *template) readPermissions() {
	for _, r := range t.of(permissionType) {
		p := t.properties(r)
		action := p.text("Action")
		if !like(strings.ToLower(action), "lambda:invokefunction") || t.err != nil {
			continue
		}
		// A SourceArn that only AWS knows is taken for right.
		source := t.resolve(r.properties.get("SourceArn")).text
		if t.resolve(r.properties.get("SourceArn")).kind == unknown {
			source = ""
		}
		t.permissions = append(t.permissions, permission{functionName(p.text("FunctionName")), p.text("Principal"), source})
	}
}

// permitted says whether a service may invoke a function for something.
func (t *template) permitted(f *api.Function, service, source string) bool {
	for _, p := range t.permissions {
		if p.function != f.Name || p.service != service && p.service != "*" {
			continue
		}
		if p.source == "" || t.spend(absent, 1+len(p.source)*len(source)/8192) && like(p.source, source) {
			return true
		}
	}
	return false
}

// forbidden says whether API Gateway may not invoke a function, and tells it.
// Of functions that are not in the template nobody knows.
func (t *template) forbidden(r *resource, function, source, then string) bool {
	for _, f := range t.project.Functions {
		if f.ResourceID == function && !t.permitted(f, "apigateway.amazonaws.com", source) {
			t.notice(r.id, r.kind, "no AWS::Lambda::Permission lets apigateway.amazonaws.com invoke "+function+" for "+source+
				": it fails without a line in the function's log, and "+then)
			return true
		}
	}
	return false
}

// like matches an ARN against a pattern, in which * is any text and ? any
// one byte.
func like(pattern, text string) bool {
	star, back := -1, 0
	i := 0
	for p := 0; i < len(text) || p < len(pattern); {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, back = p, i
			p++
			continue
		case p < len(pattern) && i < len(text) && (pattern[p] == '?' || pattern[p] == text[i]):
			p++
			i++
			continue
		case star >= 0 && back < len(text): // give the star one byte more
			back++
			p, i = star+1, back
			continue
		}
		return false
	}
	return true
}

package template

import "strings"

// withGlobals returns a SAM resource's properties with those of Globals
// beneath: what is written twice is the resource's, maps are merged and lists
// joined.
func (t *template) withGlobals(r *resource) *node {
	_, kind, _ := strings.Cut(r.kind, "AWS::Serverless::")
	common := t.globals.get(kind)
	if common.kind == none || r.body.get("IgnoreGlobals").text == "*" {
		return r.properties
	}
	if common.kind != fields {
		t.fail(common, "Globals.%s has to be a map, and is %s", kind, common.kind)
		return r.properties
	}
	if ignored := r.body.get("IgnoreGlobals"); ignored.kind == list {
		rest := common.fields()
		for i, key := range common.keys {
			if !contains(ignored, key.text) {
				rest.with(key.text, common.items[i])
			}
		}
		common = rest
	}
	return t.merge(common, r.properties)
}

func (t *template) merge(below, above *node) *node {
	switch {
	case !t.spend(above, 1) || below.kind == none:
		return above
	case above.kind == none:
		return below
	case below.kind == list && above.kind == list:
		made := above.list(below.items...)
		made.items = append(made.items[:len(made.items):len(made.items)], above.items...)
		return made
	case below.kind != fields || above.kind != fields || isCall(below) || isCall(above):
		return above
	}
	made := above.fields()
	for i, key := range below.keys {
		made.keys, made.items = append(made.keys, key), append(made.items, t.merge(below.items[i], above.get(key.text)))
	}
	for i, key := range above.keys {
		if below.get(key.text) == absent {
			made.keys, made.items = append(made.keys, key), append(made.items, above.items[i])
		}
	}
	return made
}

// isCall says whether a map calls a function: such a one is not merged.
func isCall(n *node) bool {
	return len(n.keys) == 1 && intrinsic(n.keys[0].text) && n.keys[0].text != "Condition"
}

func contains(n *node, text string) bool {
	for _, item := range n.items {
		if item.text == text {
			return true
		}
	}
	return false
}

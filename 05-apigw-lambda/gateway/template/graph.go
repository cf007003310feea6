package template

import (
	"strings"
)

// check looks at every name in Resources, used here or not: one that nothing
// has is an error on AWS as well, and so is a circle.
func (t *template) check() {
	state := map[*resource]int{}
	for _, r := range t.resources {
		t.links(r)
	}
	for _, r := range t.resources {
		t.circle(r, state, nil)
	}
}

// A link says that one resource needs another. A loose one stands in an
// Fn::If, which may choose the other branch.
type link struct {
	to    *resource
	at    *node
	loose bool
}

// links finds to whom a resource refers, and keeps it.
func (t *template) links(r *resource) {
	w := walker{t: t, from: r}
	r.links = nil
	for i, key := range r.properties.keys {
		w.quiet = r.kind == "AWS::Serverless::Function" && key.text == "Events" // SAM makes resources of their own of them
		w.walk(r.properties.items[i], false)
	}
	w.quiet = false
	depends := r.body.get("DependsOn")
	for _, n := range append([]*node{depends}, depends.items...) {
		if n.kind == scalar {
			w.name(n, n.text, false)
		}
	}
	// SAM's other resources become several, and nobody here knows which one refers.
	if strings.HasPrefix(r.kind, "AWS::Serverless::") && r.kind != "AWS::Serverless::Function" {
		r.links = nil
	}
}

type walker struct {
	t     *template
	from  *resource
	quiet bool // names are checked, and no link kept
}

func (w *walker) walk(n *node, loose bool) {
	if w.t.err != nil {
		return
	}
	key, argument := "", absent
	if n.kind == fields && len(n.keys) == 1 {
		key, argument = n.keys[0].text, n.items[0]
	}
	switch {
	case key == "Ref" && argument.kind == scalar:
		w.name(argument, argument.text, loose)
		return
	case key == "Fn::GetAtt" && argument.kind == scalar:
		id, _, _ := strings.Cut(argument.text, ".")
		w.name(argument, id, loose)
		return
	case key == "Fn::GetAtt" && argument.kind == list && len(argument.items) == 2 && argument.items[0].kind == scalar:
		w.name(argument.items[0], argument.items[0].text, loose)
		w.walk(argument.items[1], loose)
		return
	case key == "Fn::Sub":
		w.sub(argument, loose)
		return
	case key == "Fn::If" && argument.kind == list && len(argument.items) == 3:
		if condition := argument.items[0]; condition.kind == scalar && w.t.conditions.get(condition.text).kind == none {
			w.t.named(condition) // which complains
		}
		loose = true
	}
	for _, item := range n.items {
		w.walk(item, loose)
	}
}

func (w *walker) sub(n *node, loose bool) {
	text, values := n, absent
	if n.kind == list && len(n.items) == 2 {
		text, values = n.items[0], n.items[1]
		w.walk(values, loose)
	}
	if text.kind != scalar {
		return
	}
	for _, variable := range variables(text.text) {
		if variable != "" && values.get(variable).kind == none {
			id, _, _ := strings.Cut(variable, ".")
			w.name(text, id, loose)
		}
	}
}

// name notes one.
func (w *walker) name(at *node, id string, loose bool) {
	if strings.HasPrefix(id, "AWS::") {
		w.t.pseudo(at, id)
		return
	}
	base, _, _ := strings.Cut(id, ".")
	switch to := w.t.byID[base]; {
	case to != nil && !w.quiet:
		w.from.links = append(w.from.links, link{to, at, loose})
	case to == nil && w.t.parameters.get(id).kind == none:
		w.t.missing(at, id)
	}
}

// circle goes along the links in search of one.
func (t *template) circle(r *resource, state map[*resource]int, path []string) {
	const walking, done = 1, 2
	if state[r] == done || r.off || t.err != nil {
		return
	}
	state[r] = walking
	path = append(path, r.id)
	for _, l := range r.links {
		if l.loose || l.to.off {
			continue
		}
		if state[l.to] == walking {
			for path[0] != l.to.id {
				path = path[1:]
			}
			const most = 8
			if len(path) > most {
				path = append(path[:most:most], "...")
			}
			t.fail(l.at, "resources need each other in a circle, and none can be made first: %s -> %s", strings.Join(path, " -> "), l.to.id)
			return
		}
		t.circle(l.to, state, path)
	}
	state[r] = done
}

// needs returns all that has to be there before r.
func needs(r *resource) map[*resource]bool {
	all := map[*resource]bool{}
	todo := []*resource{r}
	for len(todo) > 0 {
		last := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, l := range last.links {
			if !all[l.to] {
				all[l.to] = true
				todo = append(todo, l.to)
			}
		}
	}
	return all
}

package template

import (
	"maps"
	"slices"
	"strings"
)

// A resource is an entry of Resources.
type resource struct {
	id         string
	kind       string // its Type
	at         *node  // its logical ID, in the file
	body       *node
	properties *node
	off        bool      // its Condition is false: it is not created
	from       *resource // the Serverless one that it was written for
	links      []link    // to what it refers
}

// sections takes the template apart.
func (t *template) sections(root *node) {
	if root.kind != fields {
		t.fail(root, "a template is a map with the section Resources; this is %s", root.kind)
		return
	}
	known := []string{"AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions", "Transform", "Globals", "Resources", "Outputs", "Hooks"}
	for i, key := range root.keys {
		switch {
		case strings.HasPrefix(key.text, "Fn::"): // a macro
			t.macros = true
		case root.items[i].get("Type").kind == scalar && !slices.Contains(known, key.text):
			t.fail(key, "%s is a resource outside of Resources: indent it more", name(key.text))
		case !slices.Contains(known, key.text):
			t.fail(key, "a template has no section %s%s", name(key.text), meant(key.text, known))
		}
	}
	section := func(key string) *node {
		n := root.get(key)
		if n.kind != none && n.kind != fields {
			t.fail(n, "%s has to be a map, and is %s", key, n.kind)
		}
		return n
	}
	t.globals, t.parameters, t.mappings, t.conditions = section("Globals"), section("Parameters"), section("Mappings"), section("Conditions")
	t.transforms(root.get("Transform"))
	for _, given := range slices.Sorted(maps.Keys(t.Parameters)) {
		if t.parameters.get(given).kind == none {
			t.fail(root, "the template has no parameter %s%s", name(given), meant(given, texts(t.parameters.keys)))
		}
	}
	resources := section("Resources")
	if resources.kind == none {
		t.fail(root, "there is no section Resources: is this a template of CloudFormation or SAM?")
	}
	t.byID = make(map[string]*resource, len(resources.keys))
	for i, key := range resources.keys {
		t.resource(key, resources.items[i])
	}
	t.outputs(root.get("Outputs"))
}

// transforms notes which macros AWS would run.
func (t *template) transforms(n *node) {
	names := []*node{n}
	if n.kind == list {
		names = n.items
	}
	for _, n := range names {
		switch {
		case n.kind == none:
		case strings.HasPrefix(n.text, "AWS::Serverless-"):
			t.sam = true
		case n.text == "AWS::LanguageExtensions":
		default:
			t.macros = true
			t.notice("Transform", or(n.text, "AWS::CloudFormation::Macro"), "macros run on AWS only: what it would write into the template is missing here")
		}
	}
}

// resource adds one.
func (t *template) resource(key, body *node) {
	if strings.HasPrefix(key.text, "Fn::") {
		t.macros = true
		t.notice(key.text, "AWS::LanguageExtensions", "loops run on AWS only: the resources it would write are missing here")
		return
	}
	r := &resource{id: key.text, at: key, body: body, kind: body.get("Type").text, properties: body.get("Properties")}
	attributes := []string{"Type", "Properties", "DependsOn", "Condition", "Metadata", "CreationPolicy", "UpdatePolicy",
		"DeletionPolicy", "UpdateReplacePolicy", "Connectors", "IgnoreGlobals"}
	switch {
	case body.kind != fields:
		t.fail(key, "the resource %s has to be a map with a Type, and is %s: is what belongs to it indented less?", name(r.id), body.kind)
		return
	case r.kind == "":
		t.fail(key, "the resource %s has no Type", name(r.id))
		return
	case r.properties.kind != none && r.properties.kind != fields:
		t.fail(r.properties, "the Properties of %s have to be a map, and are %s", name(r.id), r.properties.kind)
		return
	}
	for _, key := range body.keys {
		if !slices.Contains(attributes, key.text) && !strings.HasPrefix(key.text, "Fn::") {
			t.fail(key, "%s is no attribute of a resource: does it belong into the Properties of %s, indented more?", name(key.text), name(r.id))
		}
	}
	t.misspelt(r)
	t.add(r)
}

func (t *template) add(r *resource) {
	if t.byID[r.id] == nil { // else written by hand, and SAM's own
		t.byID[r.id] = r
		t.resources = append(t.resources, r)
	}
}

// outputs are not used here, but the names in them have to be right: they are
// checked as a resource's are.
func (t *template) outputs(n *node) {
	if n.kind == none {
		return
	}
	r := &resource{id: "Outputs", kind: "", at: n, body: n.fields(), properties: n}
	t.resources = append(t.resources, r)
}

// conditional finds out which resources are not created.
func (t *template) conditional() {
	for _, r := range t.resources {
		condition := r.body.get("Condition")
		r.off = condition.kind != none && !t.named(condition)
	}
}

// of yields the resources of a type that are created.
func (t *template) of(kind string) []*resource {
	var all []*resource
	for _, r := range t.resources {
		if r.kind == kind && !r.off {
			all = append(all, r)
		}
	}
	return all
}

func texts(nodes []*node) []string {
	all := make([]string, len(nodes))
	for i, n := range nodes {
		all[i] = n.text
	}
	return all
}

// meant guesses what somebody who wrote a word has meant.
func meant(word string, known []string) string {
	if len(word) > 64 {
		return ""
	}
	best, distance := "", min(1+len(word)/2, 4)
	for _, k := range known {
		if len(k) > 64 {
			continue
		}
		if d := edits(strings.ToLower(word), strings.ToLower(k)); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return ", is " + best + " meant?"
}

// edits is the Levenshtein distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0]++
		for j := range len(b) {
			cost := corner
			if a[i] != b[j] {
				cost++
			}
			corner = row[j+1]
			row[j+1] = min(cost, row[j]+1, corner+1)
		}
	}
	return row[len(b)]
}

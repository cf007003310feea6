package template

import (
	"strconv"
	"strings"
	"time"
)

// properties are those of a resource, or a map within them. What only AWS
// knows is left out, with a notice.
type properties struct {
	t *template
	r *resource
	n *node
}

func (t *template) properties(r *resource) properties { return properties{t, r, r.properties} }

// get resolves one.
func (p properties) get(key string) *node {
	n := p.t.resolve(p.n.get(key))
	if n.kind == scalar && dynamic(n.text) {
		n = n.unknown("a {{resolve:...}} is looked up on AWS only")
	}
	if n.kind == unknown {
		p.t.notice(p.r.id, p.r.kind, key+" is left out: "+n.text)
		return absent
	}
	return n
}

// in returns a map within.
func (p properties) in(key string) properties {
	n := p.get(key)
	p.want(key, n, fields)
	return properties{p.t, p.r, n}
}

func (p properties) want(key string, n *node, k kind) bool {
	if n.kind != k && n.kind != none {
		p.t.fail(n, "%s of %s has to be %s, and is %s", key, name(p.r.id), k, n.kind)
	}
	return n.kind == k
}

// need complains if it is not there.
func (p properties) need(key string) string {
	if p.n.get(key).kind == none {
		p.t.fail(p.r.at, "%s, of type %s, needs the property %s", name(p.r.id), p.r.kind, key)
	}
	return p.text(key)
}

func (p properties) text(key string) string {
	n := p.get(key)
	p.want(key, n, scalar)
	return n.text
}

func (p properties) flag(key string) bool {
	switch strings.ToLower(p.text(key)) {
	case "true", "yes", "on", "1":
		return true
	}
	return false
}

func (p properties) number(key string, least, most float64) float64 {
	n := p.get(key)
	if !p.want(key, n, scalar) {
		return 0
	}
	number, err := strconv.ParseFloat(n.text, 64)
	if err != nil || !(number >= least && number <= most) {
		p.t.fail(n, "%s of %s has to be a number from %v to %v, and is %s", key, name(p.r.id), least, most, name(n.text))
		return 0
	}
	return number
}

// seconds and milliseconds are durations, as the properties count them.

func (p properties) seconds(key string, most float64) time.Duration {
	return time.Duration(p.number(key, 1, most)) * time.Second
}

func (p properties) milliseconds(key string, least, most float64) time.Duration {
	return time.Duration(p.number(key, least, most)) * time.Millisecond
}

// texts is a list of texts; a single text is one of one.
func (p properties) texts(key string) []string {
	n := p.get(key)
	if n.kind == scalar {
		n = n.list(n)
	}
	var made []string
	if p.want(key, n, list) {
		for _, item := range n.items {
			if item.kind != unknown && p.want(key, item, scalar) {
				made = append(made, item.text)
			}
		}
	}
	return made
}

// pairs is a map of texts.
func (p properties) pairs(key string) map[string]string {
	in := p.in(key)
	if in.n.kind != fields || len(in.n.keys) == 0 {
		return nil
	}
	made := make(map[string]string, len(in.n.keys))
	for _, k := range in.n.keys {
		if n := in.get(k.text); n.kind != none && p.want(key+"."+k.text, n, scalar) {
			made[k.text] = n.text
		}
	}
	return made
}

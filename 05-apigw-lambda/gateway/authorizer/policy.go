package authorizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// action is what a client asks leave for.
const action = "execute-api:Invoke"

// A policy is a list of statements in the language of IAM.
//
// Action, NotAction, Resource and NotResource are judged, with * and ?. A
// Condition is not: nobody here knows the values it may ask for. So a
// statement with one never allows, and always denies, and the log says so.
type policy []statement

type statement struct {
	allow         bool
	action        patterns
	notAction     bool // NotAction: all but these
	resource      patterns
	notResource   bool
	hasConditions bool
}

type patterns []string

// judge says whether a policy allows the action on a resource, and why.
//
// IAM User Guide, "Policy evaluation logic": a Deny always wins; without an
// Allow it is denied.
func (p policy) judge(arn string) (allowed bool, reason string) {
	conditional := false
	for _, s := range p {
		if !s.covers(arn) {
			continue
		}
		switch {
		case !s.allow && s.hasConditions:
			return false, "its policy denies, under a Condition, which is not judged here: it counts as met"
		case !s.allow:
			return false, "its policy denies " + action + " on " + arn
		case s.hasConditions:
			conditional = true
		default:
			allowed = true
		}
	}
	switch {
	case allowed:
		return true, "its policy allows it"
	case conditional:
		return false, "its policy allows it only under a Condition, which is not judged here: it counts as not met"
	}
	return false, p.explain(arn)
}

func (s *statement) covers(arn string) bool {
	return s.coversAction() && s.resource.match(arn) != s.notResource
}

// coversAction compares without case: IAM's actions have none, its resources
// have.
func (s *statement) coversAction() bool {
	lower := make(patterns, len(s.action))
	for i, p := range s.action {
		lower[i] = strings.ToLower(p)
	}
	return lower.match(strings.ToLower(action)) != s.notAction
}

func (list patterns) match(text string) bool {
	return slices.ContainsFunc(list, func(p string) bool { return match(p, text) })
}

// explain says why nothing allows it. The commonest cause is a resource as in
// a REST API, whose ARNs have one part more: the method, and then the path.
func (p policy) explain(arn string) string {
	var others []string
	for _, s := range p {
		if !s.allow || s.notResource || !s.coversAction() {
			continue
		}
		for _, resource := range s.resource {
			if isREST(resource, arn) {
				stage := arn[:strings.LastIndexByte(arn, '/')]
				return fmt.Sprintf("its policy allows %s, which is a resource of a REST API: {stage}/{method}/{path}. "+
					"A WebSocket API has {stage}/{route}: write %s, or %s/*", resource, arn, stage)
			}
			others = append(others, resource)
		}
	}
	if others == nil {
		return "its policy does not allow " + action
	}
	return "its policy does not allow " + action + " on " + arn + ", but on " + strings.Join(others, ", ")
}

// isREST says whether a resource would do but for the method in it.
func isREST(resource, arn string) bool {
	parts := strings.SplitN(resource, "/", 4) // the API, the stage, the method, the path
	return len(parts) == 4 && match(parts[0]+"/"+parts[1]+"/*", arn)
}

// match compares a text with a pattern, in which * is any text, also none and
// also with slashes, and ? is any one character. It looks back to the last *
// only, and so never takes longer than the one length times the other.
func match(pattern, text string) bool {
	p, t := 0, 0
	star, from := -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

func decodePolicy(raw json.RawMessage) (policy, error) {
	var m members
	if err := json.Unmarshal(raw, &m); err != nil || m == nil {
		return nil, fmt.Errorf("policyDocument is not an object: %s", shorten(raw))
	}
	if !m.has("Statement") {
		return nil, errors.New("policyDocument has no Statement")
	}
	var list []members
	if json.Unmarshal(m["Statement"], &list) != nil {
		var one members // IAM takes a single one without its brackets
		if json.Unmarshal(m["Statement"], &one) != nil {
			return nil, errors.New("policyDocument.Statement is not a list of objects")
		}
		list = []members{one}
	}
	p := make(policy, len(list))
	for i, m := range list {
		if err := p[i].decode(m); err != nil {
			return nil, fmt.Errorf("policyDocument.Statement[%d]%w", i, err)
		}
	}
	return p, nil
}

func (s *statement) decode(m members) error {
	var effect string
	if !m.has("Effect") || json.Unmarshal(m["Effect"], &effect) != nil || effect != "Allow" && effect != "Deny" {
		return fmt.Errorf(".Effect is neither \"Allow\" nor \"Deny\": %s", shorten(m["Effect"]))
	}
	s.allow = effect == "Allow"
	var err error
	if s.action, s.notAction, err = m.patterns("Action", "NotAction"); err != nil {
		return err
	}
	if s.resource, s.notResource, err = m.patterns("Resource", "NotResource"); err != nil {
		return err
	}
	if m.has("Condition") {
		var conditions map[string]json.RawMessage
		if err := json.Unmarshal(m["Condition"], &conditions); err != nil {
			return errors.New(".Condition is not an object")
		}
		s.hasConditions = len(conditions) > 0
	}
	return nil
}

// patterns reads a string or a list of strings, under one of two names.
func (m members) patterns(name, not string) (list patterns, isNot bool, err error) {
	switch {
	case m.has(name) && m.has(not):
		return nil, false, fmt.Errorf(" has both %s and %s", name, not)
	case m.has(not):
		name, isNot = not, true
	case !m.has(name):
		return nil, false, fmt.Errorf(" has no %s", name)
	}
	var one string
	if json.Unmarshal(m[name], &one) == nil {
		return patterns{one}, isNot, nil
	}
	if json.Unmarshal(m[name], &list) != nil {
		return nil, false, fmt.Errorf(".%s is neither a string nor a list of strings: %s", name, shorten(m[name]))
	}
	return list, isNot, nil
}

package template

import (
	"encoding/json"
	"regexp"
	"strconv"
	"time"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// schedules finds what runs functions at intervals: rules, schedules and the
// events of SAM's functions.
func (t *template) schedules() {
	for _, r := range t.of("AWS::Events::Rule") {
		p := t.properties(r)
		targets := p.get("Targets")
		if !p.want("Targets", targets, list) {
			continue
		}
		for _, target := range targets.items {
			in := properties{t, r, target}
			f := t.target(in)
			switch {
			case f == nil:
			case p.n.get("ScheduleExpression").kind == none:
				t.notice(r.id, r.kind, "there is no event bus here: the function "+f.ResourceID+" is not run by it")
			case !t.permitted(f, "events.amazonaws.com", t.arn(r)):
				t.notice(r.id, r.kind, "no AWS::Lambda::Permission lets events.amazonaws.com invoke "+f.ResourceID+" for it: it never runs, on AWS and here")
			default:
				t.schedule(f, r.id, p, "ScheduleExpression", in)
			}
		}
	}
	for _, r := range t.of("AWS::Scheduler::Schedule") {
		p := t.properties(r)
		if f := t.target(p.in("Target")); f != nil {
			t.schedule(f, r.id, p, "ScheduleExpression", p.in("Target"))
		}
	}
	for _, r := range t.of("AWS::Serverless::Function") {
		t.events(r)
	}
}

// events are those of a SAM function.
func (t *template) events(r *resource) {
	f := t.byName[t.physical(r)]
	events := t.properties(r).in("Events")
	if f == nil {
		return
	}
	for _, key := range events.n.keys {
		event := events.in(key.text)
		p := event.in("Properties")
		id := r.id + key.text
		switch kind := event.text("Type"); kind {
		case "Schedule":
			t.schedule(f, id, p, "Schedule", p)
		case "ScheduleV2":
			t.schedule(f, id, p, "ScheduleExpression", p)
		case "Api", "HttpApi":
			t.notice(id, "AWS::Serverless::"+kind, notWebSocket)
		default:
			t.notice(id, r.kind, "there are no events of type "+kind+" here: the function is not run by them")
		}
	}
}

// target is the function that an Arn names, if it is one of these.
func (t *template) target(p properties) *api.Function {
	if p.n.kind != fields {
		return nil
	}
	return t.byName[functionName(p.text("Arn"))]
}

var rate = regexp.MustCompile(`^\s*rate\(\s*(\d{1,5})\s+(minute|hour|day)s?\s*\)\s*$`)

// schedule adds one to a function. input is where its Input stands.
func (t *template) schedule(f *api.Function, id string, p properties, key string, input properties) {
	expression := p.need(key)
	enabled := p.text("State") != "DISABLED"
	if p.n.get("Enabled").kind != none {
		enabled = p.flag("Enabled")
	}
	match := rate.FindStringSubmatch(expression)
	count := 0
	if match != nil {
		count, _ = strconv.Atoi(match[1])
	}
	switch {
	case t.err != nil || expression == "":
		return
	case !enabled:
		t.notice(id, p.r.kind, "it is disabled, here as on AWS")
		return
	case count == 0:
		t.notice(id, p.r.kind, "only rate(...) runs here, and this is "+expression+": the function "+f.ResourceID+" is not run by it")
		return
	}
	unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[match[2]]
	schedule := api.Schedule{ResourceID: id, Every: time.Duration(count) * unit}
	if text := input.text("Input"); text != "" {
		if !json.Valid([]byte(text)) {
			t.fail(input.n.get("Input"), "the Input of %s has to be JSON", name(id))
			return
		}
		schedule.Input = json.RawMessage(text)
	}
	if input.n.get("InputTransformer").kind != none || input.n.get("InputPath").kind != none {
		t.notice(id, p.r.kind, "events are not transformed here: the function gets the whole event")
	}
	f.Schedules = append(f.Schedules, schedule)
}

package template

import (
	"strings"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// functions reads all of them.
func (t *template) functions() {
	t.byName = map[string]*api.Function{}
	for _, r := range t.resources {
		if r.off || r.kind != "AWS::Lambda::Function" && r.kind != "AWS::Serverless::Function" {
			continue
		}
		if f := t.readFunction(r); t.err == nil {
			t.project.Functions = append(t.project.Functions, f)
			t.byName[f.Name] = f
		}
	}
}

func (t *template) readFunction(r *resource) *api.Function {
	p := t.properties(r)
	f := &api.Function{
		ResourceID:    r.id,
		Name:          t.physical(r),
		Runtime:       p.text("Runtime"),
		Handler:       p.text("Handler"),
		Architectures: p.texts("Architectures"),
		Timeout:       p.seconds("Timeout", 900),
		Memory:        int(p.number("MemorySize", 128, 32768)),
		Environment:   p.in("Environment").pairs("Variables"),
	}
	if first := t.byName[f.Name]; first != nil {
		t.fail(r.at, "%s has the FunctionName %s, which %s has already", name(r.id), name(f.Name), first.ResourceID)
	}
	if p.n.get("ReservedConcurrentExecutions").kind != none {
		f.Concurrency = int(p.number("ReservedConcurrentExecutions", 0, 1e6))
		if f.Concurrency == 0 {
			t.notice(r.id, r.kind, "ReservedConcurrentExecutions is 0, and on AWS it never runs: here it does")
		}
	}
	if p.n.get("Layers").kind != none {
		t.notice(r.id, r.kind, reasons["AWS::Lambda::LayerVersion"])
	}
	switch {
	case p.text("PackageType") == "Image":
		t.notice(r.id, r.kind, "it is a container image, and none is started here: it fails when it is invoked")
	case f.Runtime == "go1.x":
		t.notice(r.id, r.kind, "AWS has retired the runtime go1.x: take provided.al2023 and a binary called bootstrap")
	case !runs(f.Runtime):
		t.notice(r.id, r.kind, "the runtime "+or(f.Runtime, "(none)")+" does not run here, only provided and nodejs do: it fails when it is invoked")
	}
	f.Code = t.code(p, f)
	return f
}

// runs says whether there is something here to run it with.
func runs(runtime string) bool {
	return runtime == "provided" || strings.HasPrefix(runtime, "provided.") || strings.HasPrefix(runtime, "nodejs")
}

package template

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"strings"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// code finds a function's code: a folder or a zip, absolute. "" is none that
// could be here.
func (t *template) code(p properties, f *api.Function) string {
	key := "Code"
	if p.r.kind == "AWS::Serverless::Function" {
		key = "CodeUri"
	}
	n := p.get(key)
	image := p.n.get("ImageUri").kind != none || n.get("ImageUri").kind != none || p.text("PackageType") == "Image"
	inline := p.n.get("InlineCode").kind != none || n.get("ZipFile").kind != none
	switch {
	case t.err != nil:
		return ""
	case image:
		return ""
	case inline:
		t.notice(p.r.id, p.r.kind, "its code stands in the template itself, and does not run here: put it in a file")
		return ""
	case n.kind == none && p.n.get(key).kind != none: // told already
		return ""
	case n.kind == none:
		t.fail(p.r.at, "the function %s needs %s: the folder with its code", name(p.r.id), key)
		return ""
	case n.kind == scalar && !strings.HasPrefix(n.text, "s3://"):
		return t.built(p, f, t.beside(n.text))
	}
	object := n.text
	if n.kind == fields {
		object = or(n.get("S3Key").text, n.get("Key").text)
	}
	return t.artifact(p, f, object)
}

// beside makes a path of the template absolute.
func (t *template) beside(name string) string {
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(t.folder, name)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// built prefers what sam build has made of a folder, where the folder itself
// cannot run: it has a BuildMethod, or wants a binary that it does not have.
func (t *template) built(p properties, f *api.Function, code string) string {
	output := filepath.Join(t.folder, ".aws-sam", "build", p.r.id)
	method := p.r.body.get("Metadata").get("BuildMethod").text
	info, err := os.Stat(code)
	binary := strings.HasPrefix(f.Runtime, "provided") && (err != nil || info.IsDir())
	incomplete := binary && !exists(filepath.Join(code, "bootstrap"))
	switch {
	case (method != "" || incomplete) && exists(output):
		return output
	case err != nil:
		t.notice(p.r.id, p.r.kind, "its code, "+t.relative(code)+", is not there yet: it fails until it is built")
	case incomplete && method != "":
		t.notice(p.r.id, p.r.kind, "there is no bootstrap in "+t.relative(code)+" yet, nor in .aws-sam/build/"+p.r.id+": run sam build")
	case incomplete:
		t.notice(p.r.id, p.r.kind, "there is no bootstrap in "+t.relative(code)+" yet: build it there")
	}
	return code
}

// relative is a path as somebody who knows the template would write it.
func (t *template) relative(code string) string {
	if short, err := filepath.Rel(t.folder, code); err == nil {
		return filepath.ToSlash(short)
	}
	return code
}

// artifact finds on disk what was packaged for S3.
func (t *template) artifact(p properties, f *api.Function, object string) string {
	candidates := []string{p.r.body.get("Metadata").get("aws:asset:path").text} // written by cdk synth
	if object != "" {
		candidates = append(candidates, t.asset(object))
	}
	candidates = append(candidates, t.packaged(f)...)
	if object != "" {
		candidates = append(candidates, path.Base(object))
	}
	first := ""
	for _, candidate := range candidates {
		if candidate == "" {
			continue
		}
		if candidate = t.beside(candidate); exists(candidate) {
			return candidate
		}
		first = or(first, candidate)
	}
	if first == "" {
		t.notice(p.r.id, p.r.kind, "its code is in S3 and nowhere beside the template: it fails when it is invoked")
		return ""
	}
	t.notice(p.r.id, p.r.kind, "its code, "+t.relative(first)+", is not there: package it again")
	return first
}

// asset looks into the manifest that cdk synth writes beside its template.
func (t *template) asset(object string) string {
	var manifest struct {
		Files map[string]struct {
			Source       struct{ Path string }
			Destinations map[string]struct{ ObjectKey string }
		}
	}
	base, ok := strings.CutSuffix(filepath.Base(t.path), ".template.json")
	if !ok || !t.load(base+".assets.json", &manifest) {
		return ""
	}
	for _, file := range manifest.Files {
		for _, destination := range file.Destinations {
			if destination.ObjectKey == object {
				return file.Source.Path
			}
		}
	}
	return ""
}

// packaged looks into the state that serverless package writes beside its
// template. The paths in it are those of the machine that packaged.
func (t *template) packaged(f *api.Function) []string {
	type artifact struct{ Artifact string }
	var state struct {
		Package artifact
		Service struct {
			Package   artifact
			Functions map[string]struct {
				Name    string
				Package artifact
			}
		}
	}
	if !t.load("serverless-state.json", &state) {
		return nil
	}
	found := or(state.Service.Package.Artifact, state.Package.Artifact)
	for _, function := range state.Service.Functions {
		if function.Name == f.Name && function.Package.Artifact != "" {
			found = function.Package.Artifact
		}
	}
	if found == "" {
		return nil
	}
	found = strings.ReplaceAll(found, `\`, "/")
	return []string{path.Base(found), path.Join("..", found), found}
}

// load reads a JSON file beside the template, if it is there and whole.
func (t *template) load(file string, into any) bool {
	text, err := os.ReadFile(filepath.Join(t.folder, file))
	return err == nil && json.Unmarshal(text, into) == nil
}

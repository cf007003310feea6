package deploy

import (
	"archive/zip"
	"bytes"
	"context"
	"embed"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/template"
	"websocket.example/05-apigw-lambda/internal/osls"
)

// files are what osls reads.
//
//go:embed serverless.yml template.yaml
var files embed.FS

// scratch is a folder for all tests together.
var scratch string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if scratch, err = os.MkdirTemp("", "deploy"); err != nil {
			log.Fatal(err)
		}
		defer os.RemoveAll(scratch)
		return m.Run()
	}())
}

func read(t *testing.T, file string) *api.Project {
	t.Helper()
	p, err := template.Read(file, template.Options{Stage: "prod"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// describe says of a project, a line for each, what clients and functions
// notice of it. Names of resources are not part of that: the framework gives
// its own.
func describe(p *api.Project) []string {
	function := func(id string) string {
		id = strings.TrimSuffix(strings.TrimSuffix(id, "Function"), "Lambda")
		return strings.ToLower(id)
	}
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, a := range p.APIs {
		add("api: selects by %s, stage %s, throttle %v", a.RouteSelection, a.Stage.Name, a.Stage.Throttle)
		for key, r := range a.Routes {
			auth := r.Authorization
			if r.Authorizer != nil {
				auth = fmt.Sprintf("%s by %s, identity source %q, permitted %v", auth, function(r.Authorizer.Function), r.Authorizer.IdentitySource, !r.Authorizer.NoPermission)
			}
			add("route %s: %s %s, permitted %v, two-way %v, authorization %s",
				key, r.Integration.Type, function(r.Integration.Function), !r.Integration.NoPermission, r.TwoWay(), auth)
		}
	}
	for _, f := range p.Functions {
		add("function %s: %s %s, %v, %d MB", function(f.ResourceID), f.Runtime, f.Architectures, f.Timeout, f.Memory)
		for name := range f.Environment {
			add("function %s: has %s", function(f.ResourceID), name)
		}
		for _, s := range f.Schedules {
			add("function %s: every %v with %s", function(f.ResourceID), s.Every, bytes.ReplaceAll(s.Input, []byte(" "), nil))
		}
	}
	slices.Sort(lines)
	return lines
}

func compare(t *testing.T, got, want []string) {
	t.Helper()
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("only template.yaml has\n  %s", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("only serverless.yml has\n  %s", line)
		}
	}
}

// What the Serverless Framework makes of its file is what the other describes.
func TestBothDescribeTheSame(t *testing.T) {
	compare(t, describe(read(t, compiled(t))), describe(read(t, "template.yaml")))
}

// The same without Node, for what stands in the file itself.
func TestSameRoutes(t *testing.T) {
	var file struct {
		Functions map[string]struct {
			Timeout int
			Events  []map[string]yaml.Node
		}
	}
	text, err := os.ReadFile("serverless.yml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for name, f := range file.Functions {
		for _, e := range f.Events {
			on, ok := e["websocket"]
			if !ok {
				continue
			}
			var event struct {
				Route      string
				Authorizer struct{ Name string }
				Response   string `yaml:"routeResponseSelectionExpression"`
			}
			if on.Kind == yaml.ScalarNode {
				event.Route = on.Value
			} else if err := on.Decode(&event); err != nil {
				t.Fatal(err)
			}
			got[event.Route] = fmt.Sprint(name, " ", event.Authorizer.Name, " ", event.Response != "")
		}
	}

	want := map[string]string{}
	project := read(t, "template.yaml")
	for key, r := range project.APIs[0].Routes {
		by := ""
		if r.Authorizer != nil {
			by = strings.ToLower(strings.TrimSuffix(r.Authorizer.Function, "Function"))
		}
		want[key] = fmt.Sprint(strings.ToLower(strings.TrimSuffix(r.Integration.Function, "Function")), " ", by, " ", r.TwoWay())
	}
	if !maps.Equal(got, want) {
		t.Errorf("routes of serverless.yml:\n%v\nof template.yaml:\n%v", got, want)
	}
	if len(file.Functions) != len(project.Functions) {
		t.Errorf("%d functions in serverless.yml, %d in template.yaml", len(file.Functions), len(project.Functions))
	}
}

// compiled is the template that osls makes of serverless.yml.
func compiled(t *testing.T) string {
	t.Helper()
	if os.Getenv("CI") != "true" {
		t.Skip("osls takes long: CI=true runs it")
	}
	file, err := packaged()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// packaged runs osls once for all tests, in a copy of what it reads.
var packaged = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(scratch, "deploy")
	if err := os.CopyFS(dir, files); err != nil {
		return "", err
	}
	for _, name := range []string{"chat", "authorizer", "announce"} {
		if err := artifact(filepath.Join(scratch, "bin", "lambda", name+".zip")); err != nil {
			return "", err
		}
	}
	return osls.Package(context.Background(), "..", dir)
})

// artifact writes a zip file, for that is all that osls looks at.
func artifact(file string) error {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if _, err := z.Create("bootstrap"); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

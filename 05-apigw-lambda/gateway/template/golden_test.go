package template

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"websocket.example/05-apigw-lambda/gateway/api"
)

var update = flag.Bool("update", false, "write the projects in testdata anew")

// Whole projects, and what is read of them. chat has the shape of AWS's own
// sample, sam and raw have all there is; osls and cdk were written by
// osls package 3.77.1 and aws-cdk-lib 2.276.0.
var projects = []struct{ name, file string }{
	{"chat", "template.yaml"},
	{"sam", "template.yaml"},
	{"raw", "template.yaml"},
	{"osls", "cloudformation-template-update-stack.json"},
	{"cdk", "Chat.template.json"},
}

func TestProjects(t *testing.T) {
	for _, project := range projects {
		t.Run(project.name, func(t *testing.T) {
			folder := filepath.Join("testdata", project.name)
			p, err := Read(filepath.Join(folder, project.file), Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := spell(t, p, folder)
			golden := filepath.Join(folder, "project.json")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))) {
				t.Errorf("%s reads differently now; look at what -update changes in %s", project.file, golden)
			}
		})
	}
}

func TestJSONIsYAML(t *testing.T) {
	folder := filepath.Join("testdata", "raw")
	var read [2][]byte
	for i, file := range []string{"template.yaml", "template.json"} {
		p, err := Read(filepath.Join(folder, file), Options{})
		if err != nil {
			t.Fatal(err)
		}
		read[i] = spell(t, p, folder)
	}
	if !bytes.Equal(read[0], read[1]) {
		t.Errorf("YAML gives\n%s\nand JSON\n%s", read[0], read[1])
	}
}

// What is read of a SAM template is what is read of it once aws-sam-translator
// 1.110.0, which AWS runs, has made plain resources of it.
func TestTranslated(t *testing.T) {
	folder := filepath.Join("testdata", "sam")
	var read [2][]byte
	for i, file := range []string{"template.yaml", "translated.json"} {
		p, err := Read(filepath.Join(folder, file), Options{})
		if err != nil {
			t.Fatal(err)
		}
		p.Notices = nil
		for _, f := range p.Functions {
			f.Code = "" // the translator takes code in S3 only
		}
		read[i] = spell(t, p, folder)
	}
	if !bytes.Equal(read[0], read[1]) {
		t.Errorf("the SAM template gives\n%s\nand translated\n%s", read[0], read[1])
	}
}

// spell writes a project so that it can be compared: without what is empty,
// durations in words, paths as seen from the folder.
func spell(t *testing.T, p *api.Project, folder string) []byte {
	t.Helper()
	absolute, err := filepath.Abs(folder)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(brief(tree, absolute)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func brief(v any, folder string) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if nanoseconds, ok := value.(float64); ok && nanoseconds != 0 && (key == "Timeout" || key == "Every") {
				value = time.Duration(nanoseconds).String()
			}
			if value = brief(value, folder); value == nil {
				delete(v, key)
				continue
			}
			v[key] = value
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for i := range v {
			v[i] = brief(v[i], folder)
		}
	case string:
		if v == "" {
			return nil
		}
		if rest, ok := strings.CutPrefix(v, folder); ok {
			return "." + filepath.ToSlash(rest)
		}
	case float64:
		if v == 0 {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	}
	return v
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree writes files below a new folder and makes it the current one.
func tree(t *testing.T, f files) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range f {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

func TestRun(t *testing.T) {
	for _, row := range []struct {
		args   string
		status int
		stdout string // what it contains
		stderr string
	}{
		{"check", 1, "docs: 1 pairs, 2 snippets, 0 links, 0 catalogs checked, 3 findings\n", ""},
		{"-h", 0, "<!-- snippet: wsconn/read.go#NAME -->", ""},
		{"fix -h", 0, "go run ./.ci/docs fix -stamp", ""},
		{"", 2, "", "docs: say check or fix (-h explains)\n"},
		{"lint", 2, "", "docs: say check or fix (-h explains)\n"},
		{"check -stamp", 2, "", "docs: flag provided but not defined: -stamp (-h explains)\n"},
		{"check README.md", 2, "", "docs: check takes no files (-h explains)\n"},
		{"fix README.md", 2, "", "docs: fix takes no files (-h explains)\n"},
		{"fix -stamp", 2, "", "docs: fix -stamp needs the Portuguese files you have read (-h explains)\n"},
		{"fix -stamp README.md", 2, "", "docs: README.md is not a .pt-BR.md or .pt-BR.slide file beside its English (-h explains)\n"},
	} {
		t.Run(row.args, func(t *testing.T) {
			quote := "<!-- snippet: a.go#x -->\n```go\nold\n```\n"
			tree(t, files{"go.work": "", "a.go": "// snippet: x\nnew\n// end snippet: x\n", "README.md": quote, "README.pt-BR.md": quote})
			var stdout, stderr strings.Builder
			status := run(strings.Fields(row.args), &stdout, &stderr)
			if status != row.status || !strings.Contains(stdout.String(), row.stdout) || stderr.String() != row.stderr {
				t.Errorf("status %d, stdout\n%s\nstderr\n%s", status, &stdout, &stderr)
			}
		})
	}
}

// A writer's way: edit, fix, read, stamp, from a folder below the root.
func TestFixThenStamp(t *testing.T) {
	quote := "<!-- snippet: a.go#x -->\n```go\nold\n```\n"
	dir := tree(t, files{"go.work": "", "s/a.go": "// snippet: x\nnew\n// end snippet: x\n", "s/README.md": quote, "s/README.pt-BR.md": quote})
	t.Chdir(filepath.Join(dir, "s"))
	for _, step := range []struct {
		args   string
		status int
		stdout string
	}{
		{"fix", 1, "wrote s/README.md\nwrote s/README.pt-BR.md\n" +
			"s/README.pt-BR.md:4: the last line is not a stamp of the English it translates: " +
			"read it against the English, then run `go run ./.ci/docs fix -stamp s/README.pt-BR.md`\n" +
			"docs: 1 pairs, 2 snippets, 0 links, 0 catalogs checked, 1 findings\n"},
		{"fix -stamp README.pt-BR.md", 0, "wrote s/README.pt-BR.md\ndocs: 1 pairs, 2 snippets, 0 links, 0 catalogs checked\n"},
		{"check", 0, "docs: 1 pairs, 2 snippets, 0 links, 0 catalogs checked\n"},
	} {
		var stdout, stderr strings.Builder
		if status := run(strings.Fields(step.args), &stdout, &stderr); status != step.status || stdout.String() != step.stdout {
			t.Errorf("%s: status %d, stdout\n%s\nstderr\n%s", step.args, status, &stdout, &stderr)
		}
	}
}

func TestOutsideAWorkspace(t *testing.T) {
	tree(t, nil)
	var stdout, stderr strings.Builder
	if status := run([]string{"check"}, &stdout, &stderr); status != 2 || !strings.Contains(stderr.String(), "no go.work") {
		t.Errorf("status %d, stderr %q", status, &stderr)
	}
}

package main

import (
	"slices"
	"testing"
	"testing/fstest"
)

// files is a tree in memory: path to text.
type files map[string]string

func (f files) load(t *testing.T) *Repo {
	t.Helper()
	tree := fstest.MapFS{}
	for name, text := range f {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	repo, err := Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

// row is a tree and exactly what a rule must say about it, nothing when it is good.
type row struct {
	name  string
	files files
	want  []string
}

func testRule(t *testing.T, rule func(*Repo, *Report), rows []row) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := &Report{}
			rule(row.files.load(t), r)
			var got []string
			for _, f := range r.Findings {
				got = append(got, f.String())
			}
			if !slices.Equal(got, row.want) {
				t.Errorf("got  %q\nwant %q", got, row.want)
			}
		})
	}
}

func TestCheckSortsAndCounts(t *testing.T) {
	r := Check(files{
		"b.md":            "[x](nowhere.txt)\n",
		"a.md":            "```\n",
		"web/en.json":     `{"a": "A"}`,
		"web/pt-BR.json":  `{"a": "Á"}`,
		"bin/skipped.md":  "",
		"x/testdata/y.md": "",
		".git/z.md":       "",
	}.load(t))
	want := `a.md:1: this code block is never closed: end it with ` + "```" + `
a.md:1: there is no a.pt-BR.md: translate this file
b.md:1: there is no b.pt-BR.md: translate this file
b.md:1: there is no nowhere.txt: mend the path, which starts at this file's folder
docs: 0 pairs, 0 snippets, 1 links, 1 catalogs checked, 4 findings`
	if got := r.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Repo is what the rules look at, read once.
type Repo struct {
	FS       fs.FS
	Docs     map[string]*Doc   // lessons and decks by path
	Sources  map[string]string // files that may hold snippets
	Catalogs map[string]string // en.json and pt-BR.json
}

// Skipped folders hold what others wrote, what was built, or what a test wants broken.
var skipped = []string{".git", "bin", "node_modules", "testdata"}

// Load reads the tree.
func Load(fsys fs.FS) (*Repo, error) {
	repo := &Repo{fsys, map[string]*Doc{}, map[string]string{}, map[string]string{}}
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(skipped, entry.Name()):
			return fs.SkipDir
		}
		catalog := entry.Name() == "en.json" || entry.Name() == "pt-BR.json"
		slides := strings.HasSuffix(name, ".en.slide") || strings.HasSuffix(name, ".pt-BR.slide")
		if !entry.Type().IsRegular() || !catalog && !slides && markerOf(name) == nil {
			return nil
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		text := strings.ReplaceAll(string(data), "\r\n", "\n") // a checkout on Windows
		switch {
		case catalog:
			repo.Catalogs[name] = text
			return nil
		case slides:
			repo.Docs[name] = ParseSlides(name, text)
			return nil
		case path.Ext(name) == ".md":
			repo.Docs[name] = Parse(name, text)
		}
		repo.Sources[name] = text
		return nil
	})
	return repo, err
}

// Finding is one thing to mend.
type Finding struct {
	File        string
	Line        int
	Wrong, Mend string
}

func (f Finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.Wrong, f.Mend)
}

// Report is what the rules found, and how much they looked at: a clean answer about
// nothing is worth nothing.
type Report struct {
	Findings                         []Finding
	Pairs, Snippets, Links, Catalogs int
}

func (r *Report) find(file string, line int, wrong, mend string) {
	r.Findings = append(r.Findings, Finding{file, line, wrong, mend})
}

// Check applies every rule.
func Check(repo *Repo) *Report {
	r := &Report{}
	for _, doc := range repo.Docs {
		r.Findings = append(r.Findings, doc.Findings...)
	}
	checkPairs(repo, r)
	checkSnippets(repo, r)
	checkLinks(repo, r)
	checkCatalogs(repo, r)
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line)
	})
	return r
}

func (r *Report) String() string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintln(&b, f)
	}
	fmt.Fprintf(&b, "docs: %d pairs, %d snippets, %d links, %d catalogs checked", r.Pairs, r.Snippets, r.Links, r.Catalogs)
	if n := len(r.Findings); n > 0 {
		fmt.Fprintf(&b, ", %d findings", n)
	}
	return b.String()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

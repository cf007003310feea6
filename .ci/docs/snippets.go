package main

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// What fits on a slide that is read from the last row.
const (
	maxLines   = 18
	maxColumns = 68
	tabColumns = 4
)

// A marker is a comment alone on its line: "snippet: NAME" opens, "end snippet: NAME" closes.
var (
	slashes = marker(`//`, ``)
	hashes  = marker(`#`, ``)
	stars   = marker(`/\*`, `\*/`)
	angles  = marker(`<!--`, `-->`)
)

func marker(open, end string) *regexp.Regexp {
	return regexp.MustCompile(`^\s*` + open + `\s*(end )?snippet:\s*([\w-]+)\s*` + end + `\s*$`)
}

// markerOf is the marker of a kind of file, nil for a kind that cannot be quoted.
func markerOf(name string) *regexp.Regexp {
	switch path.Ext(name) {
	case ".go", ".js", ".mjs":
		return slashes
	case ".sh", ".yaml", ".yml":
		return hashes
	case ".css":
		return stars
	case ".html", ".md":
		return angles
	}
	return nil
}

// Snippet is a piece of source between its markers, without the common indent.
type Snippet struct {
	Line  int // of the opening marker
	Lines []string
}

// Snippets reads the markers of one source file. Snippets may overlap; no marker is quoted.
func Snippets(name, text string, r *Report) map[string]*Snippet {
	found := map[string]*Snippet{}
	var open []string
	for i, line := range strings.Split(text, "\n") {
		m := markerOf(name).FindStringSubmatch(line)
		if m == nil {
			for _, tag := range open {
				found[tag].Lines = append(found[tag].Lines, line)
			}
			continue
		}
		ends, tag := m[1] != "", m[2]
		at := slices.Index(open, tag)
		switch {
		case ends && at < 0:
			r.find(name, i+1, fmt.Sprintf("snippet %q ends here and is not open", tag), "open it above, or delete this line")
		case ends:
			open = slices.Delete(open, at, at+1)
		case found[tag] != nil:
			r.find(name, i+1, fmt.Sprintf("snippet %q is opened twice in this file", tag), "give it another name")
		default:
			found[tag] = &Snippet{Line: i + 1}
			open = append(open, tag)
		}
	}
	for _, tag := range open {
		r.find(name, found[tag].Line, fmt.Sprintf("snippet %q is never closed", tag), "close it with \"end snippet: "+tag+"\"")
		delete(found, tag)
	}
	for _, tag := range sortedKeys(found) {
		s := found[tag]
		s.Lines = dedent(s.Lines)
		if n := len(s.Lines); n > maxLines {
			r.find(name, s.Line, fmt.Sprintf("snippet %q has %d lines, at most %d fit", tag, n, maxLines), "quote less")
		}
		if n := widest(s.Lines); n > maxColumns {
			r.find(name, s.Line, fmt.Sprintf("snippet %q has %d columns, at most %d fit", tag, n, maxColumns), "break its longest line")
		}
	}
	return found
}

// dedent drops blank lines at both ends and the indent that all lines share.
func dedent(lines []string) []string {
	blank := func(s string) bool { return strings.TrimSpace(s) == "" }
	for len(lines) > 0 && blank(lines[0]) {
		lines = lines[1:]
	}
	for len(lines) > 0 && blank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	if len(lines) == 0 {
		return nil
	}
	indent := lines[0][:len(lines[0])-len(strings.TrimLeft(lines[0], " \t"))]
	for _, line := range lines {
		for !blank(line) && !strings.HasPrefix(line, indent) {
			indent = indent[:len(indent)-1]
		}
	}
	out := make([]string, len(lines))
	for i, line := range lines {
		if !blank(line) {
			out[i] = strings.TrimPrefix(line, indent)
		}
	}
	return out
}

func widest(lines []string) (columns int) {
	for _, line := range lines {
		columns = max(columns, utf8.RuneCountInString(line)+(tabColumns-1)*strings.Count(line, "\t"))
	}
	return columns
}

// allSnippets reads the markers of the whole tree, by path.
func allSnippets(repo *Repo, r *Report) map[string]map[string]*Snippet {
	all := map[string]map[string]*Snippet{}
	for _, name := range sortedKeys(repo.Sources) {
		all[name] = Snippets(name, repo.Sources[name], r)
	}
	return all
}

// checkSnippets holds every quoted block against its source.
func checkSnippets(repo *Repo, r *Report) {
	all := allSnippets(repo, r)
	quoted := map[*Snippet]bool{}
	for _, name := range sortedKeys(repo.Docs) {
		for _, f := range repo.Docs[name].Fences {
			if f.Name == "" {
				continue
			}
			r.Snippets++
			source := path.Join(path.Dir(name), f.Source)
			s := all[source][f.Name]
			quoted[s] = true
			if s == nil {
				r.find(name, f.Line, fmt.Sprintf("%s has no snippet %q", source, f.Name), "mark it there, or mend the marker above this block")
			} else if !slices.Equal(s.Lines, f.Body) {
				r.find(name, f.Line, fmt.Sprintf("this block differs from snippet %q at %s:%d", f.Name, source, s.Line), "run `go run ./.ci/docs fix`")
			}
		}
	}
	for _, name := range sortedKeys(all) {
		for _, tag := range sortedKeys(all[name]) {
			if s := all[name][tag]; !quoted[s] {
				r.find(name, s.Line, fmt.Sprintf("nobody quotes snippet %q", tag), "quote it in a lesson, or delete its markers")
			}
		}
	}
}

// FixSnippets returns the new text of every file whose quoted blocks differ from the source.
func FixSnippets(repo *Repo) map[string]string {
	all := allSnippets(repo, &Report{})
	changed := map[string]string{}
	for name, doc := range repo.Docs {
		lines := slices.Clone(doc.Lines)
		for _, f := range slices.Backward(doc.Fences) { // so that the lines above keep their numbers
			s := all[path.Join(path.Dir(name), f.Source)][f.Name]
			if s == nil || f.End > len(doc.Lines) || slices.Equal(s.Lines, f.Body) {
				continue
			}
			body := make([]string, len(s.Lines))
			for i, line := range s.Lines {
				if line != "" {
					body[i] = f.Indent + line
				}
			}
			lines = slices.Replace(lines, f.Line, f.End-1, body...)
			changed[name] = strings.Join(lines, "\n")
		}
	}
	return changed
}

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// The endings of a text in English and in Portuguese.
var pairs = []struct{ english, portuguese string }{
	{".en.slide", ".pt-BR.slide"},
	{".md", ".pt-BR.md"},
}

var stampLine = regexp.MustCompile(`^(?:// translates: sha256:[0-9a-f]{16}|<!-- translates: sha256:[0-9a-f]{16} -->)$`)

// checkPairs holds every translation against its English. A finding stands in the
// Portuguese file, because the English leads. Of a kind only the first is told: the
// others are usually its echo.
func checkPairs(repo *Repo, r *Report) {
	for _, name := range sortedKeys(repo.Docs) {
		if english, ok := englishOf(name); ok {
			if repo.Docs[english] == nil {
				r.find(name, 1, "there is no English "+path.Base(english), "write it, or delete this file")
			}
			continue
		}
		portuguese := portugueseOf(name)
		en, pt := repo.Docs[name], repo.Docs[portuguese]
		if pt == nil {
			r.find(name, 1, "there is no "+path.Base(portuguese), "translate this file")
			continue
		}
		r.Pairs++
		for _, kind := range []struct {
			name, mend string
			items      func(*Doc) []item
		}{
			{"heading", "follow the outline of the English", headingItems},
			{"command", "have the commands of the English, slide by slide", commandItems},
			{"code line", "copy the English block and its snippet marker byte for byte", codeItems},
			{"link", "link to the same places in the same order", linkItems},
			{"<details>", "fold what the English folds", detailsItems},
		} {
			wants := append(kind.items(en), end(lastLine(en.Lines)+1))
			has := append(kind.items(pt), end(lastLine(pt.Lines)+1))
			compare(r, kind.name, kind.mend, name, portuguese, wants, has)
		}
		checkStamp(r, en, pt)
	}
}

// englishOf names the English of a Portuguese file.
func englishOf(name string) (string, bool) {
	for _, pair := range pairs {
		if base, ok := strings.CutSuffix(name, pair.portuguese); ok {
			return base + pair.english, true
		}
	}
	return "", false
}

func portugueseOf(name string) string {
	for _, pair := range pairs {
		if base, ok := strings.CutSuffix(name, pair.english); ok {
			return base + pair.portuguese
		}
	}
	return name
}

// item is one thing of a file that must have its like in the other language.
type item struct {
	line int
	key  string // what must be equal
	show string // how a finding calls it
}

// end closes a list, so that a list that goes on differs from one that does not.
func end(line int) item { return item{line, "\x00end", "missing"} }

// compare walks two lists and tells the first difference. It reports whether there is none.
func compare(r *Report, kind, mend, english, portuguese string, wants, has []item) bool {
	for i, want := range wants[:min(len(wants), len(has))] {
		if want.key != has[i].key {
			r.find(portuguese, has[i].line, fmt.Sprintf("%s %d is %s, and at %s:%d it is %s",
				kind, i+1, has[i].show, path.Base(english), want.line, want.show), mend)
			return false
		}
	}
	return true
}

func headingItems(d *Doc) (items []item) {
	for _, h := range d.Headings {
		level := fmt.Sprintf("level %d", h.Level)
		if h.ID != "" {
			level += " #" + h.ID
		}
		items = append(items, item{h.Line, level, level})
	}
	return items
}

func commandItems(d *Doc) (items []item) {
	for _, c := range d.Commands {
		where := strings.TrimSuffix(c.Text+" in #"+c.Slide, " in #")
		items = append(items, item{c.Line, where, where})
	}
	return items
}

// codeItems has one item per fence and line, so that a finding names the line that differs.
func codeItems(d *Doc) (items []item) {
	for _, f := range d.Fences {
		open := strings.TrimSuffix("```"+f.Info+" "+f.Source+"#"+f.Name, " #")
		items = append(items, item{f.Line, "\x00" + open, open})
		for i, line := range f.Body {
			items = append(items, item{f.Line + 1 + i, line, strconv.Quote(line)})
		}
	}
	return items
}

func detailsItems(d *Doc) (items []item) {
	for _, line := range d.Details {
		items = append(items, item{line, "", "folded"})
	}
	return items
}

// linkItems forgets what a translation may change: the language of a sibling page or
// picture, and the anchors of a page, which follow its headings.
func linkItems(d *Doc) (items []item) {
	for _, l := range d.Links {
		key := l.Target
		file, anchor, _ := strings.Cut(key, "#")
		page := file == "" && path.Ext(d.Path) == ".md" || path.Ext(file) == ".md" // the ids of a deck are equal
		if isLocal(l.Target) {
			key = strings.Replace(key, ".pt-BR.", ".", 1)
			if page && anchor != "" {
				key = strings.Replace(file, ".pt-BR.", ".", 1) + "#"
			}
		}
		items = append(items, item{l.Line, key, l.Target})
	}
	return items
}

// checkStamp asks that the Portuguese ends with the hash of the English it translates.
func checkStamp(r *Report, en, pt *Doc) {
	last := lastLine(pt.Lines)
	mend := "read it against the English, then run `go run ./.ci/docs fix -stamp " + pt.Path + "`"
	if !stampLine.MatchString(pt.Lines[last]) {
		r.find(pt.Path, last+1, "the last line is not a stamp of the English it translates", mend)
	} else if pt.Lines[last] != stampOf(en) {
		r.find(pt.Path, last+1, path.Base(en.Path)+" has changed since this translation was stamped", mend)
	}
}

// Stamp returns the text of a Portuguese file with the hash of today's English as its last line.
func Stamp(repo *Repo, name string) (string, error) {
	english, ok := englishOf(name)
	if !ok || repo.Docs[name] == nil || repo.Docs[english] == nil {
		return "", fmt.Errorf("%s is not a .pt-BR.md or .pt-BR.slide file beside its English", name)
	}
	lines := repo.Docs[name].Lines
	end := lastLine(lines) + 1
	if stampLine.MatchString(lines[end-1]) {
		end = lastLine(lines[:end-1]) + 1
	}
	text := strings.Join(lines[:end], "\n")
	return text + "\n\n" + stampOf(repo.Docs[english]) + "\n", nil
}

// stampOf is the last line of a translation: a comment, which nobody sees.
func stampOf(en *Doc) string {
	stamp := "translates: sha256:" + proseHash(en)
	if path.Ext(en.Path) == ".slide" {
		return "// " + stamp
	}
	return "<!-- " + stamp + " -->"
}

// proseHash does not see code blocks, which must be equal anyway, nor how lines are wrapped.
func proseHash(d *Doc) string {
	return hash(strings.Join(strings.Fields(d.Prose), " "))
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

// lastLine is the index of the last line that is not blank, or 0.
func lastLine(lines []string) int {
	for i := len(lines) - 1; i > 0; i-- {
		if strings.TrimSpace(lines[i]) != "" {
			return i
		}
	}
	return 0
}

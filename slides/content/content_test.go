package content

import (
	"encoding/json"
	"html"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"websocket.example/slides/deck"
)

// The deck's own room: what stands here is for the eyes, the rest is notes.
const maxWords = 60

var (
	blocks = []string{"opening", "compare", "handshake", "frames", "libraries", "chat", "aws", "cost", "closing"}
	panes  = []string{"lanes", "handshake", "frames", "chat", "gateway", "cost"}

	tag         = regexp.MustCompile(`<[^>]*>`)
	placeholder = regexp.MustCompile(`\{\{(\w+)\}\}`)
	textElement = regexp.MustCompile(`<text[^>]*>([^<]*)</text>`)
	colour      = regexp.MustCompile(`\b(?:style|fill|stroke)="|#[0-9a-fA-F]{3,8}\b|\bid="`)
)

func decks(t *testing.T) map[string]*deck.Deck {
	t.Helper()
	all := map[string]*deck.Deck{}
	for _, lang := range Languages {
		d, err := Deck(lang)
		if err != nil {
			t.Fatal(err)
		}
		all[lang] = d
	}
	return all
}

func plain(s string) string { return html.UnescapeString(tag.ReplaceAllString(s, " ")) }

func TestTwins(t *testing.T) {
	d := decks(t)
	for _, fault := range deck.Twins(d["en"], d["pt-BR"]) {
		t.Error(fault)
	}
	if _, err := Deck("de"); err == nil {
		t.Error("a deck in a language that there is none in")
	}
}

func TestSlides(t *testing.T) {
	for lang, d := range decks(t) {
		for i, s := range d.Slides {
			words := len(strings.Fields(s.Title))
			for _, part := range s.Parts {
				if part.Kind == "text" {
					words += len(strings.Fields(plain(string(part.HTML))))
				}
			}
			if words > maxWords {
				t.Errorf("%s %s: %d words on a slide: %d at most, the rest is for the notes", lang, s.ID, words, maxWords)
			}
			if i > 0 && len(s.Parts) == 0 {
				t.Errorf("%s %s: nothing but a title", lang, s.ID)
			}
			var notes strings.Builder
			for _, note := range s.Notes {
				notes.WriteString(plain(string(note)))
			}
			if n := len(strings.Fields(notes.String())); n < 30 || n > 150 {
				t.Errorf("%s %s: notes of %d words: say, do and ask in 30 to 150", lang, s.ID, n)
			}
			if !strings.Contains(notes.String(), "?") {
				t.Errorf("%s %s: no question for the room in the notes", lang, s.ID)
			}
		}
	}
}

// Code and console fit at the size that the last row can read.
func TestCode(t *testing.T) {
	const lines, columns = 18, 81
	for lang, d := range decks(t) {
		for _, s := range d.Slides {
			for _, part := range s.Parts {
				if part.Kind != "code" {
					continue
				}
				pre, _, _ := strings.Cut(string(part.HTML), "</pre>")
				code := strings.Split(strings.TrimRight(html.UnescapeString(tag.ReplaceAllString(pre, "")), "\n"), "\n")
				if len(code) > lines {
					t.Errorf("%s %s: %d lines, at most %d fit", lang, s.ID, len(code), lines)
				}
				for _, line := range code {
					if n := utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    ")); n > columns {
						t.Errorf("%s %s: %d columns, at most %d fit: %s", lang, s.ID, n, columns, line)
					}
				}
			}
		}
	}
}

// The blocks come in the order of the instructor's table, and each ends with
// what is to be remembered.
func TestBlocks(t *testing.T) {
	for lang, d := range decks(t) {
		var found []string
		last := map[string]*deck.Slide{}
		for _, s := range d.Slides {
			if len(found) == 0 || found[len(found)-1] != s.Block {
				found = append(found, s.Block)
			}
			last[s.Block] = s
		}
		if !slices.Equal(found, blocks) {
			t.Errorf("%s: blocks %v, want %v", lang, found, blocks)
		}
		for _, block := range blocks {
			s := last[block]
			if s == nil || !slices.ContainsFunc(s.Parts, func(p deck.Part) bool { return strings.Contains(string(p.HTML), "<blockquote>") }) {
				t.Errorf("%s: the last slide of %s does not say what to remember", lang, block)
			}
		}
	}
}

// Every pane has its slide, and no slide a pane that nobody runs.
func TestPanes(t *testing.T) {
	for lang, d := range decks(t) {
		var found []string
		for _, s := range d.Slides {
			for _, part := range s.Parts {
				if part.Kind == "pane" {
					found = append(found, part.Name)
				}
			}
		}
		if !slices.Equal(found, panes) {
			t.Errorf("%s: panes %v, want %v", lang, found, panes)
		}
	}
}

func TestFigures(t *testing.T) {
	used := map[string]bool{}
	for _, d := range decks(t) {
		for _, s := range d.Slides {
			for _, part := range s.Parts {
				if part.Kind == "figure" {
					used[part.Name] = true
				}
			}
		}
	}
	files, err := fs.Glob(FS, "figures/*.svg")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d figures, %v", len(files), err)
	}
	keys := map[string]bool{}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".svg")
		if !used[name] {
			t.Errorf("%s: no slide shows it", file)
		}
		source, err := FS.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		svg := string(source)
		for _, want := range []string{`<svg class="figure" viewBox="0 0 1200 `, `role="img"`, "<title>{{" + name + "_title}}</title>", "<desc>{{" + name + "_desc}}</desc>"} {
			if !strings.Contains(svg, want) {
				t.Errorf("%s: there is no %s", file, want)
			}
		}
		if wrong := colour.FindString(svg); wrong != "" {
			t.Errorf("%s: %s: colours are classes, and an id would be twice in the page", file, wrong)
		}
		for _, m := range placeholder.FindAllStringSubmatch(svg, -1) {
			keys[m[1]] = true
		}
	}
	for _, lang := range Languages {
		source, err := FS.ReadFile("figures/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var catalog map[string]string
		if err := json.Unmarshal(source, &catalog); err != nil {
			t.Fatal(err)
		}
		for key := range keys {
			if strings.TrimSpace(catalog[key]) == "" {
				t.Errorf("%s: the figures' text %s is missing", lang, key)
			}
		}
		for key := range maps.Keys(catalog) {
			if !keys[key] {
				t.Errorf("%s: no figure says %s", lang, key)
			}
		}
	}
}

// What a figure says in letters and not by a key is what the wire or a
// program says: it is the same in every language.
func TestFiguresSpeakBothLanguages(t *testing.T) {
	words := regexp.MustCompile(`(?i)\b(the|a|of|is|and|to|client|server|o|um|de|cliente|servidor)\b`)
	files, _ := fs.Glob(FS, "figures/*.svg")
	for _, file := range files {
		source, err := FS.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range textElement.FindAllStringSubmatch(string(source), -1) {
			text := html.UnescapeString(m[1])
			if !strings.HasPrefix(text, "{{") && strings.Contains(strings.TrimSpace(text), " ") && words.MatchString(text) {
				t.Errorf("%s: %q is in one language: give it a key", file, text)
			}
		}
	}
}

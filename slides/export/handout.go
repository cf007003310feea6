package export

import (
	"html"
	"html/template"
	"path"
	"regexp"
	"slices"
	"strings"

	"websocket.example/slides/deck"
	"websocket.example/slides/show"
)

// handout shows each slide and what is said to it. Where a slide leads is written out.
func (s *site) handout(lang string) ([]byte, error) {
	t, err := load(lang)
	if err != nil {
		return nil, err
	}
	style, err := embedded.ReadFile(path.Join("pages", "handout.css"))
	if err != nil {
		return nil, err
	}
	var sheets []sheet
	for _, slide := range s.Decks[lang].Slides {
		sheets = append(sheets, sheet{slide, lang})
	}
	return fill("handout.gohtml", struct {
		*deck.Deck
		T                texts
		DeckStyle, Style template.CSS
		Sheets           []sheet
	}{s.Decks[lang], t, show.Style(), template.CSS(style), sheets})
}

// A sheet is a slide on paper.
type sheet struct {
	*deck.Slide
	lang string
}

// Said is what is written, Shown what stands beside it.
func (s sheet) Said() []part  { return s.parts(func(p deck.Part) bool { return p.Kind == "text" }) }
func (s sheet) Shown() []part { return s.parts(func(p deck.Part) bool { return p.Kind != "text" }) }
func (s sheet) All() []part   { return s.parts(func(deck.Part) bool { return true }) }

func (s sheet) parts(keep func(deck.Part) bool) (parts []part) {
	for _, p := range s.Parts {
		if keep(p) {
			parts = append(parts, part{p, s.Title, s.lang})
		}
	}
	return parts
}

type part struct {
	deck.Part
	Title string
	lang  string
}

func (p part) Light() string { return "../pictures/" + picture(p.Name, p.lang, "light") }
func (p part) Dark() string  { return "../pictures/" + picture(p.Name, p.lang, "dark") }

var webLink = regexp.MustCompile(`<a\b[^>]*\bhref="(https?://[^"]*)"`)

// Links are the addresses outside that a slide and its notes lead to, each once.
func (s sheet) Links() []string {
	var all strings.Builder
	for _, p := range s.Parts {
		all.WriteString(string(p.HTML))
	}
	for _, note := range s.Notes {
		all.WriteString(string(note))
	}
	var links []string
	for _, m := range webLink.FindAllStringSubmatch(all.String(), -1) {
		if link := html.UnescapeString(m[1]); !slices.Contains(links, link) {
			links = append(links, link)
		}
	}
	return links
}

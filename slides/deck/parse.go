package deck

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/present"
)

// Parse reads a .slide file. The figures are NAME.svg in the root of their
// file system, and their texts are in LANG.json beside them.
func Parse(source []byte, lang string, figures fs.FS) (*Deck, error) {
	text, fences, err := liftFences(string(source))
	if err != nil {
		return nil, err
	}
	doc, err := reader.Parse(strings.NewReader(text), lang, 0)
	if err != nil {
		return nil, err
	}

	p := &parser{deck: &Deck{Lang: lang, Title: doc.Title, Subtitle: doc.Subtitle}, fences: fences}
	if p.drawings, err = readDrawings(figures, lang); err != nil {
		return nil, err
	}
	if !doc.Time.IsZero() {
		p.deck.Date = date(doc.Time, lang)
	}
	if err := p.title(doc); err != nil {
		return nil, fmt.Errorf("%s: title: %w", lang, err)
	}
	for _, section := range doc.Sections {
		if err := p.slide(section); err != nil {
			return nil, fmt.Errorf("%s: slide %q: %w", lang, section.Title, err)
		}
	}
	return p.deck, nil
}

// reader is present's. Its own commands that quote a file may not.
var reader = present.Context{ReadFile: func(name string) ([]byte, error) {
	return nil, fmt.Errorf("%s: quote code with a //snippet: line", name)
}}

type parser struct {
	deck     *Deck
	fences   []fence
	drawings *drawings
	block    string // that holds until the next .block
}

// title makes the first slide of what stands before the first "## ". There,
// present knows authors only; those of their lines that begin with a period
// are commands.
func (p *parser) title(doc *present.Doc) error {
	s := &Slide{ID: "title", Title: doc.Title, Layout: "title"}
	p.deck.Slides = append(p.deck.Slides, s)
	for _, author := range doc.Authors {
		for _, e := range author.Elem {
			t, ok := e.(present.Text)
			if !ok {
				continue // links to an author are not for a slide
			}
			line := strings.Join(t.Lines, " ")
			if line == "" {
				continue
			}
			var part present.Elem = present.HTML{HTML: template.HTML("<p>" + template.HTMLEscapeString(line) + "</p>\n")}
			if strings.HasPrefix(line, ".") {
				c, err := parseCommand(nil, p.deck.Lang, 0, line)
				if err != nil {
					return err
				}
				part = c
			}
			if err := p.part(s, part); err != nil {
				return err
			}
		}
	}
	var err error
	s.Block = p.block
	s.Notes, err = notes(doc.TitleNotes)
	return err
}

var idForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

func (p *parser) slide(section present.Section) error {
	s := &Slide{ID: section.ID, Title: section.Title}
	switch {
	case s.ID == "":
		return errors.New("no {#id} after its title: links to the slide need one")
	case !idForm.MatchString(s.ID):
		return fmt.Errorf("the id %q is not lower-case words with hyphens", s.ID)
	case slices.ContainsFunc(p.deck.Slides, func(other *Slide) bool { return other.ID == s.ID }):
		return fmt.Errorf("the id %q is taken by a slide before it", s.ID)
	}
	for _, e := range section.Elem {
		if err := p.part(s, e); err != nil {
			return err
		}
	}
	s.Block = p.block
	if p.deck.Slides[0].Block == "" {
		p.deck.Slides[0].Block = p.block // the title belongs to what comes first
	}
	p.deck.Slides = append(p.deck.Slides, s)
	var err error
	s.Notes, err = notes(section.Notes)
	return err
}

// layouts are the ways to divide a slide's room.
var layouts = []string{"title", "statement", "split", "pane"}

func (p *parser) part(s *Slide, e present.Elem) error {
	switch e := e.(type) {
	case present.HTML:
		s.Parts = append(s.Parts, Part{Kind: "text", HTML: e.HTML})
	case codeCommand:
		if int(e) < 0 || int(e) >= len(p.fences) {
			return fmt.Errorf(".fence %d: write a fenced block", e)
		}
		f := p.fences[e]
		s.Parts = append(s.Parts, Part{Kind: "code", Name: f.language, HTML: f.html()})
	case command:
		switch e.name {
		case ".block":
			p.block = e.argument
		case ".layout":
			if !slices.Contains(layouts, e.argument) {
				return fmt.Errorf(".layout %s: it is one of %s", e.argument, strings.Join(layouts, ", "))
			}
			s.Layout = e.argument
		case ".pane":
			s.Parts = append(s.Parts, Part{Kind: "pane", Name: e.argument})
		case ".figure":
			html, err := p.drawings.draw(e.argument)
			if err != nil {
				return fmt.Errorf(".figure %s: %w", e.argument, err)
			}
			s.Parts = append(s.Parts, Part{Kind: "figure", Name: e.argument, HTML: html})
		}
	case present.Section:
		return fmt.Errorf("%q is a slide within a slide", e.Title)
	default:
		return fmt.Errorf("present's .%s is not for this deck", e.TemplateName())
	}
	return nil
}

// A command of ours is a line that present hands to us.
type command struct{ name, argument string }

func (command) TemplateName() string { return "command" }

// A codeCommand stands where a fenced block was lifted out.
type codeCommand int

func (codeCommand) TemplateName() string { return "fence" }

func init() {
	for _, name := range []string{"block", "figure", "pane", "layout"} {
		present.Register(name, parseCommand)
	}
	present.Register("fence", func(_ *present.Context, _ string, _ int, text string) (present.Elem, error) {
		var n codeCommand
		_, err := fmt.Sscanf(text, ".fence %d", &n)
		return n, err
	})
}

func parseCommand(_ *present.Context, file string, line int, text string) (present.Elem, error) {
	words := strings.Fields(text)
	if !slices.Contains([]string{".block", ".figure", ".pane", ".layout"}, words[0]) {
		return nil, fmt.Errorf("%s:%d: unknown command %s", file, line, words[0])
	}
	if len(words) != 2 {
		return nil, fmt.Errorf("%s:%d: %s wants one name after it", file, line, words[0])
	}
	return command{words[0], words[1]}, nil
}

// notes makes HTML of the presenter's notes: each line is one, and may use
// Markdown.
func notes(lines []string) ([]template.HTML, error) {
	var all []template.HTML
	for _, line := range lines {
		if line == "" {
			continue
		}
		var b bytes.Buffer
		if err := markdown.Convert([]byte(line), &b); err != nil {
			return nil, err
		}
		all = append(all, template.HTML(b.String()))
	}
	return all, nil
}

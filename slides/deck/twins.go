package deck

import (
	"fmt"
	"regexp"
	"slices"
)

// Twins says how two decks differ in what a translation must not change: the
// slides and their order, blocks, layouts, figures, panes, code and links.
func Twins(a, b *Deck) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if ids, others := a.ids(), b.ids(); !slices.Equal(ids, others) {
		i := 0
		for i < len(ids) && i < len(others) && ids[i] == others[i] {
			i++
		}
		fault("slide %d is %s in %s and %s in %s", i+1, at(ids, i), a.Lang, at(others, i), b.Lang)
		return faults // slide by slide, all the rest would differ too
	}
	for i, s := range a.Slides {
		o := b.Slides[i]
		if s.Block != o.Block {
			fault("%s: block %q in %s and %q in %s", s.ID, s.Block, a.Lang, o.Block, b.Lang)
		}
		if s.Layout != o.Layout {
			fault("%s: layout %q in %s and %q in %s", s.ID, s.Layout, a.Lang, o.Layout, b.Lang)
		}
		if x, y := s.outline(), o.outline(); !slices.Equal(x, y) {
			fault("%s: parts are %v in %s and %v in %s", s.ID, x, a.Lang, y, b.Lang)
		} else {
			for j, part := range s.Parts {
				if part.Kind == "code" && part.HTML != o.Parts[j].HTML {
					fault("%s: part %d, code that differs", s.ID, j+1)
				}
			}
		}
		if x, y := s.links(), o.links(); !slices.Equal(x, y) {
			fault("%s: links are %v in %s and %v in %s", s.ID, x, a.Lang, y, b.Lang)
		}
		if len(s.Notes) == 0 != (len(o.Notes) == 0) {
			fault("%s: notes for the presenter in one language only", s.ID)
		}
	}
	return faults
}

func (d *Deck) ids() []string {
	var ids []string
	for _, s := range d.Slides {
		ids = append(ids, s.ID)
	}
	return ids
}

func at(ids []string, i int) string {
	if i < len(ids) {
		return ids[i]
	}
	return "missing"
}

// outline is what a slide is made of, without what it says.
func (s *Slide) outline() []string {
	var outline []string
	for _, part := range s.Parts {
		kind := part.Kind
		if part.Name != "" {
			kind += " " + part.Name
		}
		outline = append(outline, kind)
	}
	return outline
}

var href = regexp.MustCompile(`<a [^>]*?href="([^"]*)"`)

// links of a slide, sorted: another language may need another order.
func (s *Slide) links() []string {
	var links []string
	for _, part := range s.Parts {
		for _, match := range href.FindAllStringSubmatch(string(part.HTML), -1) {
			links = append(links, match[1])
		}
	}
	slices.Sort(links)
	return links
}

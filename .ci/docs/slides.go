package main

import (
	"regexp"
	"strings"
)

// Command is one line of a deck that asks for something, ".pane frames", and the id of its slide.
type Command struct {
	Line        int
	Text, Slide string
}

var (
	slideMark    = regexp.MustCompile(`^//\s*snippet:\s*([^\s#]+)#([\w-]+)\s*$`)
	slideID      = regexp.MustCompile(`\{#([\w-]+)\}\s*$`)
	slideCommand = regexp.MustCompile(`^\.(?:block|figure|pane|layout)\b`)
)

// ParseSlides scans one deck: a .slide file of golang.org/x/tools/present, in Markdown.
// Its comments are nobody's prose. Its notes are, and so are their links.
func ParseSlides(name, text string) *Doc {
	d := &Doc{Path: name, Lines: strings.Split(text, "\n"), Anchors: map[string]bool{"title": true}}
	prose := d.cutFences(slideMark)
	slide := ""
	for i, line := range prose {
		if strings.HasPrefix(line, "//") {
			prose[i] = ""
		} else if m := heading.FindStringSubmatch(line); m != nil {
			h := Heading{Line: i + 1, Level: len(m[1])}
			if id := slideID.FindStringSubmatch(line); id != nil {
				h.ID, slide = id[1], id[1]
				d.Anchors[h.ID] = true
			}
			d.Headings = append(d.Headings, h)
		} else if slideCommand.MatchString(line) {
			d.Commands = append(d.Commands, Command{i + 1, strings.Join(strings.Fields(line), " "), slide})
		}
	}
	d.Prose = strings.Join(prose, "\n")
	d.scanLinks(mask(d.Prose))
	return d
}

// Package deck is a .slide file as a value. The files are those of
// golang.org/x/tools/present, in Markdown, with four commands of our own:
//
//	.block ID       the slide begins this block of the talk
//	.figure NAME    a drawing, with its texts in the deck's language
//	.pane NAME      a step of the workshop, running live
//	.layout NAME    how the slide divides its room
package deck

import "html/template"

// A Deck is a talk in one language.
type Deck struct {
	Lang     string // en or pt-BR
	Title    string
	Subtitle string
	Date     string // as it is written in that language
	Slides   []*Slide
}

// A Slide is what is seen at once. The first one is the deck's title.
type Slide struct {
	ID     string // for links to it; the same in every language
	Title  string
	Block  string // of the talk, for whoever keeps an eye on the clock
	Layout string // title, statement, split, pane; empty is plain
	Parts  []Part // from top to bottom
	Notes  []template.HTML
}

// A Part is a piece of a slide: text and code, or a figure, or a pane.
type Part struct {
	Kind string        // "text", "code", "figure" or "pane"
	Name string        // of the figure or the pane; of the code, its language
	HTML template.HTML // nothing for a pane
}

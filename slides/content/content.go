// Package content is what the deck says: deck.LANG.slide, and the figures in
// figures, whose texts are in figures/LANG.json.
//
// A figure is an SVG without colours of its own. Its classes are those of
// show/static/style/figure.css:
//
//	f-NAME, s-NAME   fill and stroke: ink, soft, line, accent, good, bad,
//	                 warm, paper, raised; f-tint is a faint bad
//	t-small t-mid t-big t-huge t-bold t-mono   type
//	thick thin dash dots                       strokes
//
// What a colour means is the same in all of them: accent is what a client
// sends, good what a server sends, warm what happens or waits.
package content

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"websocket.example/slides/deck"
)

// FS is the decks, and their figures in a folder of that name.
//
//go:embed *.slide figures
var FS embed.FS

// Languages are those that there is a deck in.
var Languages = []string{"en", "pt-BR"}

// Deck is the talk in one of the Languages.
func Deck(lang string) (*deck.Deck, error) {
	if !slices.Contains(Languages, lang) {
		return nil, fmt.Errorf("there is no deck in %q: there are %v", lang, Languages)
	}
	source, err := FS.ReadFile("deck." + lang + ".slide")
	if err != nil {
		return nil, err
	}
	figures, err := fs.Sub(FS, "figures")
	if err != nil {
		return nil, err
	}
	return deck.Parse(source, lang, figures)
}

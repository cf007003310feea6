// Package show is the deck in the browser: one page that holds every slide,
// with its styles and its script.
//
// Served, the page asks for show/deck.js and show/deck.css beside it, for
// panes in frames, and for whatever script makes it follow the presenter.
// Written to a file, it carries all of that within it, and a picture stands
// in place of each pane.
package show

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"websocket.example/slides/deck"
)

// Options say what the page has to know of the world around it. Addresses are
// relative to the page.
type Options struct {
	Decks map[string]*deck.Deck // by language

	Panes     string // folder of the panes: the pane NAME is at Panes + "NAME/?lang=.."
	Pictures  string // folder of NAME.LANG.light.png and NAME.LANG.dark.png; without one a pane has no picture
	Follow    string // module that keeps the page in step with others, or nothing
	Presenter string // presenter's page, or nothing

	Static bool              // the page has to work from a file, on its own
	Pages  map[string]string // the page in each language; "?lang=.." if it is not said
}

// Handler serves the deck at "/", and its files below "/show/". The language
// is that of ?lang=, or the one that the browser asks for, or English. With
// ?preview the page is one slide, without anything around it.
func Handler(o Options) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		lang := Language(r, slices.Sorted(maps.Keys(o.Decks)))
		o := o
		preview := r.URL.Query().Has("preview")
		if preview {
			o.Follow, o.Presenter = "", ""
		}
		var b bytes.Buffer
		if err := page(&b, lang, o, preview); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Language", lang)
		h.Set("Vary", "Accept-Language")
		h.Set("Content-Security-Policy", policy(r.Host))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		_, _ = b.WriteTo(w) // whoever left does not miss it
	})
	mux.Handle("GET /show/", http.StripPrefix("/show", files()))
	return mux
}

// Page writes the deck in one language.
func Page(w io.Writer, lang string, o Options) error {
	return page(w, lang, o, false)
}

//go:embed templates/page.html
var pageSource string

//go:embed i18n static
var embedded embed.FS

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

func page(w io.Writer, lang string, o Options, preview bool) error {
	d := o.Decks[lang]
	if d == nil {
		return fmt.Errorf("no deck in %q", lang)
	}
	texts, err := catalog(lang)
	if err != nil {
		return err
	}
	v := view{Deck: d, Options: o, T: texts, Preview: preview, Blocks: blocks(d, texts)}
	for _, other := range slices.Sorted(maps.Keys(o.Decks)) {
		if other == lang {
			continue
		}
		address := o.Pages[other]
		if address == "" {
			address = "?lang=" + other
		}
		theirs, err := catalog(other)
		if err != nil {
			return err
		}
		v.Others = append(v.Others, language{other, theirs["language"], address})
	}
	for i, s := range d.Slides {
		v.Slides = append(v.Slides, slide{Slide: s, Number: i + 1, page: &v})
	}
	if o.Static {
		v.Style, v.Begin, v.Script = Style(), begin(), bundleScript()
	}
	return pageTemplate.Execute(w, &v)
}

// A view is all that the template shows.
type view struct {
	*deck.Deck
	Options
	T       map[string]string
	Preview bool
	Others  []language
	Blocks  []block
	Slides  []slide

	Style         template.CSS
	Begin, Script template.JS
}

type language struct{ Tag, Name, Address string }

// A block of the talk, as the bar at the bottom shows it.
type block struct {
	ID, Name string
	Slides   int
}

func blocks(d *deck.Deck, texts map[string]string) []block {
	var all []block
	for _, s := range d.Slides {
		if len(all) == 0 || all[len(all)-1].ID != s.Block {
			name := texts["block."+s.Block]
			if name == "" {
				name = s.Block
			}
			all = append(all, block{ID: s.Block, Name: name})
		}
		all[len(all)-1].Slides++
	}
	return all
}

type slide struct {
	*deck.Slide
	Number int
	page   *view
}

// Said is what is written; Shown is the rest: code, figures and panes. A
// split slide has them side by side.
func (s slide) Said() []part {
	return s.parts(func(p deck.Part) bool { return p.Kind == "text" })
}

func (s slide) Shown() []part {
	return s.parts(func(p deck.Part) bool { return p.Kind != "text" })
}

func (s slide) All() []part {
	return s.parts(func(deck.Part) bool { return true })
}

func (s slide) parts(keep func(deck.Part) bool) []part {
	var parts []part
	for _, p := range s.Parts {
		if keep(p) {
			parts = append(parts, part{p, s})
		}
	}
	return parts
}

type part struct {
	deck.Part
	slide slide
}

// Title of a pane: a catalog's, or its name.
func (p part) Title() string {
	if title := p.slide.page.T["pane."+p.Name]; title != "" {
		return title
	}
	return p.Name
}

// Address of a pane.
func (p part) Address() string {
	return p.slide.page.Panes + p.Name + "/?lang=" + p.slide.page.Lang
}

// Picture of a pane, in light or dark.
func (p part) Picture(theme string) string {
	return p.slide.page.Pictures + p.Name + "." + p.slide.page.Lang + "." + theme + ".png"
}

func (p part) T(key string) string { return p.slide.page.T[key] }
func (p part) Pictures() string    { return p.slide.page.Pictures }
func (p part) Live() bool          { return !p.slide.page.Static }

// Language that a request is answered in: the one it names, or the first of
// the browser's that we speak, or English.
func Language(r *http.Request, spoken []string) string {
	if asked := r.URL.Query().Get("lang"); slices.Contains(spoken, asked) {
		return asked
	}
	for _, wanted := range strings.Split(r.Header.Get("Accept-Language"), ",") {
		wanted, _, _ = strings.Cut(strings.TrimSpace(wanted), ";") // browsers send them in order
		base, _, _ := strings.Cut(wanted, "-")
		for _, lang := range spoken {
			theirs, _, _ := strings.Cut(lang, "-")
			if base != "" && strings.EqualFold(base, theirs) {
				return lang
			}
		}
	}
	if slices.Contains(spoken, "en") || len(spoken) == 0 {
		return "en"
	}
	return spoken[0]
}

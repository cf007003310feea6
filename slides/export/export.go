// Package export writes the deck as a site that opens from disk, with a
// handout to print, and both as PDF where there is a browser to print them.
//
//	index.html            the languages
//	LANG/index.html       the deck, whole: styles, script and figures are in it
//	LANG/handout.html     two slides a page, with what is said
//	LANG/*.pdf            both
//	pictures/             of the panes, which do not run in a file
package export

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"path"
	"slices"

	"websocket.example/slides/deck"
	"websocket.example/slides/show"
)

// Options of an export.
type Options struct {
	Decks    map[string]*deck.Deck // by language
	Pictures fs.FS                 // NAME.LANG.light.png and NAME.LANG.dark.png, of each pane
	Force    bool                  // write into a folder that holds other things
	Chromium string                // the browser that prints; without one there is no PDF
	Progress func(done, total int, doing string)
}

// A File of the site.
type File struct {
	Name string `json:"name"`
	Size int    `json:"size"`
}

// Site writes all of it, and says what it wrote.
func Site(ctx context.Context, dir string, o Options) ([]File, error) {
	f, err := claim(dir, o.Force)
	if err != nil {
		return nil, err
	}
	defer f.root.Close()
	s := &site{Options: o, folder: f, langs: slices.Sorted(maps.Keys(o.Decks))}
	if s.Progress == nil {
		s.Progress = func(int, int, string) {}
	}
	if o.Chromium != "" {
		s.printer = startPrinter(ctx, o.Chromium, dir)
		defer s.printer.close()
	}
	jobs, err := s.jobs()
	if err != nil {
		return nil, err
	}
	for i, job := range jobs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s.Progress(i, len(jobs), job.name)
		content, err := job.make()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", job.name, err)
		}
		if err := f.write(job.name, content); err != nil {
			return nil, err
		}
	}
	s.Progress(len(jobs), len(jobs), "")
	return f.files, nil
}

type site struct {
	Options
	*folder
	printer *printer // or nil
	langs   []string
}

// A job makes one file.
type job struct {
	name string
	make func() ([]byte, error)
}

// jobs are in the order in which they need each other.
func (s *site) jobs() ([]job, error) {
	jobs := []job{{"index.html", s.index}}
	pictures, err := s.pictures()
	if err != nil {
		return nil, err
	}
	for _, name := range pictures {
		jobs = append(jobs, job{"pictures/" + name, func() ([]byte, error) { return fs.ReadFile(s.Pictures, name) }})
	}
	for _, lang := range s.langs {
		jobs = append(jobs,
			job{lang + "/index.html", func() ([]byte, error) { return s.deck(lang) }},
			job{lang + "/handout.html", func() ([]byte, error) { return s.handout(lang) }})
	}
	if s.printer == nil {
		return jobs, nil
	}
	for _, lang := range s.langs {
		for _, page := range []struct{ pdf, html string }{{"deck.pdf", "index.html"}, {"handout.pdf", "handout.html"}} {
			jobs = append(jobs, job{lang + "/" + page.pdf, func() ([]byte, error) {
				return s.printer.print(lang + "/" + page.html)
			}})
		}
	}
	return jobs, nil
}

// pictures are the names of those that the decks show. Each one is there.
func (s *site) pictures() (names []string, err error) {
	for _, lang := range s.langs {
		for _, slide := range s.Decks[lang].Slides {
			for _, part := range slide.Parts {
				if part.Kind != "pane" {
					continue
				}
				for _, theme := range []string{"light", "dark"} {
					name := picture(part.Name, lang, theme)
					if _, err := fs.Stat(s.Pictures, name); err != nil {
						return nil, fmt.Errorf("no picture of the pane %s: %w (go run ./slides/live/photograph takes it)", part.Name, err)
					}
					names = append(names, name)
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func picture(pane, lang, theme string) string { return pane + "." + lang + "." + theme + ".png" }

func (s *site) deck(lang string) ([]byte, error) {
	pages := map[string]string{}
	for _, other := range s.langs {
		pages[other] = "../" + other + "/index.html" // a file has no folder's page
	}
	var b bytes.Buffer
	err := show.Page(&b, lang, show.Options{Decks: s.Decks, Static: true, Pictures: "../pictures/", Pages: pages})
	return b.Bytes(), err
}

//go:embed pages i18n
var embedded embed.FS

var pages = template.Must(template.ParseFS(embedded, "pages/*.gohtml"))

// fill executes a template.
func fill(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	err := pages.ExecuteTemplate(&b, name, data)
	return b.Bytes(), err
}

// index offers what there is, in each language's own words.
func (s *site) index() ([]byte, error) {
	type language struct {
		*deck.Deck
		T   texts
		PDF bool
	}
	var all []language
	for _, lang := range s.langs {
		t, err := load(lang)
		if err != nil {
			return nil, err
		}
		all = append(all, language{s.Decks[lang], t, s.printer != nil})
	}
	style, err := embedded.ReadFile(path.Join("pages", "index.css"))
	if err != nil {
		return nil, err
	}
	return fill("index.gohtml", map[string]any{"Languages": all, "Style": template.CSS(style)})
}

package stage

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"time"

	"websocket.example/slides/deck"
	"websocket.example/slides/pacing"
	"websocket.example/slides/show"
)

//go:embed templates
var templates embed.FS

var pages = template.Must(template.ParseFS(templates, "templates/*.html"))

// Presenter serves the window of who speaks: notes, this slide and the next,
// the clock, and how the time is spent. It is for this machine, or the key.
func (s *Stage) Presenter(decks map[string]*deck.Deck, table *pacing.Table) http.Handler {
	return s.page("presenter", decks, table)
}

// Remote serves the page of the phone in the speaker's hand. It is for those
// with the key.
func (s *Stage) Remote(decks map[string]*deck.Deck) http.Handler {
	return s.page("remote", decks, &pacing.Table{})
}

func (s *Stage) page(name string, decks map[string]*deck.Deck, table *pacing.Table) http.Handler {
	languages := slices.Sorted(maps.Keys(decks))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lang := show.Language(r, languages)
		template, status := name, http.StatusOK
		if !s.mayDrive(r) {
			template, status = "stranger", http.StatusForbidden
		}
		texts, err := catalog(lang)
		var b bytes.Buffer
		if err == nil {
			err = pages.ExecuteTemplate(&b, template+".html", view{decks[lang], table, texts})
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Language", lang)
		h.Set("Vary", "Accept-Language")
		h.Set("Content-Security-Policy", policy(r.Host))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer") // the key is in the address
		h.Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_, _ = b.WriteTo(w) // whoever left does not miss it
	})
}

// A view is all that the templates show.
type view struct {
	*deck.Deck
	*pacing.Table
	texts map[string]string
}

// T is a text in the page's language.
func (v view) T(key string) (string, error) {
	if text, found := v.texts[key]; found {
		return text, nil
	}
	return "", fmt.Errorf("there is no text %q", key)
}

// BlockName is what people call a block.
func (v view) BlockName(id string) string {
	if name, found := v.texts["block."+id]; found {
		return name
	}
	return id
}

// BlockOf is the block of a slide. What comes before the first one belongs to it.
func (v view) BlockOf(i int) string {
	for _, slide := range v.Slides[i:] {
		if slide.Block != "" {
			return slide.Block
		}
	}
	return ""
}

// Number is that of a slide, as people count.
func (v view) Number(i int) int { return i + 1 }

// Length is how people say how long a talk is.
func (v view) Length(minutes int) string {
	switch {
	case minutes < 120:
		return fmt.Sprintf("%d min", minutes)
	case minutes%60 == 0:
		return fmt.Sprintf("%d h", minutes/60)
	}
	return fmt.Sprintf("%d h %02d", minutes/60, minutes%60)
}

// catalog has the texts in a language.
func catalog(lang string) (texts map[string]string, err error) {
	source, err := static.ReadFile("static/i18n/" + lang + ".json")
	if err != nil {
		return nil, fmt.Errorf("the page does not speak %q", lang)
	}
	return texts, json.Unmarshal(source, &texts)
}

var plainHost = regexp.MustCompile(`^[0-9A-Za-z.-]+(:[0-9]+)?$`)

// policy allows a page its own files, frames and WebSocket, and nothing else.
func policy(host string) string {
	socket := "ws: wss:" // a policy has no way to name an IPv6 address
	if plainHost.MatchString(host) {
		socket = "ws://" + host + " wss://" + host
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; " +
		"connect-src 'self' " + socket + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// kinds of the files, because what package mime says depends on the machine.
var kinds = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".svg":  "image/svg+xml",
}

// files serves what is in static.
func files() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		content, err := fs.ReadFile(static, path.Clean(r.URL.Path)[1:])
		if err != nil {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", kinds[path.Ext(r.URL.Path)])
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache") // a new program has new files: ask, and compare the ETag
		h.Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(content)))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
}

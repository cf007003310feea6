package live

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"websocket.example/slides/live/pictures"
)

//go:embed page i18n static
var own embed.FS

var languages = []string{"en", "pt-BR"} // a file in i18n each; the first is for everybody else

// pages are the deck's own, in each language.
var pages = func() map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, lang := range languages {
		texts := map[string]string{}
		text, err := own.ReadFile("i18n/" + lang + ".json")
		if err == nil {
			err = json.Unmarshal(text, &texts)
		}
		if err != nil {
			panic(err) // it is part of the program
		}
		all[lang] = template.Must(template.New("").Funcs(template.FuncMap{
			"lang": func() string { return lang },
			"t": func(key string) (string, error) {
				if text, ok := texts[key]; ok {
					return text, nil
				}
				return "", fmt.Errorf("there is no text %q in %s", key, lang)
			},
		}).ParseFS(own, "page/*.gohtml"))
	}
	return all
}()

// show writes a page in the reader's language.
func show(w http.ResponseWriter, r *http.Request, status int, page string, data any) {
	var b bytes.Buffer
	if err := pages[language(r)].ExecuteTemplate(&b, page+".gohtml", data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	secure(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // whoever asked has gone
}

// secure allows a page what comes from here, and nothing inline.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "+
		"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
}

// kinds of the files, because what package mime says depends on the machine.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".png": "image/png",
}

func staticFiles() http.Handler  { return files(own) }
func pictureFiles() http.Handler { return http.StripPrefix("/pictures", files(pictures.FS)) }

// files serves those of a known kind.
func files(f fs.FS) http.Handler {
	server := http.FileServerFS(f)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind := kinds[path.Ext(r.URL.Path)]
		if kind == "" {
			http.NotFound(w, r)
			return
		}
		secure(w.Header())
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "no-cache") // a new program has new files
		server.ServeHTTP(w, r)
	})
}

// language is the reader's: the one of ?lang=, else the one that the browser
// likes best of those there are.
func language(r *http.Request) string {
	tags := r.Header.Get("Accept-Language")
	if wanted := r.URL.Query().Get("lang"); wanted != "" {
		tags = wanted
	}
	best, found := 0.0, languages[0]
	for part := range strings.SplitSeq(tags, ",") {
		tag, weight, weighted := strings.Cut(strings.TrimSpace(part), ";q=")
		q := 1.0
		if weighted {
			q, _ = strconv.ParseFloat(weight, 64)
		}
		primary, _, _ := strings.Cut(tag, "-")
		for _, lang := range languages {
			if strings.EqualFold(primary, lang[:2]) && q > best {
				best, found = q, lang
			}
		}
	}
	return found
}

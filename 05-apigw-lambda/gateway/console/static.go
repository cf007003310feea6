package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed static
var static embed.FS

// kinds of the files, because what package mime says depends on the machine.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".svg":  "image/svg+xml",
}

type file struct {
	kind, etag string
	content    []byte
}

// files serves what is embedded. The page itself stands there once for each
// language, under its name.
func files() http.Handler {
	all := make(map[string]file)
	add := func(name, ext string, content []byte) {
		all[name] = file{kinds[ext], fmt.Sprintf(`"%x"`, sha256.Sum256(content)), content}
	}
	err := fs.WalkDir(static, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := static.ReadFile(name)
		if path.Ext(name) != ".html" {
			add(strings.TrimPrefix(name, "static"), path.Ext(name), content)
			return err
		}
		for _, lang := range languages {
			add("/"+lang, ".html", bytes.Replace(content, []byte("{lang}"), []byte(lang), 1))
		}
		return err
	})
	if err != nil {
		panic(err) // they are part of the program
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, name := w.Header(), r.URL.Path
		if name == "" || name == "/" {
			name = "/" + language(r)
			h.Set("Vary", "Accept-Language")
		}
		f, found := all[name]
		if !found {
			http.NotFound(w, r)
			return
		}
		h.Set("Content-Type", f.kind)
		h.Set("Cache-Control", "no-cache") // a new program has new files: ask, and compare the ETag
		h.Set("ETag", f.etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
	})
}

var languages = []string{"en", "pt-BR"} // a file in static/i18n each; the first is for everybody else

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

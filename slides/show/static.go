package show

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"
)

// kinds of the files. Package mime would ask the operating system, which on
// some machines says that JavaScript is text/plain; browsers refuse that.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// files serves what is in static.
func files() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, err := fs.ReadFile(embedded, "static"+path.Clean("/"+r.URL.Path))
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
	})
}

var plainHost = regexp.MustCompile(`^[0-9A-Za-z.-]+(:[0-9]+)?$`)

// policy allows the page its own files, frames and WebSocket, and nothing
// else: no inline script, no other site. The frame around it may be the
// presenter's, of this same program.
func policy(host string) string {
	socket := "ws: wss:" // a policy has no way to name an IPv6 address
	if plainHost.MatchString(host) {
		socket = "ws://" + host + " wss://" + host
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; " +
		"connect-src 'self' " + socket + "; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
}

// catalog of the page's own words.
func catalog(lang string) (map[string]string, error) {
	source, err := embedded.ReadFile("i18n/" + lang + ".json")
	if err != nil {
		return nil, fmt.Errorf("the page does not speak %q", lang)
	}
	var texts map[string]string
	return texts, json.Unmarshal(source, &texts)
}

// scripts are the modules of the page, each after those it imports.
var scripts = []string{"deck.js", "fit.js", "settings.js", "panes.js", "commands.js", "main.js"}

// linkage is what makes a module of a script. Each stands on one line.
var linkage = regexp.MustCompile(`(?m)^(import .*\n|export )`)

// bundleScript makes one classic script of the modules, which a page opened
// from a file may not load.
func bundleScript() template.JS {
	var b strings.Builder
	b.WriteString("(() => {\n\"use strict\";\n")
	for _, name := range scripts {
		b.WriteString(linkage.ReplaceAllString(asset(name), ""))
	}
	b.WriteString("})();\n")
	return template.JS(b.String())
}

// Style is that of the slides, for whoever writes them to another page.
func Style() template.CSS { return template.CSS(asset("deck.css") + asset("style/figure.css")) }

func begin() template.JS { return template.JS(asset("begin.js")) }

func asset(name string) string {
	content, err := embedded.ReadFile("static/" + name)
	if err != nil {
		panic(err) // they are part of the program
	}
	return string(content)
}

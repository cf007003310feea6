package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"
)

//go:embed static
var static embed.FS

// kinds of the files. Package mime would ask the operating system, which on
// some machines says that JavaScript is text/plain; browsers refuse that.
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

// staticFiles serves the embedded files, and says with each what the page
// may do.
func staticFiles() http.HandlerFunc {
	files := make(map[string]file)
	err := fs.WalkDir(static, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := static.ReadFile(name)
		files[strings.TrimPrefix(name, "static")] = file{
			kind:    kinds[path.Ext(name)],
			etag:    fmt.Sprintf(`"%x"`, sha256.Sum256(content)),
			content: content,
		}
		return err
	})
	if err != nil {
		panic(err) // they are part of the program
	}
	files["/"] = files["/index.html"]

	return func(w http.ResponseWriter, r *http.Request) {
		f, found := files[r.URL.Path]
		if !found {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET", http.StatusMethodNotAllowed)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.kind)
		h.Set("Content-Security-Policy", policy(r.Host))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache") // a new program has new files: ask, and compare the ETag
		h.Set("ETag", f.etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
	}
}

var plainHost = regexp.MustCompile(`^[0-9A-Za-z.-]+(:[0-9]+)?$`)

// policy allows the page its own files and its own WebSocket, and nothing
// else: no inline script, no other site, no frame of another origin around it.
func policy(host string) string {
	socket := "ws: wss:" // a policy has no way to name an IPv6 address
	if plainHost.MatchString(host) {
		socket = "ws://" + host + " wss://" + host
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
		"connect-src 'self' " + socket + "; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
}

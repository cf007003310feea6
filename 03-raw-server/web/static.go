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

// staticFiles serves the embedded files.
func staticFiles() http.HandlerFunc {
	files := make(map[string]file)
	err := fs.WalkDir(static, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := static.ReadFile(name)
		etag := fmt.Sprintf(`"%x"`, sha256.Sum256(content))
		files[strings.TrimPrefix(name, "static")] = file{kinds[path.Ext(name)], etag, content}
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

var namedHost = regexp.MustCompile(`^[0-9A-Za-z.-]+(:[0-9]+)?$`)

// policy allows the page its own files and WebSocket to its own server, and
// nothing else. Not every browser takes 'self' to mean ws: as well, so the
// host is named; one that can't be named, such as IPv6, leaves only the scheme.
func policy(host string) string {
	sockets := "ws: wss:"
	if namedHost.MatchString(host) {
		sockets = fmt.Sprintf("ws://%[1]s wss://%[1]s", host)
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
		"connect-src 'self' " + sockets + "; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
}

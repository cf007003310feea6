package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"path"
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

// files serves the embedded files, and drawings.
func files() http.Handler {
	all := make(map[string]file)
	err := fs.WalkDir(static, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := static.ReadFile(name)
		etag := fmt.Sprintf(`"%x"`, sha256.Sum256(content))
		all[strings.TrimPrefix(name, "static")] = file{kinds[path.Ext(name)], etag, content}
		return err
	})
	if err != nil {
		panic(err) // they are part of the program
	}
	all["/"] = all["/index.html"]

	mux := http.NewServeMux()
	mux.HandleFunc("GET /drawing", serveDrawing)
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		f, found := all[r.URL.Path]
		if !found {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.kind)
		h.Set("Cache-Control", "no-cache") // a new program has new files: ask, and compare the ETag
		h.Set("ETag", f.etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
	})
	return mux
}

// withPolicy answers only who asks this machine by its own name, and says what
// the page may do.
func withPolicy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !local(r.Host) {
			http.Error(w, "ask for this page by an address, or as localhost", http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy(r.Host))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// policy allows the page its own files and WebSocket to its own server, and
// nothing else. Not every browser takes 'self' to mean ws: as well, so the
// host, which is an address or localhost, is named; IPv6 can't be.
func policy(host string) string {
	socket := "ws://" + host
	if strings.HasPrefix(host, "[") {
		socket = "ws:"
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' " + socket +
		"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

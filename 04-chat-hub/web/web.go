// Package web is the chat's page: plain HTML, CSS and ES modules, embedded.
//
//	static/client.js    the connection's life, without a page: begin reading here
//	static/timeline.js  a room's messages in their order, without a page
//	static/app.js       what a person does, and what they see
//	static/view/        the parts of the page
//
// The page knows its server only as the address of a WebSocket, which may be
// anywhere: step 5 serves the same files and names an API Gateway.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
)

//go:embed static
var static embed.FS

// Options of the page. The zero value will do.
type Options struct {
	// URL of the WebSocket, absolute (wss://chat.example/dev) or relative to
	// the page. Empty is "ws".
	URL string

	// Heartbeat is the time between two pings of the page, 25 s if it is 0:
	// proxies cut silence off after a minute, often. Where each ping is paid
	// for, it is longer.
	Heartbeat time.Duration

	// FrameAncestors are the origins, such as http://127.0.0.1:8000, whose
	// pages may show this one in a frame; 'self', with its quotes, is its own.
	// Nil is none.
	FrameAncestors []string
}

// Handler serves the page. All its addresses are relative, so it may stand
// behind http.StripPrefix. It panics if an option is no address.
//
// The page is in English or Portuguese, as ?lang= says, else as the browser
// does. With ?name= and ?room= nobody is asked for them, and each name has a
// session of its own: so two frames of one page can be two people.
func Handler(o Options) http.Handler {
	if o.URL == "" {
		o.URL = "ws"
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = 25 * time.Second
	}
	if o.Heartbeat < time.Second {
		panic(fmt.Sprintf("web: the heartbeat is %v: give a second or more", o.Heartbeat))
	}
	socket, err := url.Parse(o.URL)
	if err != nil || socket.Scheme != "" && (socket.Scheme != "ws" && socket.Scheme != "wss" || !namedHost.MatchString(socket.Host)) {
		panic(fmt.Sprintf("web: the URL of the WebSocket is %q: give one with ws:// or wss://, or a path", o.URL))
	}
	for _, origin := range o.FrameAncestors {
		if u, err := url.Parse(origin); origin != "'self'" && (err != nil || u.Scheme == "" || !namedHost.MatchString(u.Host) || u.Path != "") {
			panic(fmt.Sprintf("web: the frame ancestor is %q: give an origin, such as http://127.0.0.1:8000", origin))
		}
	}
	files := load(o)

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		name := r.URL.Path
		if name == "" || name == "/" {
			name = "/" + language(r)
			h.Set("Vary", "Accept-Language")
		}
		f, found := files[name]
		switch {
		case !found:
			http.NotFound(w, r)
			return
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "405 only GET and HEAD", http.StatusMethodNotAllowed)
			return
		}
		h.Set("Content-Type", f.kind)
		h.Set("Content-Security-Policy", policy(r.Host, socket, o.FrameAncestors))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache") // a new program has new files: ask, and compare the ETag
		h.Set("ETag", f.etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
	})
}

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

// load reads the embedded files, by their paths; the page stands at its
// languages, once for each.
func load(o Options) map[string]file {
	files := make(map[string]file)
	add := func(name, ext string, content []byte) {
		files[name] = file{kinds[ext], fmt.Sprintf(`"%x"`, sha256.Sum256(content)), content}
	}
	err := fs.WalkDir(static, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := static.ReadFile(name)
		if err != nil || path.Ext(name) != ".html" {
			add(strings.TrimPrefix(name, "static"), path.Ext(name), content)
			return err
		}
		page, err := template.New("page").Parse(string(content))
		for _, lang := range languages {
			var b bytes.Buffer
			if err == nil {
				err = page.Execute(&b, map[string]any{"Lang": lang, "URL": o.URL, "Heartbeat": o.Heartbeat.Milliseconds()})
			}
			add("/"+lang, ".html", b.Bytes())
		}
		return err
	})
	if err != nil {
		panic(err) // they are part of the program
	}
	return files
}

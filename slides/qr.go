package main

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"os"
	"strings"

	"rsc.io/qr"

	"websocket.example/slides/stage"
)

// quiet is the light border that a code needs, in modules.
const quiet = 4

// blocks draws a code for a terminal, two modules in one character. Modules
// that are light are drawn, because terminals are dark as a rule; where
// colours are allowed it is right on every terminal.
func blocks(text string) string {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return "" // it is too long, and the address itself is there
	}
	begin, end := "", ""
	if os.Getenv("NO_COLOR") == "" {
		begin, end = "\x1b[97;40m", "\x1b[0m"
	}
	var b strings.Builder
	for y := -quiet; y < code.Size+quiet; y += 2 {
		b.WriteString("  " + begin)
		for x := -quiet; x < code.Size+quiet; x++ {
			// Outside of the code everything is light.
			switch upper, lower := !code.Black(x, y), !code.Black(x, y+1); {
			case upper && lower:
				b.WriteRune('█')
			case upper:
				b.WriteRune('▀')
			case lower:
				b.WriteRune('▄')
			default:
				b.WriteRune(' ')
			}
		}
		b.WriteString(end + "\n")
	}
	return b.String()
}

// isTerminal says whether a person looks at it.
func isTerminal(w io.Writer) bool {
	f, is := w.(*os.File)
	if !is {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// picture serves /qr.svg?for=deck, chat or remote.
func (n *venue) picture(w http.ResponseWriter, r *http.Request) {
	text := ""
	switch r.URL.Query().Get("for") {
	case "deck":
		text = n.audience()
	case "chat":
		text = n.join()
	case "remote":
		if !stage.IsLocal(r) {
			http.Error(w, "The remote is for who speaks.", http.StatusForbidden)
			return
		}
		text = n.remote(n.key)
	default:
		http.Error(w, "for=deck, for=chat or for=remote", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Content-Security-Policy", "default-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if !n.lan { // a phone would find nobody
		fmt.Fprint(w, closed)
		return
	}
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprint(w, svg(code, text))
}

// closed stands where a code would be, had others been let in.
const closed = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 37 37" role="img" aria-label="go run ./slides -listen-lan">` +
	`<rect x=".5" y=".5" width="36" height="36" fill="#fff" stroke="#777" stroke-dasharray="1.5 1"/>` +
	`<g font-family="monospace" font-size="3.2" text-anchor="middle" fill="#333">` +
	`<text x="18.500" y="18">go run ./slides</text><text x="18.500" y="23">-listen-lan</text></g></svg>`

// svg draws a code, dark on light whatever is around it.
func svg(code *qr.Code, text string) string {
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	size := code.Size + 2*quiet
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges" role="img" aria-label="%s">`+
		`<rect width="%d" height="%d" fill="#fff"/><path d="%s"/></svg>`, size, size, html.EscapeString(text), size, size, path.String())
}

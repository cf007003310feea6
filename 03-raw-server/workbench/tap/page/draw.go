package page

import (
	"encoding/hex"
	"io"
	"net/http"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/narrate"
)

// mostDrawn is how much of a payload can be drawn.
const mostDrawn = 64

// serveDrawing draws a frame whose header and first bytes are in the query. A
// page asks for it when somebody looks: to tell it of every frame would take
// ten times the bytes.
func serveDrawing(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	header, wrong := hex.DecodeString(query.Get("header"))
	payload, alsoWrong := hex.DecodeString(query.Get("payload"))
	h, n, incomplete := frame.Parse(header)
	if wrong != nil || alsoWrong != nil || incomplete != nil || n != len(header) ||
		len(payload) > mostDrawn || uint64(len(payload)) > h.Length {
		http.Error(w, "a header and up to 64 bytes of its payload in hexadecimal", http.StatusBadRequest)
		return
	}
	f := narrate.Frame{Header: h, Payload: payload, Came: h.Length, Compressed: query.Has("compressed")}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, narrate.Draw(f)) // when nobody reads, there is nobody to tell
}

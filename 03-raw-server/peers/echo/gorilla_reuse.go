package echo

import (
	"bytes"
	"net"
	"net/http"

	"github.com/gorilla/websocket"
)

// What whoever has profiled gorilla's loop writes next: ReadMessage makes a
// new slice for each message and lets it grow; NextReader with a buffer that
// is used again does not.
var gorillaReuse = Peer{
	Name: "gorilla-reuse", Module: "github.com/gorilla/websocket", How: "NextReader with a reused buffer",
	Compresses: true,
	Serve: func(l net.Listener, d Deflate) error {
		upgrader := websocket.Upgrader{CheckOrigin: anyOrigin, EnableCompression: d != Off}
		return serveHTTP(l, func(w http.ResponseWriter, r *http.Request) {
			c, err := upgrader.Upgrade(w, r, nil)
			if err != nil {
				return
			}
			defer c.Close()
			c.SetReadLimit(MaxMessage)
			var message bytes.Buffer
			for {
				kind, reader, err := c.NextReader()
				if err != nil {
					return
				}
				message.Reset()
				if _, err := message.ReadFrom(reader); err != nil {
					return
				}
				if err := c.WriteMessage(kind, message.Bytes()); err != nil {
					return
				}
			}
		})
	},
}

package echo

import (
	"net"
	"net/http"

	"github.com/gorilla/websocket"
)

// The loop of gorilla's own echo example. What everything else is compared
// with: the default Upgrader, whose buffers are 4 KiB and shared with net/http.
var gorillaPlain = Peer{
	Name: "gorilla", Module: "github.com/gorilla/websocket", How: "ReadMessage and WriteMessage, default Upgrader",
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
			for {
				kind, message, err := c.ReadMessage()
				if err != nil {
					return
				}
				if err := c.WriteMessage(kind, message); err != nil {
					return
				}
			}
		})
	},
}

func anyOrigin(*http.Request) bool { return true }

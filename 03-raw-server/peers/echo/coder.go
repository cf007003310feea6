package echo

import (
	"net"
	"net/http"

	"github.com/coder/websocket"
)

// Read and Write with the request's context, as in its documentation.
var coder = Peer{
	Name: "coder", Module: "github.com/coder/websocket", How: "Read and Write, default options",
	Compresses: true, TakesOver: true,
	Serve: func(l net.Listener, d Deflate) error {
		options := &websocket.AcceptOptions{InsecureSkipVerify: true}
		switch d {
		case NoTakeover:
			options.CompressionMode = websocket.CompressionNoContextTakeover
		case Takeover:
			options.CompressionMode = websocket.CompressionContextTakeover
		}
		return serveHTTP(l, func(w http.ResponseWriter, r *http.Request) {
			c, err := websocket.Accept(w, r, options)
			if err != nil {
				return
			}
			defer c.CloseNow() //nolint:errcheck // it is over
			c.SetReadLimit(MaxMessage)
			for {
				kind, message, err := c.Read(r.Context())
				if err != nil {
					return
				}
				if err := c.Write(r.Context(), kind, message); err != nil {
					return
				}
			}
		})
	},
}

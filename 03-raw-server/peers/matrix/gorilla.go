package matrix

import (
	"context"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// As in its examples/autobahn/server.go: "It is the application's
// responsibility to ensure that text messages are valid UTF-8", and there the
// application does.
var ofGorilla = Peer{
	Name: "gorilla", Module: "github.com/gorilla/websocket",
	Server: "its `examples/autobahn`: ReadMessage, `utf8.Valid`, WriteMessage; `EnableCompression` (no takeover)",
	Client: "the same loop on `Dialer` with `EnableCompression`",
	start: overHTTP(func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{EnableCompression: true}
		c, err := upgrader.Upgrade(w, r, nil)
		if err == nil {
			gorillaEcho(c)
		}
	}),
	come: again(func(ctx context.Context, url string) {
		dialer := websocket.Dialer{EnableCompression: true}
		c, response, err := dialer.DialContext(ctx, url, nil)
		if err == nil {
			gorillaEcho(c)
		} else if response != nil {
			response.Body.Close()
		}
	}),
}

func gorillaEcho(c *websocket.Conn) {
	defer c.Close()
	c.SetReadLimit(most)
	for {
		kind, message, err := c.ReadMessage()
		if err != nil {
			return
		}
		if kind == websocket.TextMessage && !utf8.Valid(message) {
			wrong := websocket.FormatCloseMessage(websocket.CloseInvalidFramePayloadData, "")
			_ = c.WriteControl(websocket.CloseMessage, wrong, time.Time{}) // it ends anyway
			return
		}
		if c.WriteMessage(kind, message) != nil {
			return
		}
	}
}

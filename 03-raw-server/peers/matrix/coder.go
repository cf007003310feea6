package matrix

import (
	"context"
	"net/http"

	"github.com/coder/websocket"
)

// As in its autobahn_test.go: with context takeover. There is no check of
// UTF-8, and it asks none of the application.
var ofCoder = Peer{
	Name: "coder", Module: "github.com/coder/websocket",
	Server: "its `autobahn_test.go`: Reader to Writer; `CompressionContextTakeover`",
	Client: "the same loop on `Dial`",
	start: overHTTP(func(w http.ResponseWriter, r *http.Request) {
		options := &websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover}
		c, err := websocket.Accept(w, r, options)
		if err == nil {
			coderEcho(r.Context(), c)
		}
	}),
	come: again(func(ctx context.Context, url string) {
		c, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{CompressionMode: websocket.CompressionContextTakeover})
		if err == nil {
			coderEcho(ctx, c)
		}
	}),
}

func coderEcho(ctx context.Context, c *websocket.Conn) {
	defer c.CloseNow() //nolint:errcheck // it is over
	c.SetReadLimit(most)
	for {
		kind, message, err := c.Read(ctx)
		if err != nil || c.Write(ctx, kind, message) != nil {
			return
		}
	}
}

package echo

import (
	"net"
	"net/http"

	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	"github.com/lesismal/nbio/nbhttp/websocket"
)

// Its non-blocking mode, in which no connection has a goroutine: that is what
// one takes it for. Buffers are given back when the handler returns, as its
// examples have it; the limit for messages, 4 MiB by itself, is raised.
var nbio = Peer{
	Name: "nbio", Module: "github.com/lesismal/nbio", How: "OnMessage and WriteMessage, non-blocking",
	Compresses: true,
	Serve: func(l net.Listener, d Deflate) error {
		logging.SetLevel(logging.LevelNone)
		upgrader := websocket.NewUpgrader()
		upgrader.CheckOrigin = anyOrigin
		upgrader.MessageLengthLimit = MaxMessage
		if d != Off {
			upgrader.EnableCompression(true)
			if err := upgrader.SetCompressionLevel(1); err != nil {
				return err
			}
		}
		upgrader.OnMessage(func(c *websocket.Conn, kind websocket.MessageType, message []byte) {
			_ = c.WriteMessage(kind, message)
		})
		engine := nbhttp.NewEngine(nbhttp.Config{
			Network: "tcp", Addrs: []string{l.Addr().String()},
			Listen:                  func(string, string) (net.Listener, error) { return l, nil },
			IOMod:                   nbhttp.IOModNonBlocking,
			ReleaseWebsocketPayload: true,
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = upgrader.Upgrade(w, r, nil) // if it fails, the client has its answer
			}),
		})
		if err := engine.Start(); err != nil {
			return err
		}
		select {}
	},
}

package matrix

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	"github.com/lesismal/nbio/nbhttp/websocket"
)

// As in its autobahn/server/server.go. Its limit for messages, 4 MiB by
// itself, is raised.
var ofNbio = Peer{
	Name: "nbio", Module: "github.com/lesismal/nbio",
	Server: "its `autobahn/server`: OnMessage and WriteMessage, non-blocking; `EnableCompression` (no takeover)",
	Client: "the same handler on `Dialer`",
	start: func(context.Context) (string, func(), error) {
		e, err := nbioEngine()
		if err != nil {
			return "", nil, err
		}
		return "ws://" + e.listener.Addr().String() + "/", func() {}, nil
	},
	come: func(ctx context.Context, url string) error {
		e, err := nbioEngine()
		if err != nil {
			return err
		}
		return again(func(ctx context.Context, url string) {
			over := make(chan struct{})
			end := sync.OnceFunc(func() { close(over) })
			dialer := websocket.Dialer{Engine: e.Engine, Upgrader: nbioEcho(end), DialTimeout: 5 * time.Second}
			if _, _, err := dialer.DialContext(ctx, url, nil); err != nil {
				return
			}
			select {
			case <-over:
			case <-ctx.Done():
			}
		})(ctx, url)
	},
}

// An nbioServer serves until the program ends, and has clients' connections
// as well.
type nbioServer struct {
	*nbhttp.Engine
	listener net.Listener
}

// nbioEngine is the only one of the program: after one has been stopped, the
// next loses connections now and then.
var nbioEngine = sync.OnceValues(func() (*nbioServer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	upgrader := nbioEcho(func() {})
	logging.SetLevel(logging.LevelNone)
	engine := nbhttp.NewEngine(nbhttp.Config{
		Network: "tcp", Addrs: []string{l.Addr().String()},
		Listen: func(string, string) (net.Listener, error) { return l, nil },
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = upgrader.Upgrade(w, r, nil) // if it fails, the client has its answer
		}),
	})
	return &nbioServer{engine, l}, engine.Start()
})

func nbioEcho(closed func()) *websocket.Upgrader {
	u := websocket.NewUpgrader()
	u.MessageLengthLimit = most
	u.EnableCompression(true)
	u.OnMessage(func(c *websocket.Conn, kind websocket.MessageType, message []byte) {
		_ = c.WriteMessage(kind, message) // if it fails, the connection ends
	})
	u.OnClose(func(*websocket.Conn, error) { closed() })
	return u
}

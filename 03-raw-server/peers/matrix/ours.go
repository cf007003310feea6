package matrix

import (
	"context"
	"net"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/wsconn"
)

// There is nothing to set: it checks all there is to check.
var ours = Peer{
	Name: "raw", Module: "websocket.example/03-raw-server",
	Server: "`server.Server` with `Compress`, Write in the handler",
	Client: "`wsconn.Dial` with `Compress`, Each",
	start: func(context.Context) (string, func(), error) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", nil, err
		}
		s := &server.Server{
			Handler: func(c *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
				return func(op frame.Opcode, message []byte) error {
					return c.Write(context.Background(), op, message)
				}
			},
			Compress: true,
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = s.Serve(l) // until it is shut down
		}()
		return "ws://" + l.Addr().String() + "/", func() {
			over, cancel := context.WithCancel(context.Background())
			cancel()
			_ = s.Shutdown(over) // at once
			<-done
		}, nil
	},
	come: again(func(ctx context.Context, url string) {
		c, err := wsconn.Dial(ctx, url, &wsconn.DialOptions{Compress: true})
		if err != nil {
			return
		}
		_ = c.Each(ctx, func(op frame.Opcode, message []byte) error {
			return c.Write(ctx, op, message)
		})
	}),
}

package echo

import (
	"context"
	"net"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/deflate"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/wsconn"
)

// This repository's server, all of it: limits, UTF-8, the closing handshake,
// pings to whoever is silent. A handler that answers with Write is how it is
// meant to be used.
var raw = Peer{
	Name: "raw", Module: "websocket.example/03-raw-server", How: "server.Server, Write in the handler",
	Compresses: true, TakesOver: true,
	Serve: func(l net.Listener, d Deflate) error {
		s := &server.Server{
			Handler: func(c *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
				return func(op frame.Opcode, message []byte) error {
					return c.Write(context.Background(), op, message)
				}
			},
			Handshake: handshake.Options{Origin: handshake.AnyOrigin},
			Compress:  d != Off,
			Conn: wsconn.Options{Deflate: deflate.Options{
				NoServerTakeover: d == NoTakeover, NoClientTakeover: d == NoTakeover,
			}},
		}
		return s.Serve(l)
	},
}

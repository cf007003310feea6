//go:build !unix

package echo

// What it does to sockets is written for Unix.
var limit = Peer{
	Name: "limit", Module: "websocket.example/03-raw-server/peers", How: "not a WebSocket server: read, unmask, write",
	Command: func(Deflate) ([]string, error) { return nil, &MissingError{"it runs on Unix only"} },
}

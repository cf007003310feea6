//go:build !unix

package bench

// Limit is not there: what it does to sockets is written for Unix.
var Limit = Peer{
	Name: "limit", Module: module, How: "not a WebSocket server: read, unmask, write",
	Command: func(Deflate) ([]string, error) { return nil, &MissingError{"it runs on Unix only"} },
}

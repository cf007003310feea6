// Package echo is one echo server per WebSocket library, each written the way
// that library's own documentation writes it, in a file of its own: read two of
// them side by side.
//
// They are made to be compared, so each gets what makes it good and is ready
// made in it; what was chosen, and why, stands above its code. All of them take
// messages of at least 16 MiB, compress at level 1, and check no origin.
package echo

import (
	"net"
	"net/http"
	"time"
)

// A Deflate is what a server does about permessage-deflate.
type Deflate string

// What it may do.
const (
	Off        Deflate = "off"         // it declines
	NoTakeover Deflate = "no-takeover" // every message is compressed on its own, both ways
	Takeover   Deflate = "takeover"    // messages refer to earlier ones, both ways, as far as the client offers it
)

// A Peer is a library with its echo server.
type Peer struct {
	Name   string
	Module string // where it comes from: a Go module, or an npm package
	How    string // how the server is written, in a few words

	// Serve serves l until the process ends. Nil is a server that is no Go
	// program: Command starts it.
	Serve func(l net.Listener, d Deflate) error

	// Command is the program and its arguments, for servers that Serve can't
	// be. It prints the address it listens on. The error says what is missing.
	Command func(d Deflate) ([]string, error)

	Compresses bool // it can compress without context takeover
	TakesOver  bool // it can compress with it
}

// Peers are all there are.
var Peers = []Peer{raw, gorillaPlain, gorillaReuse, gobwas, gwsPeer, coder, nbio, xnet, nodeWS, limit}

// MaxMessage is the longest message that the servers take, where that can be
// said.
const MaxMessage = 32 << 20

// serveHTTP is for the libraries that upgrade a request of package net/http.
func serveHTTP(l net.Listener, handle http.HandlerFunc) error {
	s := &http.Server{Handler: handle, ReadHeaderTimeout: 10 * time.Second}
	return s.Serve(l)
}

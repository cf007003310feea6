package bench

import (
	"net"
	"slices"
	"strings"
)

// A Deflate is what a server does about permessage-deflate.
type Deflate string

// What it may do.
const (
	Off        Deflate = "off"         // it declines
	NoTakeover Deflate = "no-takeover" // every message is compressed on its own, both ways
	Takeover   Deflate = "takeover"    // messages refer to earlier ones, both ways, as far as the client offers it
)

// A Peer is an echo server to be measured.
type Peer struct {
	Name    string
	Module  string // where it comes from: a Go module, or another package
	Version string // of that; empty for a Go module, which is asked
	How     string // how the server is written, in a few words

	// Serve serves l until the process ends. Nil is a server that is no Go
	// program: Command starts it.
	Serve func(l net.Listener, d Deflate) error

	// Command is the program and its arguments, for servers that Serve can't
	// be. It prints the address it listens on. A *MissingError says what is
	// not installed.
	Command func(d Deflate) ([]string, error)

	Compresses bool // it can compress without context takeover
	TakesOver  bool // it can compress with it
	OnlyIdle   bool // it is there for bench idle: otherwise it is one of the others
}

// Can says whether a peer can do a workload at all.
func (p *Peer) Can(workload string) bool {
	if w := workloadNamed(workload); w != nil {
		return p.Does(deflateFor(w))
	}
	return true
}

// Does says whether a peer can do that about permessage-deflate.
func (p *Peer) Does(d Deflate) bool {
	switch d {
	case NoTakeover:
		return p.Compresses
	case Takeover:
		return p.TakesOver
	}
	return true
}

// ours says that a peer is from this repository.
func (p *Peer) ours() bool { return strings.HasPrefix(p.Module, "websocket.example/") }

// A MissingError says what would have to be installed to run a server.
type MissingError struct{ What string }

func (e *MissingError) Error() string { return e.What }

// peers are those that a program can measure.
type peers []Peer

func (p peers) names() (names []string) {
	for i := range p {
		names = append(names, p[i].Name)
	}
	return names
}

// compared are those that bench compares.
func (p peers) compared() peers {
	return slices.DeleteFunc(slices.Clone(p), func(peer Peer) bool { return peer.OnlyIdle })
}

// named returns the peer of that name, nil if there is none.
func (p peers) named(name string) *Peer {
	if i := slices.IndexFunc(p, func(peer Peer) bool { return peer.Name == name }); i >= 0 {
		return &p[i]
	}
	return nil
}

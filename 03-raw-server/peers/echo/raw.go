package echo

import (
	"net"

	"websocket.example/03-raw-server/workbench/bench"
)

// This repository's server, and what no server can be cheaper than: they are
// step 03's own, in workbench/bench.
var raw, limit = ours(&bench.Raw), ours(&bench.Limit)

func ours(p *bench.Peer) Peer {
	peer := Peer{Name: p.Name, Module: p.Module, How: p.How, Compresses: p.Compresses, TakesOver: p.TakesOver}
	if p.Serve != nil {
		peer.Serve = func(l net.Listener, d Deflate) error { return p.Serve(l, bench.Deflate(d)) }
	} else {
		peer.Command = func(Deflate) ([]string, error) {
			_, err := p.Command(bench.Off)
			return nil, &MissingError{err.Error()}
		}
	}
	return peer
}

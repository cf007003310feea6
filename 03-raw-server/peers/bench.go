package main

import (
	"errors"
	"net"

	"websocket.example/03-raw-server/peers/echo"
	"websocket.example/03-raw-server/workbench/bench"
)

// benchProgram measures what step 03's own bench does, and all the others.
func benchProgram() *bench.Program {
	p := &bench.Program{Name: "go run ./03-raw-server/peers bench"}
	for i := range echo.Peers {
		p.Peers = append(p.Peers, measurable(&echo.Peers[i]))
	}
	return p
}

// measurable is a library as the benchmark takes it.
func measurable(p *echo.Peer) bench.Peer {
	peer := bench.Peer{
		Name: p.Name, Module: p.Module, Version: echo.PackageVersion(p.Module), How: p.How,
		Compresses: p.Compresses, TakesOver: p.TakesOver,
	}
	if p.Serve != nil {
		peer.Serve = func(l net.Listener, d bench.Deflate) error { return p.Serve(l, echo.Deflate(d)) }
		return peer
	}
	peer.Command = func(d bench.Deflate) ([]string, error) {
		command, err := p.Command(echo.Deflate(d))
		if missing, is := errors.AsType[*echo.MissingError](err); is {
			err = &bench.MissingError{What: missing.What}
		}
		return command, err
	}
	return peer
}

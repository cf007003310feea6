// Package matrix grades the servers and clients of other libraries with
// workbench/check, beside this repository's own, and keeps what came of it in
// verdicts.txt. If a verdict changes, a library has changed or the checker has.
//
//	peer.go      what a peer is; beside it a file for each library
//	run.go       grades them all
//	verdict.go   what is kept of a report
//	text.go      verdicts.txt, written and read
//	markdown.go  the table of the README
//
// The servers of package echo are set up for speed. These are set up as each
// library's own documentation has it for conformance: with the checks that it
// leaves to the application, and with compression.
package matrix

import (
	"context"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// A Peer is a library with an echo server and an echo client.
type Peer struct {
	Name    string
	Module  string // where it comes from: a Go module, or an npm package
	Version string // of an npm package; a Go module's is known to the program
	Server  string // how the server was set up
	Client  string // and the client

	// start starts the server on loopback, and returns its URL.
	start func(ctx context.Context) (url string, stop func(), err error)

	// come connects to a URL again and again, and echoes, until the context
	// ends or the URL answers 410 Gone.
	come func(ctx context.Context, url string) error

	// panics counts those of the library that would have ended the program.
	panics *atomic.Int64
}

// Peers are all there are. Ours is the first.
var Peers = []Peer{ours, ofGorilla, ofCoder, ofGobwas, ofGWS, ofNbio, ofXNet, ofNode}

// most is the longest message that they take, where that can be said.
const most = 32 << 20

// listening is a server that serves a listener until that is closed.
func listening(serve func(l net.Listener)) func(context.Context) (string, func(), error) {
	return func(context.Context) (string, func(), error) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", nil, err
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			serve(l)
		}()
		return "ws://" + l.Addr().String() + "/", func() { l.Close(); <-done }, nil
	}
}

// overHTTP is for the libraries that upgrade a request of package net/http.
func overHTTP(handle http.HandlerFunc) func(context.Context) (string, func(), error) {
	return listening(func(l net.Listener) {
		s := &http.Server{Handler: handle, ReadHeaderTimeout: 10 * time.Second}
		_ = s.Serve(l) // until the listener is closed
		s.Close()
	})
}

// sideBySide is how many connections a client has at a time.
const sideBySide = 16

// again has a client come again and again. A visit is a connection: it is
// dialled, and echoes until it ends. That a handshake fails or a connection
// is broken is what the cases are about: errors say nothing here.
func again(visit func(ctx context.Context, url string)) func(context.Context, string) error {
	return func(ctx context.Context, url string) error {
		var all sync.WaitGroup
		for range sideBySide {
			all.Go(func() {
				for ctx.Err() == nil {
					visit(ctx, url)
				}
			})
		}
		all.Wait()
		return nil
	}
}

// version is that of a peer, empty if it is not known.
func (p *Peer) version() string {
	info, is := debug.ReadBuildInfo()
	if p.Version != "" || !is {
		return p.Version
	}
	for _, d := range info.Deps {
		if d.Path == p.Module && d.Version != "(devel)" {
			return d.Version
		}
	}
	return ""
}

package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"runtime/pprof"

	"websocket.example/03-raw-server/peers/echo"
)

// serveCommand is the process that bench measures: one library's echo server.
// It prints the address it listens on, does what the lines of its standard
// input say, and ends when that does, so that it never outlives bench.
func serveCommand(args []string, t terminal) error {
	fs := newFlags("serve", "The server that bench measures. It ends when its standard input does.", t)
	name := fs.String("peer", "raw", "`name` of the library")
	deflate := fs.String("deflate", string(echo.Off), "permessage-deflate: off, no-takeover or takeover")
	profile := fs.String("cpuprofile", "", "write a CPU profile to this `file`: go tool pprof reads it")
	addr := fs.String("addr", "127.0.0.1:0", "`address` to listen on")
	if err := fs.parse(args); err != nil {
		return err
	}
	peer, err := peerNamed(*name)
	if err != nil {
		return err
	}
	if peer.Serve == nil {
		return wrong("%s is no Go program", peer.Name)
	}
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	fmt.Fprintln(t.out, l.Addr())
	if *profile != "" {
		file, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	failed := make(chan error, 2)
	go func() { failed <- peer.Serve(l, echo.Deflate(*deflate)) }()
	go func() {
		for lines := bufio.NewScanner(t.in); lines.Scan(); {
			if lines.Text() == "free" { // memory that is not in use back to the system
				debug.FreeOSMemory()
				fmt.Fprintln(t.out, "freed")
			}
		}
		failed <- nil
	}()
	return <-failed
}

func peerNamed(name string) (*echo.Peer, error) {
	for i := range echo.Peers {
		if echo.Peers[i].Name == name {
			return &echo.Peers[i], nil
		}
	}
	return nil, wrong("there is no peer %q", name)
}

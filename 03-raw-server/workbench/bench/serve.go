package bench

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"runtime/pprof"

	"websocket.example/03-raw-server/internal/socket"
)

const serveLesson = `
Usage: %s serve [flags]

The process that bench measures: one echo server. It prints the address it
listens on, answers each line "free" of its standard input by giving back memory
that is not in use, and each line "calls" with the reads and writes that the
kernel has not counted for it. It ends when that input does, so that it never
outlives bench. By hand, to look at it with other tools:

  %[1]s serve -peer limit -addr 127.0.0.1:9000
`

// serveCommand is the process that bench measures.
func (p *Program) serveCommand(args []string, t Terminal) error {
	fs := newFlags("serve", fmt.Sprintf(serveLesson, p.Name), t)
	name := fs.String("peer", p.Peers[0].Name, "`name` of the server: "+wrap(peers(p.Peers).names()))
	deflate := choiceFlag(fs, "deflate", "permessage-deflate: off, no-takeover or takeover", string(Off), string(NoTakeover), string(Takeover))
	profile := fs.String("cpuprofile", "", "write a CPU profile to this `file`: go tool pprof reads it")
	addr := fs.String("addr", "127.0.0.1:0", "`address` to listen on")
	if err := fs.parse(args); err != nil {
		return err
	}
	peer, err := p.named(*name)
	if err != nil {
		return err
	}
	if peer.Serve == nil {
		return wrong("-peer %s: it is no Go program", peer.Name)
	}
	// Go has TCP ask whoever is silent for 15 s. With a million connections that
	// is 67,000 packets in a second, more than the kernel keeps for one CPU
	// (net.core.netdev_max_backlog): it throws some away, and ends connections
	// whose answers it has thrown away.
	silent := net.ListenConfig{KeepAlive: -1}
	l, err := silent.Listen(context.Background(), "tcp", *addr)
	if err != nil {
		return wrong("-addr: %w", err)
	}
	defer l.Close()
	// Our own servers read and write with calls that the kernel does not count
	// for a process: they count them themselves.
	socket.Count = true
	fmt.Fprintln(t.Out, l.Addr())
	if *profile != "" {
		file, err := os.Create(*profile)
		if err != nil {
			return wrong("-cpuprofile: %w", err)
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	failed := make(chan error, 2)
	go func() { failed <- peer.Serve(l, Deflate(*deflate)) }()
	go func() {
		for lines := bufio.NewScanner(t.In); lines.Scan(); {
			switch lines.Text() {
			case "free":
				debug.FreeOSMemory()
				fmt.Fprintln(t.Out, "freed")
			case "calls":
				reads, writes := socket.Uncounted()
				fmt.Fprintln(t.Out, reads, writes)
			}
		}
		failed <- nil
	}()
	return <-failed
}

// named finds a peer by the flag that names it.
func (p *Program) named(name string) (*Peer, error) {
	if peer := peers(p.Peers).named(name); peer != nil {
		return peer, nil
	}
	return nil, wrong("-peer %q: %w", name, unknown(name, peers(p.Peers).names(), p.Elsewhere))
}

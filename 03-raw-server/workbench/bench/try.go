package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"websocket.example/03-raw-server/workbench/load"
)

// Try has a server, in a process of its own, echo some messages of each
// workload that wants this of it. The clients compare. It measures nothing: it
// is for tests.
func Try(ctx context.Context, peer *Peer, d Deflate) (err error) {
	server, err := startChild(ctx, peer, d, -1, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	for _, w := range load.Workloads {
		if deflateFor(&w) != d || !peer.Can(w.Name) {
			continue
		}
		if err := server.try(ctx, w); err != nil {
			return fmt.Errorf("%s: %w", w.Name, err)
		}
	}
	return server.free()
}

func (c *child) try(ctx context.Context, w load.Workload) error {
	const enough = 10
	w.Conns = 1
	clients, err := load.Dial(ctx, c.addr, &w)
	if err != nil {
		return err
	}
	defer clients.Close()
	clients.Start()
	for clients.Messages() < enough {
		if err := errors.Join(clients.Failed(), sleep(ctx, time.Millisecond)); err != nil {
			return err
		}
	}
	return clients.Stop()
}

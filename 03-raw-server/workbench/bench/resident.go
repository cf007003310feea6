package bench

import (
	"context"
	"errors"
	"time"

	"websocket.example/03-raw-server/workbench/bench/machine"
	"websocket.example/03-raw-server/workbench/load"
)

// idle is the resident memory of a server in bytes, as time goes on.
type idle struct {
	Conns     int           `json:"connections"`
	Before    int64         `json:"before"`
	Connected int64         `json:"connected"`   // and some seconds later
	Freed     int64         `json:"freed"`       // asked to give back what it does not use
	Echoed    int64         `json:"echoed"`      // after one message on each connection
	FreedLast int64         `json:"freed_again"` // and asked again
	Handshake time.Duration `json:"handshake_cpu_ns"`
}

const (
	settle     = 4 * time.Second // time for what the handshakes left to be collected
	idleRounds = 3               // memory hardly varies from round to round
)

// measureIdle fills a slot with what idle connections cost.
func (p *place) measureIdle(ctx context.Context, peer *Peer, s *slot) (err error) {
	server, err := startChild(ctx, peer, Off, p.serverCPU, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	i := &idle{Conns: p.idle}
	resident := func(at *int64) func() error {
		return func() (err error) { *at, err = machine.ResidentOf(server.pid); return err }
	}
	used, err := machine.UsageOf(server.pid)
	if err != nil {
		return err
	}
	clients, err := load.NewCrowd(ctx, server.addr)
	if err != nil {
		return err
	}
	defer clients.Close()
	clients.Workers, clients.Batch = 1, 1 // one after the other
	for _, step := range []func() error{
		resident(&i.Before),
		func() error { return clients.Open(ctx, p.idle) },
		func() error {
			now, err := machine.UsageOf(server.pid)
			i.Handshake = now.CPU - used.CPU
			return err
		},
		func() error { return sleep(ctx, settle) },
		resident(&i.Connected), server.free, resident(&i.Freed),
		func() error { return clients.EchoAll(ctx) },
		resident(&i.Echoed), server.free, resident(&i.FreedLast),
	} {
		if err := step(); err != nil {
			return err
		}
	}
	s.Idle = i
	return nil
}

// kib is the memory of one connection.
func (i *idle) kib(resident int64) float64 {
	return float64(resident-i.Before) / float64(i.Conns) / 1024
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"websocket.example/03-raw-server/peers/echo"
	"websocket.example/03-raw-server/peers/load"
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
func (p *place) measureIdle(ctx context.Context, peer *echo.Peer, s *slot) (err error) {
	server, err := startChild(ctx, peer, echo.Off, p.serverCPU, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	i := &idle{Conns: p.idle}
	resident := func(at *int64) func() error {
		return func() (err error) { *at, err = residentOf(server.pid); return err }
	}
	used, err := usageOf(server.pid)
	if err != nil {
		return err
	}
	var clients *load.Idle
	defer func() {
		if clients != nil {
			clients.Close()
		}
	}()
	for _, step := range []func() error{
		resident(&i.Before),
		func() (err error) { clients, err = load.DialIdle(ctx, server.addr, p.idle); return err },
		func() error {
			now, err := usageOf(server.pid)
			i.Handshake = now.cpu - used.cpu
			return err
		},
		func() error { return sleep(ctx, settle) },
		resident(&i.Connected), server.free, resident(&i.Freed),
		func() error { return clients.Echo() },
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

// idleTable writes the idle connections' table, the smallest first.
func (r *report) idleTable(w io.Writer, peers []string) {
	rows := r.rows(idleName, peers)
	if len(rows) == 0 {
		fmt.Fprintf(w, "\n### %s: nobody could be measured\n", idleName)
		return
	}
	connected := func(s *slot) float64 { return s.Idle.kib(s.Idle.Connected) }
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.median(connected), b.median(connected)) })
	fmt.Fprintf(w, "\n### %s: %s connections, resident memory of the server for each, in KiB\n\n", idleName, thousands(float64(rows[0].slots[0].Idle.Conns)))
	fmt.Fprintf(w, "| server | %v after the handshakes | what is not in use given back | after one message of 125 bytes each | given back again | handshake, CPU µs |\n", settle)
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, row := range rows {
		kib := func(at func(*idle) int64) string {
			return fmt.Sprintf("%.1f", row.median(func(s *slot) float64 { return s.Idle.kib(at(s.Idle)) }))
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %.0f |\n", row.peer,
			kib(func(i *idle) int64 { return i.Connected }), kib(func(i *idle) int64 { return i.Freed }),
			kib(func(i *idle) int64 { return i.Echoed }), kib(func(i *idle) int64 { return i.FreedLast }),
			row.median(func(s *slot) float64 { return float64(s.Idle.Handshake.Microseconds()) / float64(s.Idle.Conns) }))
	}
}

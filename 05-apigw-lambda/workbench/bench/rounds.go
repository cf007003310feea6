package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"websocket.example/05-apigw-lambda/workbench/offline"
)

// A turn is a peer that takes part.
type turn struct {
	*peer
	*running
	*trip
}

// runTrips measures all peers, round by round. They all run all the time: who
// has nothing to do does nothing.
func (s *settings) runTrips(ctx context.Context, out io.Writer, show func(string)) (err error) {
	dir, err := os.MkdirTemp("", "apigw-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r := &report{Began: time.Now().Round(time.Second), Machine: machineName(), Go: runtime.Version(), Size: s.size}
	var turns []turn
	defer func() {
		for _, t := range turns {
			t.NetConn().Close() // a server that stops would wait for the client
			err = errors.Join(err, t.stop())
		}
	}()
	for i := range peers {
		p := &peers[i]
		if !slices.Contains(s.only, p.name) {
			continue
		}
		show("starting " + p.name)
		t, err := s.begin(ctx, p, dir)
		if missing := (*offline.MissingError)(nil); errors.As(err, &missing) {
			r.Missing = append(r.Missing, p.name+": "+missing.What)
			continue
		}
		if err != nil {
			return stopped(ctx, fmt.Errorf("%s: %w", p.name, err))
		}
		turns = append(turns, t)
		show("warming up " + p.name)
		if _, err := t.many(ctx, s.warmUp); err != nil {
			return stopped(ctx, fmt.Errorf("%s: %w", p.name, err))
		}
	}
	for round := 1; round <= s.rounds; round++ {
		for i, at := range rand.Perm(len(turns)) {
			t := turns[at]
			show(fmt.Sprintf("round %d of %d, %d of %d: %s", round, s.rounds, i+1, len(turns), t.name))
			one := slot{Round: round, Peer: t.name}
			if err := t.measure(ctx, t.running, s.messages, &one); err != nil {
				return stopped(ctx, fmt.Errorf("%s: %w", t.name, err))
			}
			r.Slots = append(r.Slots, one)
		}
	}
	show("")
	r.judge()
	if s.asJSON {
		return r.json(out)
	}
	r.text(out)
	return nil
}

// begin starts a peer and connects to it.
func (s *settings) begin(ctx context.Context, p *peer, dir string) (t turn, err error) {
	o := startOptions{dir: dir}
	if s.profile != "" {
		o.profile = filepath.Join(s.profile, p.name+".pprof")
	}
	r, err := p.start(ctx, o)
	if err != nil {
		return t, err
	}
	c, err := dialTrip(ctx, p.name, r.url, s.size)
	if err != nil {
		return t, errors.Join(err, r.stop())
	}
	return turn{p, r, c}, nil
}

// stopped is what is said when Ctrl-C is why something failed.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.New("stopped")
	}
	return err
}

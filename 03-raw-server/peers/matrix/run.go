package matrix

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"

	"websocket.example/03-raw-server/workbench/check"
)

// Sheets are all that there are to fill: every peer, in both roles, by the
// lesson and by everything.
func Sheets() (all []Sheet) {
	for _, full := range []bool{false, true} {
		for _, client := range []bool{false, true} {
			for i := range Peers {
				all = append(all, Sheet{Peer: Peers[i].Name, Client: client, Full: full})
			}
		}
	}
	return all
}

// atOnce is how many sheets are filled at a time. Most of the time is waiting
// for peers that say nothing.
const atOnce = 3

// Run fills sheets, of the full check only some of the cases if only says
// which. Sheets of peers that are not installed are left out, and returned as
// missing. What differs from the old sheets is graded twice more, alone: on a
// busy machine an answer may come too late. Without old sheets it is not.
func Run(ctx context.Context, old, sheets []Sheet, only []string, progress func(done, all int)) (filled []Sheet, missing []string, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	var work sync.WaitGroup
	done := 0
	absent := make([]bool, len(sheets))
	turn := make(chan struct{}, atOnce)
	for i := range sheets {
		turn <- struct{}{}
		work.Go(func() {
			defer func() { <-turn }()
			var these []string
			if sheets[i].Full {
				these = only
			}
			err := sheets[i].fill(ctx, these)
			mu.Lock()
			defer mu.Unlock()
			if errors.As(err, new(*MissingError)) {
				absent[i], err = true, nil
			}
			if err != nil {
				cancel(err)
			}
			done++
			progress(done, len(sheets))
		})
	}
	work.Wait()
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	for i := range sheets {
		if absent[i] {
			missing = append(missing, sheets[i].Name())
			continue
		}
		for range 2 {
			if old == nil {
				break
			}
			if err := sheets[i].again(ctx, old, only); err != nil {
				return nil, nil, err
			}
		}
		filled = append(filled, sheets[i])
	}
	return filled, missing, nil
}

// again grades those cases anew that differ from an old sheet.
func (s *Sheet) again(ctx context.Context, old []Sheet, only []string) error {
	ids := s.differs(old, only)
	if len(ids) == 0 {
		return nil
	}
	part := *s
	if err := part.fill(ctx, ids); err != nil {
		return err
	}
	var bad []Bad
	for _, c := range s.cases() {
		from := s
		if slices.Contains(ids, c.ID) {
			from = &part
		}
		if b := from.bad(c.ID); b != nil {
			bad = append(bad, *b)
		}
	}
	s.Bad = bad
	return nil
}

// fill grades a peer: all cases of the sheet, or only these.
func (s *Sheet) fill(ctx context.Context, only []string) error {
	var p *Peer
	for i := range Peers {
		if Peers[i].Name == s.Peer {
			p = &Peers[i]
		}
	}
	o := s.options()
	o.Only = only
	before := p.panicked()
	r, err := p.grade(ctx, o, s.Client)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name(), err)
	}
	if r.Gone || r.Missing > 0 {
		return fmt.Errorf("%s: it has gone before the end: %d cases were not graded", s.Name(), r.Missing+r.Count(check.Skipped))
	}
	s.note(r)
	if p.panicked() == before {
		return nil
	}
	// Which were they that made it panic? A connection was cut there.
	for i := range s.Bad {
		b := &s.Bad[i]
		o.Only = []string{b.ID}
		before := p.panicked()
		if !cut[findingOf(r, b.ID)] {
			continue
		}
		if _, err := p.grade(ctx, o, s.Client); err != nil {
			return fmt.Errorf("%s: %w", s.Name(), err)
		}
		if p.panicked() > before {
			b.Verdict, b.Finding = check.Failed, "It panics, which ends the whole program if nobody recovers."
		}
	}
	return nil
}

// cut are the findings that a panic makes.
var cut = map[string]bool{"cut": true, "closed": true, "reset": true, "close-cut": true}

func findingOf(r *check.Report, id string) string {
	for i := range r.Results {
		if x := &r.Results[i]; x.ID == id && x.Finding != nil {
			return x.Finding.Name()
		}
	}
	return ""
}

func (p *Peer) panicked() int64 {
	if p.panics == nil {
		return 0
	}
	return p.panics.Load()
}

func (p *Peer) grade(ctx context.Context, o check.Options, client bool) (*check.Report, error) {
	if client {
		return p.gradeClient(ctx, o)
	}
	url, stop, err := p.start(ctx)
	if err != nil {
		return nil, err
	}
	defer stop()
	return check.Run(ctx, url, o)
}

// gradeClient has the client come to a server that grades it. It is not told
// to stop: its context ends when the report is there.
func (p *Peer) gradeClient(ctx context.Context, o check.Options) (*check.Report, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	graded, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	come, end := context.WithCancel(ctx)
	defer end()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if err := p.come(come, "ws://"+l.Addr().String()+"/"); err != nil {
			cancel(err)
		}
	}()
	r, err := check.Listen(graded, l, o)
	cause := context.Cause(graded)
	end()
	<-gone
	if cause != nil {
		return nil, cause
	}
	return r, err
}

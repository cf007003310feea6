package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"websocket.example/03-raw-server/workbench/load"
)

// A turn is a measurement that is to be made.
type turn struct {
	round    int
	workload string
	peer     *Peer
}

// turns is everything that is to be measured, in its order.
func turns(list peers, workloads []string, rounds int) (all []turn) {
	for round := 1; round <= rounds; round++ {
		for _, workload := range workloads {
			if workload == idleName && round > idleRounds {
				continue
			}
			// Whoever comes after a noisy moment of the machine has the worse
			// figures: in each round it is somebody else.
			for _, i := range rand.Perm(len(list)) {
				if list[i].Can(workload) {
					all = append(all, turn{round, workload, &list[i]})
				}
			}
		}
	}
	return all
}

// all measures everything, round by round.
func (p *place) all(ctx context.Context, r *report, rounds int, show func(string)) error {
	defer show("")
	todo := turns(r.peers, r.workloads, rounds)
	remains := forecast{p: p}
	gone := map[string]bool{} // peers that can't be started, after they were named once
	for i, t := range todo {
		if gone[t.peer.Name] {
			continue
		}
		show(fmt.Sprintf("%s round %d of %d: %s, %s, %s left", bar(i, len(todo)), t.round, rounds, t.workload, t.peer.Name, spell(remains.of(todo[i:], gone))))
		began := time.Now()
		s := slot{Round: t.round, Workload: t.workload, Peer: t.peer.Name}
		err := p.one(ctx, t.peer, t.workload, &s)
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("stopped in round %d of %d", t.round, rounds)
		case errors.As(err, new(*MissingError)):
			r.note("missing", "peer", t.peer.Name, "why", err)
			gone[t.peer.Name] = true
			continue
		case err != nil:
			s.Error = err.Error()
		}
		remains.took(t, time.Since(began))
		r.Slots = append(r.Slots, s)
	}
	return nil
}

func (p *place) one(ctx context.Context, peer *Peer, name string, s *slot) error {
	// A server that hangs is an error, not the end of the benchmark.
	ctx, cancel := context.WithTimeout(ctx, p.warmUp+p.time+2*time.Minute)
	defer cancel()
	if w := workloadNamed(name); w != nil {
		return p.measure(ctx, peer, w, s)
	}
	return p.measureIdle(ctx, peer, s)
}

func workloadNamed(name string) *load.Workload {
	for i := range load.Workloads {
		if load.Workloads[i].Name == name {
			return &load.Workloads[i]
		}
	}
	return nil
}

// A forecast is how long measurements will take: as long as those of the same
// kind have, or as it looks at first.
type forecast struct {
	p     *place
	spent map[string]time.Duration
	times map[string]int
}

func (f *forecast) took(t turn, d time.Duration) {
	if f.spent == nil {
		f.spent, f.times = map[string]time.Duration{}, map[string]int{}
	}
	f.spent[t.workload] += d
	f.times[t.workload]++
}

func (f *forecast) of(todo []turn, gone map[string]bool) (d time.Duration) {
	for _, t := range todo {
		switch n := f.times[t.workload]; {
		case gone[t.peer.Name]:
		case n > 0:
			d += f.spent[t.workload] / time.Duration(n)
		case t.workload == idleName:
			d += settle + time.Duration(f.p.idle)*400*time.Microsecond
		default:
			d += f.p.warmUp + f.p.time + 300*time.Millisecond
		}
	}
	return d
}

// spell writes a time to wait: nobody counts the seconds of an hour.
func spell(d time.Duration) string {
	switch {
	case d < 90*time.Second:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 90*time.Minute:
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
	return fmt.Sprintf("%.1f h", d.Hours())
}

func bar(done, total int) string {
	const width = 20
	n := width * done / max(total, 1)
	return strings.Repeat("█", n) + strings.Repeat("░", width-n)
}

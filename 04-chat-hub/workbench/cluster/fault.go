package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// A fault is one kind of harm, done and undone.
type fault struct {
	key, title string
	// do returns what was done, and what is left to do to end it. After least to
	// most that is called.
	do          func(ctx context.Context, s *stage, rng *rand.Rand) (*harm, error)
	least, most time.Duration
	silent      bool // nothing can be told while there is no server
}

// A harm is one that has been done.
type harm struct {
	what  string
	end   func(context.Context) error
	apart func(hub, other int) bool // do not hear each other, and need not
	hub   int                       // that is killed, -1 if none is
}

var faults = []fault{
	{key: "leader", title: "leader killed", do: killLeader, least: 500 * time.Millisecond, most: 9 * time.Second},
	{key: "hub", title: "hub killed", do: killHub, least: 200 * time.Millisecond, most: 12 * time.Second},
	{key: "all", title: "all servers killed", do: killServers, most: 4 * time.Second, silent: true},
	// An election takes 4 to 9 s, and a leader gives up after 10 s without the others.
	{key: "partition", title: "partition", do: partition, least: 11 * time.Second, most: 20 * time.Second},
}

func faultNames() (all []string) {
	for _, f := range faults {
		all = append(all, f.key)
	}
	return all
}

func nobody(int, int) bool { return false }

func killLeader(ctx context.Context, s *stage, _ *rand.Rand) (*harm, error) {
	n, err := s.leader(ctx)
	if err != nil {
		return nil, err
	}
	p := s.servers[n]
	return &harm{p.name, func(context.Context) error { return p.start() }, nobody, -1}, p.kill()
}

func killHub(_ context.Context, s *stage, rng *rand.Rand) (*harm, error) {
	n := rng.IntN(size)
	p := s.hubs[n]
	return &harm{
		what:  p.name,
		end:   func(ctx context.Context) error { return startHub(ctx, p) },
		apart: func(a, b int) bool { return a == n || b == n },
		hub:   n,
	}, p.kill()
}

func killServers(_ context.Context, s *stage, _ *rand.Rand) (*harm, error) {
	return &harm{
		what:  "all",
		end:   func(context.Context) error { return together(s.servers[:], (*process).start) },
		apart: nobody,
		hub:   -1,
	}, together(s.servers[:], (*process).kill)
}

// partition cuts the leader's server off. The hubs stay connected to theirs,
// on whichever side that is.
func partition(ctx context.Context, s *stage, rng *rand.Rand) (*harm, error) {
	n, err := s.leader(ctx)
	if err != nil {
		return nil, err
	}
	in, err := s.at(ctx, n)
	if err != nil {
		return nil, err
	}
	reset := rng.IntN(2) == 0
	what := s.servers[n].name
	for i, is := range in {
		if is {
			what += fmt.Sprint(" +", i+1) // with this hub
		}
	}
	if reset {
		what += ", reset"
	}
	s.isolate(n)
	return &harm{
		what:  what,
		end:   func(context.Context) error { s.mend(reset); return nil },
		apart: func(a, b int) bool { return in[a] != in[b] },
		hub:   -1,
	}, nil
}

package script

import (
	"strconv"
	"time"

	"websocket.example/03-raw-server/workbench/tap"
)

// Show tells a sink what a tap would have told of this conversation, with
// keep bytes of each payload. Connections that are named by a number have
// that number, others count from 1.
func Show(s Script, keep int, sink tap.Sink) {
	var now time.Duration
	conns := make(map[string]*shown)
	for i, name := range s.Conns() {
		number := i + 1
		if n, err := strconv.Atoi(name); err == nil {
			number = n
		}
		conns[name] = &shown{Follower: tap.Follow(tap.FollowOptions{
			Conn: number, Now: func() time.Duration { return now }, Keep: keep, Bare: s.bare(name),
		}, sink)}
	}
	for i := range s {
		step := &s[i]
		if step.Timed {
			now = step.At
		}
		conns[step.Conn].see(step)
	}
	for _, name := range s.Conns() {
		conns[name].Close(nil)
	}
}

// A shown is a connection that is followed step by step.
type shown struct {
	*tap.Follower
	wires [2]wire
}

func (c *shown) see(s *Step) {
	if s.Kind == End || s.Kind == Reset {
		c.End(s.FromClient, nil, s.Kind == Reset)
		return
	}
	c.Feed(s.FromClient, c.bytes(s))
}

// bytes are those of a step. Any key is one that changes nothing.
func (c *shown) bytes(s *Step) []byte {
	return c.wires[side(s.FromClient)].bytes(s, func() [4]byte { return [4]byte{} })
}

func side(fromClient bool) int {
	if fromClient {
		return 1
	}
	return 0
}

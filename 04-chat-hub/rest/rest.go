// Package rest keeps a process small whose connections are silent most of the
// time. It looks after the whole process, so only a program may want it.
package rest

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"
)

const (
	every   = time.Second
	wave    = 1000             // connections; below that it is not worth a collection
	coming  = wave / 20        // so many more in a second are a wave that comes
	calm    = 3                // after so many quiet seconds it is over
	again   = 15 * time.Second // how often to look for garbage after that
	percent = 25               // GOGC while a wave comes
)

// Keep returns memory to the system when a wave of connections has come or
// gone and it is quiet again, and now and then after that. Go would keep what
// the handshakes needed for the next wave, and as much garbage as there is
// memory in use. Most of a chat's connections are silent, and then there are a
// collection's milliseconds to spare.
//
// While a wave comes garbage is collected more often: else what the connections
// need for good would come to lie between it, on twice as many pages, and could
// not be moved.
//
// It ends with the context. count is how many connections there are.
func Keep(ctx context.Context, count func() int) {
	usual := debug.SetGCPercent(percent)
	debug.SetGCPercent(usual)
	tick := time.NewTicker(every)
	defer tick.Stop()
	s := state{done: time.Now()}
	for {
		select {
		case <-ctx.Done():
			debug.SetGCPercent(usual)
			return
		case <-tick.C:
		}
		was := s.comes
		collect := s.look(count(), time.Now())
		switch {
		case usual < percent: // or none at all: somebody has thought of it
		case s.comes && !was:
			debug.SetGCPercent(percent)
		case was && !s.comes:
			debug.SetGCPercent(usual)
		}
		if collect {
			runtime.GC() // what a pool holds goes with the second collection
			debug.FreeOSMemory()
		}
	}
}

// state is what was seen so far.
type state struct {
	comes  bool // a wave
	before int  // connections, a moment ago
	last   int  // and at the last collection
	quiet  int  // for how many looks
	done   time.Time
}

// look says whether it is time for a collection.
func (s *state) look(n int, now time.Time) bool {
	moved := max(n, s.before) - min(n, s.before)
	s.comes = n-s.before >= coming
	if s.before = n; moved > wave/100 {
		s.quiet = 0
	} else {
		s.quiet++
	}
	since := max(n, s.last) - min(n, s.last)
	if s.quiet < calm || since < wave && (n < wave || now.Sub(s.done) < again) {
		return false
	}
	s.last, s.done = n, now
	return true
}

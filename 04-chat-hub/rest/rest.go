// Package rest keeps a process small whose connections are silent most of the
// time. It looks after the whole process, so only a program may want it.
package rest

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	every   = time.Second
	wave    = 1000      // connections; below that it is not worth a collection
	coming  = wave / 20 // so many more in a second are a wave that comes
	calm    = 3         // after so many quiet seconds it is over
	percent = 25        // GOGC while a wave comes
	garbage = 4 << 20   // bytes allocated that are worth a collection,
	share   = 512       // and so many for each connection
	busy    = 16 << 20  // bytes in a second: Go collects often enough by itself
)

// Keep returns memory to the system when a wave of connections has come or
// gone and it is quiet again, and after that whenever some garbage has come
// together. Go would keep what the handshakes needed for the next wave, and as
// much garbage as there is memory in use. Most of a chat's connections are
// silent, and then there are a collection's milliseconds to spare.
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
	s := state{allocated: allocated()}
	for {
		select {
		case <-ctx.Done():
			debug.SetGCPercent(usual)
			return
		case <-tick.C:
		}
		was := s.comes
		after := s.look(count(), allocated())
		switch {
		case usual < percent: // or none at all: somebody has thought of it
		case s.comes && !was:
			debug.SetGCPercent(percent)
		case was && !s.comes:
			debug.SetGCPercent(usual)
		}
		if after == aWave {
			runtime.GC() // what a pool holds goes with the second collection
		}
		if after != nothing {
			debug.FreeOSMemory()
		}
	}
}

// allocated is how many bytes the process has asked for since its start.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// What a collection comes after.
type reason int

const (
	nothing reason = iota // there is none
	aWave
	aWhile
)

// state is what was seen so far.
type state struct {
	comes     bool // a wave
	before    int  // connections, a moment ago
	last      int  // and at the last collection
	quiet     int  // for how many looks
	allocated uint64
	collected uint64 // allocated, at the last collection
}

// look says whether it is time for a collection.
func (s *state) look(n int, allocated uint64) reason {
	moved := max(n, s.before) - min(n, s.before)
	works := allocated-s.allocated >= busy
	s.comes = n-s.before >= coming
	s.before, s.allocated = n, allocated
	if moved > wave/100 {
		s.quiet = 0
	} else {
		s.quiet++
	}
	since := max(n, s.last) - min(n, s.last)
	after := nothing
	switch {
	case s.quiet < calm:
	case since >= wave:
		after = aWave
	case n >= wave && !works && allocated-s.collected >= max(garbage, share*uint64(n)):
		after = aWhile
	}
	if after != nothing {
		s.last, s.collected = n, allocated
	}
	return after
}

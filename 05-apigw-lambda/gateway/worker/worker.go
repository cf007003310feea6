// Package worker runs short pieces of work in goroutines that are used again.
// A new goroutine begins with a small stack, and copies it each time it grows:
// for a message that goes through JSON, a function and a socket, that took a
// seventh of all its time.
package worker

import "time"

// keep is how long a goroutine waits for more work.
const keep = 100 * time.Millisecond

// A Pool has the goroutines. It needs no end: they end by themselves.
type Pool struct {
	idle chan func() // without a buffer: whoever receives is free
}

// NewPool makes a Pool without goroutines.
func NewPool() *Pool { return &Pool{make(chan func())} }

// Go runs f in a goroutine, at once. There are as many as there is to do.
func (p *Pool) Go(f func()) {
	select {
	case p.idle <- f:
	default:
		go p.work(f)
	}
}

func (p *Pool) work(f func()) {
	f()
	over := time.NewTimer(keep)
	defer over.Stop()
	for {
		select {
		case f = <-p.idle:
			f()
			over.Reset(keep)
		case <-over.C:
			return
		}
	}
}

package hub

import "sync"

// A signal wakes all who wait for a change of what a mutex guards. Unlike a
// sync.Cond it is one word while nobody waits.
type signal struct{ changed chan struct{} }

// next is closed at the next change. It is called with the mutex held.
func (s *signal) next() <-chan struct{} {
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// wait lets go of the mutex until there is a change.
func (s *signal) wait(mu *sync.Mutex) {
	changed := s.next()
	mu.Unlock()
	<-changed
	mu.Lock()
}

// wake is called with the mutex held.
func (s *signal) wake() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

package tap

import (
	"slices"
	"sync"

	"websocket.example/03-raw-server/narrate"
)

// A Log is a sink that remembers everything. Its zero value is empty. It may
// be read at any time.
type Log struct {
	mu     sync.Mutex
	events []Event
}

// See is the sink.
func (l *Log) See(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
}

// Events are all so far.
func (l *Log) Events() []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.events)
}

// Of are the events of some kinds.
func (l *Log) Of(kinds ...Kind) (events []Event) {
	for _, e := range l.Events() {
		if slices.Contains(kinds, e.Kind) {
			events = append(events, e)
		}
	}
	return events
}

// Frames are all frames so far, of all connections.
func (l *Log) Frames() (frames []narrate.Frame) {
	for _, e := range l.Of(Framed) {
		frames = append(frames, *e.Frame)
	}
	return frames
}

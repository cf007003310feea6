// Package feed is the one source of events that every transport carries.
//
// The feed knows nothing of HTTP or WebSocket. It keeps the last events in
// order, each with its number, and lets any number of readers wait for what
// comes after the number they have. A number is all a reader must remember
// to resume, so no transport can lose an event just because it was between
// two requests.
package feed

import (
	"context"
	"sync"
	"time"
)

// Keep is how many events a feed remembers. A reader that falls further
// behind sees a gap in the numbers, and counts it as lost.
const Keep = 8192

// An Event is one thing that happened. On the wire it is a JSON object of
// about 80 bytes.
type Event struct {
	N    int64  `json:"n"`    // 1, 2, 3, ... without gaps
	At   int64  `json:"at"`   // when it was due: microseconds since 1970, UTC
	Text string `json:"text"` // what a reader would be shown
}

// A Feed is a growing list of events. The zero value is ready to use, and
// every method may be called from any goroutine.
type Feed struct {
	mu      sync.Mutex
	events  []Event       // the last Keep of them, in order
	last    int64         // number of the newest event
	changed chan struct{} // closed by the next Publish; nil while nobody waits
}

// Publish appends an event that was due at the time given, and wakes
// everyone who waits for one.
func (f *Feed) Publish(due time.Time, text string) Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	e := Event{N: f.last, At: due.UnixMicro(), Text: text}
	if len(f.events) >= 2*Keep { // drop the old half in one move, not one by one
		f.events = append(f.events[:0], f.events[Keep:]...)
	}
	f.events = append(f.events, e)
	if f.changed != nil {
		close(f.changed)
		f.changed = nil
	}
	return e
}

// Last returns the number of the newest event, 0 before the first.
func (f *Feed) Last() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// After returns the events with a number greater than n that the feed still
// remembers, oldest first, and none if there are none. It never blocks. The
// slice is the caller's.
func (f *Feed) After(n int64) []Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.after(n)
}

func (f *Feed) after(n int64) []Event {
	missing := f.last - max(n, 0)
	if missing <= 0 {
		return nil
	}
	missing = min(missing, int64(len(f.events)), Keep)
	return append([]Event(nil), f.events[int64(len(f.events))-missing:]...)
}

// Wait is After that blocks until there is at least one event, or until the
// context ends.
func (f *Feed) Wait(ctx context.Context, n int64) ([]Event, error) {
	for {
		f.mu.Lock()
		if events := f.after(n); len(events) > 0 {
			f.mu.Unlock()
			return events, nil
		}
		if f.changed == nil {
			f.changed = make(chan struct{})
		}
		changed := f.changed
		f.mu.Unlock()

		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

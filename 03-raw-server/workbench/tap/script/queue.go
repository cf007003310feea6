package script

import (
	"context"
	"sync"

	"websocket.example/03-raw-server/workbench/tap"
)

// A queue is what was heard and not compared yet.
type queue struct {
	mu     sync.Mutex
	events []tap.Event
	more   chan struct{} // has one when there are some
}

// mostQueued is how far somebody may be ahead of the script.
const mostQueued = 100_000

func newQueue() *queue { return &queue{more: make(chan struct{}, 1)} }

// put adds an event, unless there are far too many.
func (q *queue) put(e tap.Event) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.events) == mostQueued {
		return false
	}
	q.events = append(q.events, e)
	select {
	case q.more <- struct{}{}:
	default:
	}
	return true
}

// take waits for the next event, until the context ends.
func (q *queue) take(ctx context.Context) (tap.Event, bool) {
	for {
		q.mu.Lock()
		if len(q.events) > 0 {
			e := q.events[0]
			q.events = q.events[1:]
			q.mu.Unlock()
			return e, true
		}
		q.mu.Unlock()
		select {
		case <-q.more:
		case <-ctx.Done():
			return tap.Event{}, false
		}
	}
}

// Package trace is what one can see of a gateway at work: what AWS's console
// never shows. Nobody who is not watching is waited for, and without anybody
// watching nothing is made.
package trace

import (
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"
)

// A Kind is what happened.
type Kind string

// All there are, in the order of a message's life.
const (
	Opened     Kind = "opened"     // the handshake is done: 101
	Refused    Kind = "refused"    // it was answered with Status
	Message    Kind = "message"    // a client's frame came
	Routed     Kind = "routed"     // to Route, because of Why
	Authorized Kind = "authorized" // what the authorizer said
	Invoked    Kind = "invoked"    // a function, or another integration, begins
	Answered   Kind = "answered"   // it is done
	Posted     Kind = "posted"     // a call of the @connections API
	Sent       Kind = "sent"       // a frame to the client
	Closed     Kind = "closed"     // the connection, with Status and Why
)

// An Event is one thing that happened. Which fields it has depends on the
// kind.
type Event struct {
	Number     uint64    `json:"number"`
	At         time.Time `json:"at"`
	Kind       Kind      `json:"kind"`
	Connection string    `json:"connection,omitempty"`
	Request    string    `json:"request,omitempty"` // ties together what one message caused
	Route      string    `json:"route,omitempty"`
	Why        string    `json:"why,omitempty"`
	Method     string    `json:"method,omitempty"`
	Status     int       `json:"status,omitempty"`
	Text       string    `json:"text,omitempty"` // of a frame, shortened
	Size       int       `json:"size,omitempty"` // of a frame, in bytes

	Integration string          `json:"integration,omitempty"` // AWS_PROXY, MOCK, ...
	Function    string          `json:"function,omitempty"`
	Payload     json.RawMessage `json:"payload,omitempty"` // the event, or what was answered
	Error       string          `json:"error,omitempty"`
	Environment int             `json:"environment,omitempty"`
	Cold        bool            `json:"cold,omitempty"`
	Micros      int64           `json:"micros,omitempty"` // how long it took
	Log         string          `json:"log,omitempty"`
	Warnings    []string        `json:"warnings,omitempty"`
}

// A Feed brings events to those who watch. The zero value is ready.
type Feed struct {
	watched atomic.Int32
	mu      sync.Mutex
	last    uint64
	recent  []Event // for whoever comes late
	all     map[*Watcher]bool
}

// kept is how many events whoever comes late is shown.
const kept = 200

// A Watcher is somebody who watches.
type Watcher struct {
	C    <-chan Event
	c    chan Event
	lost atomic.Uint64
}

// Lost is how many events did not fit in the channel since the last call.
func (w *Watcher) Lost() uint64 { return w.lost.Swap(0) }

// On says whether anybody watches: only then is an event worth making.
func (f *Feed) On() bool { return f != nil && f.watched.Load() > 0 }

// Watch begins to watch. End it with Leave.
func (f *Feed) Watch() (*Watcher, []Event) {
	c := make(chan Event, 1024)
	w := &Watcher{C: c, c: c}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == nil {
		f.all = make(map[*Watcher]bool)
	}
	f.all[w] = true
	f.watched.Add(1)
	return w, append([]Event(nil), f.recent...)
}

// Leave ends it.
func (f *Feed) Leave(w *Watcher) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all[w] {
		delete(f.all, w)
		f.watched.Add(-1)
	}
}

// Tell tells everybody who watches.
func (f *Feed) Tell(e Event) {
	if !f.On() {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	e.Number = f.last
	if e.At.IsZero() {
		e.At = time.Now()
	}
	if len(f.recent) == kept {
		f.recent = append(f.recent[:0], f.recent[1:]...)
	}
	f.recent = append(f.recent, e)
	for w := range f.all {
		select {
		case w.c <- e:
		default:
			w.lost.Add(1)
		}
	}
}

package nats

import (
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// A stay is one at a server. A server that is cut off from the rest of its
// cluster keeps its clients and does not tell them: a hub finds out because
// its lease can't be renewed there.
type stay struct {
	mu    sync.Mutex
	since time.Time // when the lease was renewed, or there was another server
}

func (s *stay) good() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since = time.Now()
}

func (s *stay) longerThan(d time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.since) > d
}

// elsewhere leaves the server, and tells the other hubs on it. Else they would
// not hear this one until they have lost their patience as well.
func (t *Store) elsewhere() {
	from := t.nc.ConnectedServerId()
	if t.server != nil || from == "" {
		return
	}
	_ = t.nc.Publish(elsewhereSubject, []byte(from))
	_ = t.nc.FlushTimeout(try)
	t.leaveServer(from)
}

// comeAlong leaves a server with the others. One whose lease is alive knows
// better, and stays.
func (t *Store) comeAlong(m *nats.Msg) {
	if t.stay.longerThan(t.o.Lease) {
		t.leaveServer(string(m.Data))
	}
}

// leaveServer does nothing if the hub is not there, or not there any more.
func (t *Store) leaveServer(id string) {
	t.stay.mu.Lock()
	defer t.stay.mu.Unlock()
	if t.nc.ConnectedServerId() != id {
		return
	}
	t.o.Log.Warn("the server stores nothing: this hub goes to another one", "url", t.nc.ConnectedUrlRedacted())
	t.stay.since = time.Now()
	_ = t.nc.ForceReconnect() // it fails only when the store is closed
}

package memory

import (
	"context"
	"time"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
)

// Claim takes a name, also one that a dead store has left.
func (t *Store) Claim(ctx context.Context, name, who string) error {
	if err := t.enter(ctx); err != nil {
		return err
	}
	s := t.server
	defer s.mu.Unlock()
	r := s.room(name)
	r.sweep(s.Lease)
	if r.names[chat.NameKey(who)] != nil {
		return log.ErrTaken
	}
	s.claims++
	r.names[chat.NameKey(who)] = &claim{who, s.claims, t}
	r.tell(log.Presence{Name: who, Claim: s.claims})
	return nil
}

// sweep frees the names of stores that died longer ago than the lease.
func (r *room) sweep(lease time.Duration) {
	for key, c := range r.names {
		if !c.owner.died.IsZero() && time.Since(c.owner.died) >= lease {
			delete(r.names, key)
		}
	}
}

// Release frees a name of this store.
func (t *Store) Release(name, who string) {
	if t.enter(context.Background()) != nil {
		return
	}
	defer t.server.mu.Unlock()
	t.server.room(name).release(t, chat.NameKey(who))
}

func (r *room) release(t *Store, key string) {
	if c := r.names[key]; c != nil && c.owner == t {
		delete(r.names, key)
		r.tell(log.Presence{Name: c.name, Claim: c.number, Gone: true})
	}
}

// Members lists the names.
func (t *Store) Members(ctx context.Context, name string) (log.Members, error) {
	if err := t.enter(ctx); err != nil {
		return log.Members{}, err
	}
	s := t.server
	defer s.mu.Unlock()
	r := s.room(name)
	r.sweep(s.Lease)
	m := log.Members{Claims: map[string]uint64{}, UpTo: s.claims}
	for _, c := range r.names {
		m.Claims[c.name] = c.number
	}
	return m, nil
}

// Close gives the names back.
func (t *Store) Close() error {
	if t.enter(context.Background()) != nil {
		return nil // it was closed before
	}
	defer t.server.mu.Unlock()
	for _, r := range t.server.rooms {
		for key := range r.names {
			r.release(t, key)
		}
	}
	t.end()
	return nil
}

// Die ends the store as kill -9 does: nobody is told.
func (t *Store) Die() {
	if t.enter(context.Background()) != nil {
		return
	}
	defer t.server.mu.Unlock()
	t.died = time.Now()
	t.end()
}

func (t *Store) end() {
	t.closed = true
	for _, r := range t.server.rooms {
		for l := range r.listeners {
			if l.owner == t {
				delete(r.listeners, l)
			}
		}
	}
}

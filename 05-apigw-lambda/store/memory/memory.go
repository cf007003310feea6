// Package memory is an app.Store in this process: for tests, and for a chat
// whose functions all run in one process.
package memory

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/05-apigw-lambda/app"
)

// Store keeps everything in maps. What has expired is not there for who asks;
// now and then it is taken out of memory, too.
type Store struct {
	mu    sync.Mutex
	rooms map[string]*room
	seats map[string]map[string]app.Seat // by connection and room
	swept time.Time
}

// A room is all that is stored of one, though there may be no app.Room.
type room struct {
	app.Room
	members  map[string]app.Member
	claims   map[claimKey]app.Claim
	messages []app.Message // by cursor
}

type claimKey struct{ from, id string }

// New is an empty store.
func New() *Store {
	return &Store{rooms: make(map[string]*room), seats: make(map[string]map[string]app.Seat), swept: time.Now()}
}

var _ app.Store = (*Store)(nil)

func there(expires time.Time) bool { return time.Now().Before(expires) }

// room is called with the mutex held.
func (s *Store) room(name string) *room {
	r := s.rooms[name]
	if r == nil {
		r = &room{members: make(map[string]app.Member), claims: make(map[claimKey]app.Claim)}
		s.rooms[name] = r
	}
	return r
}

// read does something with a room that may be there.
func read[T any](s *Store, name string, do func(*room) T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	var none T
	if r := s.rooms[name]; r != nil {
		return do(r)
	}
	return none
}

func (r *room) current() app.Room {
	if !there(r.Room.Expires) {
		return app.Room{}
	}
	return r.Room
}

// Room reads a room.
func (s *Store) Room(_ context.Context, name string) (app.Room, error) {
	r := read(s, name, (*room).current)
	r.Name = name
	return r, nil
}

// PutRoom replaces a room.
func (s *Store) PutRoom(_ context.Context, r app.Room) (app.Room, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	old := s.room(r.Name)
	if old.current().Version != r.Version {
		return r, app.ErrConflict
	}
	r.Version = version()
	old.Room = r
	return r, nil
}

func version() uint64 { return rand.Uint64()>>1 + 1 }

// place is where a cursor is among the messages, or would be.
func (r *room) place(c chat.Cursor) (int, bool) {
	if n := len(r.messages); n == 0 || r.messages[n-1].Cursor.Compare(c) < 0 {
		return n, false // as most
	}
	return slices.BinarySearchFunc(r.messages, c, func(m app.Message, c chat.Cursor) int { return m.Cursor.Compare(c) })
}

// AddMessage stores a message.
func (s *Store) AddMessage(_ context.Context, m app.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.room(m.Room)
	at, taken := r.place(m.Cursor)
	if taken {
		return app.ErrConflict
	}
	r.messages = slices.Insert(r.messages, at, m)
	return nil
}

// After reads what comes after a cursor.
func (s *Store) After(_ context.Context, name string, c chat.Cursor, limit int) ([]app.Message, error) {
	return read(s, name, func(r *room) (found []app.Message) {
		at, exact := r.place(c)
		if exact {
			at++
		}
		for ; at < len(r.messages) && r.messages[at].Cursor.Epoch == c.Epoch && len(found) < limit; at++ {
			if there(r.messages[at].Expires) {
				found = append(found, r.messages[at])
			}
		}
		return found
	}), nil
}

// Before reads what comes before a cursor.
func (s *Store) Before(_ context.Context, name string, c chat.Cursor, limit int) ([]app.Message, error) {
	return read(s, name, func(r *room) (found []app.Message) {
		at, _ := r.place(c)
		for at--; at >= 0 && r.messages[at].Cursor.Epoch == c.Epoch && len(found) < limit; at-- {
			if there(r.messages[at].Expires) {
				found = append(found, r.messages[at])
			}
		}
		slices.Reverse(found)
		return found
	}), nil
}

// Claim stores a claim, or finds the one there is.
func (s *Store) Claim(_ context.Context, c app.Claim) (app.Claim, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, key := s.room(c.Room), claimKey{c.From, c.ID}
	if old, ok := r.claims[key]; ok && there(old.Expires) && old.Base.Epoch == c.Base.Epoch {
		return old, nil
	}
	r.claims[key] = c
	return c, nil
}

// Member reads a member.
func (s *Store) Member(_ context.Context, name, key string) (app.Member, error) {
	m := read(s, name, func(r *room) app.Member { return r.member(key) })
	m.Room, m.Key = name, key
	return m, nil
}

func (r *room) member(key string) app.Member {
	m := r.members[key]
	if !there(m.Expires) {
		return app.Member{}
	}
	return m
}

// Members reads all of a room.
func (s *Store) Members(_ context.Context, name string) ([]app.Member, error) {
	return read(s, name, func(r *room) []app.Member {
		found := make([]app.Member, 0, len(r.members))
		for _, m := range r.members {
			if there(m.Expires) {
				found = append(found, m)
			}
		}
		slices.SortFunc(found, func(a, b app.Member) int { return cmp.Compare(a.Key, b.Key) })
		return found
	}), nil
}

// PutMember replaces a member.
func (s *Store) PutMember(_ context.Context, m app.Member) (app.Member, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.room(m.Room)
	if r.member(m.Key).Version != m.Version {
		return m, app.ErrConflict
	}
	m.Version = version()
	r.members[m.Key] = m
	return m, nil
}

// DeleteMember deletes a member if it is still this connection.
func (s *Store) DeleteMember(_ context.Context, m app.Member) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.room(m.Room)
	if r.member(m.Key).Connection != m.Connection {
		return false, nil
	}
	delete(r.members, m.Key)
	return true, nil
}

// Seat reads a seat.
func (s *Store) Seat(_ context.Context, connection, room string) (app.Seat, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seat := s.seats[connection][room]
	if !there(seat.Expires) {
		seat = app.Seat{}
	}
	seat.Connection, seat.Room = connection, room
	return seat, nil
}

// Seats reads all of a connection.
func (s *Store) Seats(_ context.Context, connection string) (found []app.Seat, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, seat := range s.seats[connection] {
		if there(seat.Expires) {
			found = append(found, seat)
		}
	}
	slices.SortFunc(found, func(a, b app.Seat) int { return cmp.Compare(a.Room, b.Room) })
	return found, nil
}

// PutSeat stores a seat.
func (s *Store) PutSeat(_ context.Context, seat app.Seat) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seats[seat.Connection] == nil {
		s.seats[seat.Connection] = make(map[string]app.Seat)
	}
	s.seats[seat.Connection][seat.Room] = seat
	return nil
}

// DeleteSeat deletes a seat.
func (s *Store) DeleteSeat(_ context.Context, seat app.Seat) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.seats[seat.Connection], seat.Room)
	if len(s.seats[seat.Connection]) == 0 {
		delete(s.seats, seat.Connection)
	}
	return nil
}

// Rooms are the rooms that have members.
func (s *Store) Rooms(context.Context) (names []string, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, r := range s.rooms {
		for _, m := range r.members {
			if there(m.Expires) {
				names = append(names, name)
				break
			}
		}
	}
	slices.Sort(names)
	return names, nil
}

// sweep takes out what has expired. It is called with the mutex held.
func (s *Store) sweep() {
	if time.Since(s.swept) < time.Minute {
		return
	}
	s.swept = time.Now()
	for name, r := range s.rooms {
		for key, m := range r.members {
			if !there(m.Expires) {
				delete(r.members, key)
			}
		}
		for key, c := range r.claims {
			if !there(c.Expires) {
				delete(r.claims, key)
			}
		}
		r.messages = slices.DeleteFunc(r.messages, func(m app.Message) bool { return !there(m.Expires) })
		if !there(r.Room.Expires) && len(r.members)+len(r.claims)+len(r.messages) == 0 {
			delete(s.rooms, name)
		}
	}
	for connection, rooms := range s.seats {
		for room, seat := range rooms {
			if !there(seat.Expires) {
				delete(rooms, room)
			}
		}
		if len(rooms) == 0 {
			delete(s.seats, connection)
		}
	}
}

// Size is how much is in memory.
func (s *Store) Size() (rooms, messages, connections int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rooms {
		messages += len(r.messages)
	}
	return len(s.rooms), messages, len(s.seats)
}

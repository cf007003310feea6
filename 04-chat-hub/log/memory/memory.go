// Package memory is a log in one process's memory: the plain version of what
// log/nats does, and what tests run on. It forgets everything at its end.
package memory

import (
	"context"
	"slices"
	"sync"
	"time"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
)

// A Server holds what its stores share. It owns the rooms; one mutex guards
// everything, and nothing waits while it is held.
type Server struct {
	// MaxPerRoom and MaxAge bound the history; zero is no bound.
	MaxPerRoom int
	MaxAge     time.Duration
	// Lease is how long the names of a store stay taken that was not closed.
	Lease time.Duration

	mu     sync.Mutex
	epoch  uint64
	seq    uint64
	claims uint64
	rooms  map[string]*room
}

type room struct {
	messages  []*log.Message
	forgot    uint64               // the last message that was forgotten to keep MaxPerRoom
	ids       map[[2]string]uint64 // sender and id of the messages that are kept
	names     map[string]*claim    // by chat.NameKey
	listeners map[*listener]func(log.Event)
}

type listener struct{ owner *Store }

type claim struct {
	name   string
	number uint64
	owner  *Store
}

// NewServer makes an empty one.
func NewServer() *Server {
	return &Server{Lease: 10 * time.Second, epoch: uint64(time.Now().UnixNano()), rooms: map[string]*room{}}
}

// Forget loses the whole history, as a broken disk does.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch, s.seq = max(s.epoch+1, uint64(time.Now().UnixNano())), 0
	for _, r := range s.rooms {
		r.messages, r.forgot = nil, 0
		clear(r.ids)
	}
}

// Open makes a handle for one hub.
func (s *Server) Open() *Store { return &Store{server: s} }

// A Store is one hub's handle.
type Store struct {
	server *Server
	closed bool
	died   time.Time // zero while it is alive
}

var _ log.Store = (*Store)(nil)

// room is called with the mutex held, as is everything below that has no
// lock of its own.
func (s *Server) room(name string) *room {
	r := s.rooms[name]
	if r == nil {
		r = &room{ids: map[[2]string]uint64{}, names: map[string]*claim{}, listeners: map[*listener]func(log.Event){}}
		s.rooms[name] = r
	}
	s.forgetOld(r)
	return r
}

func (s *Server) forgetOld(r *room) {
	n := 0
	for _, m := range r.messages {
		aged := s.MaxAge > 0 && time.Since(m.At) > s.MaxAge
		full := s.MaxPerRoom > 0 && len(r.messages)-n > s.MaxPerRoom
		if !aged && !full {
			break
		}
		r.forgot = m.Cursor.Seq
		delete(r.ids, [2]string{m.From, m.ID})
		n++
	}
	r.messages = slices.Delete(r.messages, 0, n)
}

// enter locks the server for a store that may use it.
func (t *Store) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t.server.mu.Lock()
	if t.closed {
		t.server.mu.Unlock()
		return log.ErrClosed
	}
	return nil
}

// Append stores a post.
func (t *Store) Append(ctx context.Context, p log.Post) (log.Receipt, error) {
	if err := t.enter(ctx); err != nil {
		return log.Receipt{}, err
	}
	s := t.server
	defer s.mu.Unlock()
	r := s.room(p.Room)
	if seq, there := r.ids[[2]string{p.From, p.ID}]; there {
		at := chat.Cursor{Epoch: s.epoch, Seq: seq}
		i, _ := r.find(seq)
		if r.messages[i].Post != p {
			return log.Receipt{}, log.ErrIDReused
		}
		return log.Receipt{Cursor: at, Duplicate: true}, nil
	}
	s.seq++
	m := &log.Message{Post: p, Cursor: chat.Cursor{Epoch: s.epoch, Seq: s.seq}, At: time.Now().UTC()}
	if n := len(r.messages); n > 0 {
		m.Prev = r.messages[n-1].Cursor.Seq
	}
	r.messages = append(r.messages, m)
	r.ids[[2]string{p.From, p.ID}] = s.seq
	s.forgetOld(r)
	r.tell(m)
	return log.Receipt{Cursor: m.Cursor}, nil
}

// find is where the message is, or where it would be.
func (r *room) find(seq uint64) (int, bool) {
	return slices.BinarySearchFunc(r.messages, seq, func(m *log.Message, seq uint64) int {
		return int(int64(m.Cursor.Seq - seq))
	})
}

// After reads a page.
func (t *Store) After(ctx context.Context, name string, since chat.Cursor, limit int) (log.Page, error) {
	if err := t.enter(ctx); err != nil {
		return log.Page{}, err
	}
	s := t.server
	defer s.mu.Unlock()
	if since.Epoch != s.epoch || since.Seq > s.seq {
		return log.Page{}, log.ErrOtherEpoch
	}
	r := s.room(name)
	from, _ := r.find(since.Seq + 1)
	to := min(len(r.messages), from+limit)
	return log.Page{
		Messages: slices.Clone(r.messages[from:to]),
		More:     to < len(r.messages),
		Missed:   since.Seq < r.forgot,
	}, nil
}

// Head is the room's last message, or where the whole log is.
func (t *Store) Head(ctx context.Context, name string) (log.Head, error) {
	if err := t.enter(ctx); err != nil {
		return log.Head{}, err
	}
	s := t.server
	defer s.mu.Unlock()
	r := s.room(name)
	if n := len(r.messages); n > 0 {
		return log.Head{Cursor: r.messages[n-1].Cursor}, nil
	}
	return log.Head{Cursor: chat.Cursor{Epoch: s.epoch, Seq: s.seq}, Empty: true}, nil
}

// Live listens.
func (t *Store) Live(name string, fn func(log.Event)) (func(), error) {
	if err := t.enter(context.Background()); err != nil {
		return nil, err
	}
	s := t.server
	defer s.mu.Unlock()
	l := &listener{t}
	s.room(name).listeners[l] = fn
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.room(name).listeners, l)
	}, nil
}

func (r *room) tell(e log.Event) {
	for _, fn := range r.listeners {
		fn(e)
	}
}

// Typing tells the room.
func (t *Store) Typing(name, who string) error {
	if err := t.enter(context.Background()); err != nil {
		return err
	}
	defer t.server.mu.Unlock()
	t.server.room(name).tell(log.Typing{Name: who})
	return nil
}

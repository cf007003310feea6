package hub

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
)

// A room is there while somebody on this hub is in it.
type room struct {
	hub   *Hub
	name  string
	users int // who is in it, or is about to enter; guarded by the hub's mutex
	stop  context.CancelFunc
	ready chan struct{} // closed when it knows who is there
	once  sync.Once

	feed feed // read at any time, added to with the mutex held

	mu      sync.Mutex
	last    log.Head                // the message that was told last
	present map[string]log.Presence // by key, over all hubs
	local   map[string]*member      // by key
	shards  []shard
	changed signal // of anything above
	recount bool   // a crowd is about to be told how many it is
}

// A shard is a part of the members, with one goroutine that writes to them
// while there is something to write. There is one for each processor.
type shard struct {
	members []*member
	runs    bool
	began   time.Time // when the first frame came that it has not written
}

// crowd is how many members are too many to tell everybody of each who comes
// and goes: then the number of messages grows with its square. They are told
// how many there are.
const crowd = 500

// follow is the room's goroutine.
func (r *room) follow(ctx context.Context) {
	defer r.hub.work.Done()
	for {
		head, err := r.hub.o.Store.Head(ctx, r.name)
		if err == nil {
			r.mu.Lock()
			r.last = head
			r.mu.Unlock()
			f := log.Follower{Store: r.hub.o.Store, Room: r.name, From: head.Cursor, Do: r.do, Ready: func() { r.once.Do(func() { close(r.ready) }) }}
			err = f.Run(ctx)
		}
		if ctx.Err() != nil {
			return
		}
		r.hub.o.Log.Error("a room is not followed", "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

// do puts what happens into the feed, encoded once for all.
func (r *room) do(e log.Event) {
	switch e := e.(type) {
	case *log.Message:
		r.tell(said(e), "", func() {
			r.last = log.Head{Cursor: e.Cursor}
			r.hub.m.told(e, len(r.local))
		})
	case log.Typing:
		r.tell(chat.Types(r.name, e.Name), chat.NameKey(e.Name), nil)
	case log.Presence:
		r.presence(e)
	case log.Lost:
		r.lost()
	}
}

// tell adds a frame to the feed, and has it written to all but one.
func (r *room) tell(e chat.Event, except string, also func()) {
	frame := appendFrame(nil, websocket.TextMessage, e.Encode())
	r.mu.Lock()
	defer r.mu.Unlock()
	if also != nil {
		also()
	}
	from := r.feed.end.Load()
	if m := r.local[except]; m != nil {
		m.conn.mu.Lock()
		m.skips = append(m.skips, span{from, from + uint64(len(frame))})
		m.conn.mu.Unlock()
	}
	r.feed.add(frame)
	r.wake()
	r.changed.wake()
}

// await waits until something is so, for as long as a follower may need to
// find what was lost on its way. It is called with the mutex held.
func (r *room) await(ctx context.Context, is func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, catchUp)
	defer cancel()
	for !is() {
		changed := r.changed.next()
		r.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		r.mu.Lock()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// catchUp is how long a hub may be behind what the store knows. A follower
// looks every five seconds.
const catchUp = 10 * time.Second

// presence tells who came or went. The list of who is there changes in the
// same moment: whoever is seated gets either the one or the other.
func (r *room) presence(p log.Presence) {
	key := chat.NameKey(p.Name)
	change := func() {
		if p.Gone {
			delete(r.present, key)
		} else {
			r.present[key] = p
		}
	}
	r.mu.Lock()
	if len(r.present) > crowd {
		defer r.mu.Unlock()
		change()
		r.changed.wake()
		if !r.recount {
			r.recount = true
			time.AfterFunc(time.Second, r.tellCount)
		}
		return
	}
	r.mu.Unlock()
	if p.Gone {
		r.tell(chat.Went(r.name, p.Name), key, change)
	} else {
		r.tell(chat.Came(r.name, p.Name), key, change)
	}
}

// tellCount tells a crowd how many it is, a second after that has changed;
// and who, if it is a crowd no more.
func (r *room) tellCount() {
	r.mu.Lock()
	r.recount = false
	there := r.count(nil)
	r.mu.Unlock()
	if there.all > crowd {
		r.tell(chat.Crowd(r.name, there.all), "", nil)
		return
	}
	r.tell(there.in(chat.MembersOf(r.name, there.names)), "", nil)
}

// lost tells all members that their history has a hole or is a new one.
func (r *room) lost() {
	there := r.there()
	r.tell(there.in(chat.Rejoined(r.name, "", there.names, r.head().Cursor, false)), "", nil)
}

// wake has a pass made over every shard that has members. It is called with
// the mutex held.
func (r *room) wake() {
	now := time.Now()
	for i := range r.shards {
		s := &r.shards[i]
		if len(s.members) == 0 {
			continue
		}
		if s.began.IsZero() {
			s.began = now
		}
		if !s.runs {
			s.runs = true
			go r.pass(s)
		}
	}
}

// pass goes from member to member until the feed stands still.
func (r *room) pass(s *shard) {
	var members []*member
	r.mu.Lock()
	for {
		members = append(members[:0], s.members...)
		end, began := r.feed.end.Load(), s.began
		s.began = time.Time{}
		r.mu.Unlock()
		for i, m := range members {
			m.conn.flush(m)
			if i%32 == 31 {
				runtime.Gosched() // a pass is long, and others write too
			}
		}
		r.hub.m.passed(began)
		r.mu.Lock()
		if r.feed.end.Load() == end {
			s.runs = false
			r.mu.Unlock()
			return
		}
	}
}

// seat gives the member its place, as soon as the room has told that it came:
// then the list of who is there is right at this place of the feed. And its
// client may have come from another hub and have seen more than this one.
func (r *room) seat(ctx context.Context, m *member, since chat.Cursor) (at log.Head, there present, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	late := r.await(ctx, func() bool {
		_, there := r.present[m.key]
		return there && (since.Epoch != r.last.Cursor.Epoch || since.Seq <= r.last.Cursor.Seq)
	})
	if late != nil && ctx.Err() != nil {
		return at, there, ctx.Err()
	}
	r.local[m.key], m.claim = m, r.present[m.key].Claim
	m.place = r.feed.here()
	s := r.shard()
	s.members = append(s.members, m)
	c := m.conn
	c.mu.Lock()
	c.members = append(c.members, m)
	c.mu.Unlock()
	return r.last, r.count(m), nil
}

// shard is where the next member goes: the first ones of a room together,
// for one goroutine is enough for them.
func (r *room) shard() *shard {
	least := &r.shards[0]
	for i := range r.shards {
		s := &r.shards[i]
		if len(s.members) < 64 {
			return s
		}
		if len(s.members) < len(least.members) {
			least = s
		}
	}
	return least
}

// move gives the member a new place, at the end of the feed.
func (r *room) move(m *member) (at log.Head, there present) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m.conn.mu.Lock()
	m.place, m.skips = r.feed.here(), nil
	m.conn.mu.Unlock()
	return r.last, r.count(m)
}

// unseat takes a member out of its shard. It is called with the mutex held.
func (r *room) unseat(m *member) {
	for i := range r.shards {
		s := &r.shards[i]
		if at := slices.Index(s.members, m); at >= 0 {
			last := len(s.members) - 1
			s.members[at] = s.members[last]
			s.members[last] = nil
			s.members = s.members[:last]
			return
		}
	}
}

// leave takes a member out, and gives its name back unless another
// connection has taken it over.
func (r *room) leave(m *member) {
	r.mu.Lock()
	r.unseat(m)
	if owner := r.local[m.key]; owner == nil || owner == m {
		delete(r.local, m.key)
		r.hub.o.Store.Release(r.name, m.name) // under the mutex: see claim
	}
	r.mu.Unlock()
	r.hub.exit(r)
}

// gone waits until the room has told that the member left.
func (r *room) gone(ctx context.Context, m *member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.await(ctx, func() bool { // then it is told later
		p, there := r.present[m.key]
		return !there || p.Claim != m.claim
	})
}

func (r *room) member(name string) *member {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.local[chat.NameKey(name)]
}

func (r *room) head() log.Head {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// present is who is in a room: all names, sorted, or some of a crowd.
type present struct {
	names []string
	all   int
}

func (p present) in(e chat.Event) chat.Event {
	e.Count = p.all
	return e
}

func (r *room) there() present {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count(nil)
}

// count is called with the mutex held. Of a crowd it names some, and the
// member who asks.
func (r *room) count(asks *member) present {
	p := present{all: len(r.present)}
	mine := ""
	if asks != nil {
		mine = asks.key
		p.names = append(p.names, asks.name)
		if _, there := r.present[mine]; !there {
			p.all++
		}
	}
	for key, other := range r.present {
		if len(p.names) == crowd {
			break
		}
		if key != mine {
			p.names = append(p.names, other.Name)
		}
	}
	slices.Sort(p.names)
	return p
}

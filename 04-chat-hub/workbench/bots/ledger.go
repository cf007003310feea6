package bots

import (
	"strconv"
	"sync"
	"time"

	"websocket.example/04-chat-hub/workbench/internal/delay"
)

// A Ledger is the truth about one room: what its bots have sent, what the hub
// has acknowledged, what each of them has seen. It does no I/O.
//
// All members are in the room before the first message is sent, so every
// message is due to every one of them.
type Ledger struct {
	mu      sync.Mutex
	room    string
	size    int // bytes of a text
	members []*Member
	posts   []post
	done    int // posts that were acknowledged and that everybody has
	seen    int // how often a member saw a message for the first time
	acked   int
	refused int
	faults  Faults
	delays  delay.Histogram // from the moment a message was due to each that sees it
	acks    delay.Histogram
	recent  recent
}

// A post is a message that was to be sent. Its id is its number.
type post struct {
	from    *Member
	due     time.Time
	cursor  string // once anybody has told
	acked   bool
	refused bool // answered with an error once, and sent again: it may come late
	seen    int
}

// A Member is one bot's view of the room.
type Member struct {
	ledger *Ledger
	name   string
	last   string   // the greatest cursor it has seen
	seen   []uint64 // a bit for each post
}

// NewLedger makes one for a room whose texts have so many bytes.
func NewLedger(room string, size int) *Ledger { return &Ledger{room: room, size: size} }

// Join puts a bot into the room, at a cursor.
func (l *Ledger) Join(name, cursor string) *Member {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := &Member{ledger: l, name: name, last: cursor}
	l.members = append(l.members, m)
	return m
}

// Post notes that a member is to send a message, and returns the message.
// A member's messages are to be stored in the order of these calls.
func (m *Member) Post(due time.Time) (id, text string) {
	l := m.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	l.posts = append(l.posts, post{from: m, due: due})
	n := len(l.posts) - 1
	id = strconv.Itoa(n)
	return id, textOf(n, l.size)
}

// Ack notes that the hub has stored a message.
func (m *Member) Ack(id, cursor string, now time.Time) {
	l := m.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	n, p := l.find(id)
	if p == nil || p.from != m {
		l.faults.add(Strange, "%s: an ack for %q came to %s, who has not sent it", l.room, id, m.name)
		return
	}
	l.place(n, p, cursor, m)
	if !p.acked {
		p.acked = true
		l.acked++
		l.acks.Add(now.Sub(p.due))
		l.count(p)
	}
}

// Refuse notes that the hub has answered a message with an error.
func (m *Member) Refuse(id string) {
	l := m.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, p := l.find(id); p != nil {
		p.refused = true
		l.refused++
	}
}

// See notes that a message came to a member. What others say in the room only
// moves its cursor.
func (m *Member) See(id, from, text, cursor string, now time.Time) {
	l := m.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	late := cursor <= m.last
	m.last = max(m.last, cursor)
	n, p := l.find(id)
	if p == nil || p.from.name != from {
		return
	}
	if m.has(n) {
		l.faults.add(Doubled, "%s: %s got message %s of %s again", l.room, m.name, id, from)
		return
	}
	m.mark(n)
	if late {
		l.faults.add(Reordered, "%s: %s got message %s of %s after a later one", l.room, m.name, id, from)
	}
	if text != textOf(n, l.size) {
		l.faults.add(Altered, "%s: message %s of %s has another text at %s: %.40q", l.room, id, from, m.name, text)
	}
	l.place(n, p, cursor, m)
	p.seen++
	l.seen++
	l.delays.Add(now.Sub(p.due))
	l.count(p)
}

// Last is the greatest cursor the member has seen: its since.
func (m *Member) Last() string {
	m.ledger.mu.Lock()
	defer m.ledger.mu.Unlock()
	return m.last
}

// Skip moves it on: the hub has said that it can't give back what was before.
func (m *Member) Skip(cursor string) {
	m.ledger.mu.Lock()
	defer m.ledger.mu.Unlock()
	m.last = max(m.last, cursor)
}

// Stored says whether the member has seen its own message come back, which is
// as good as an ack, and counts as one.
func (m *Member) Stored(id string) bool {
	l := m.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	n, p := l.find(id)
	if p == nil || !m.has(n) {
		return false
	}
	if !p.acked {
		p.acked = true
		l.acked++
		l.count(p)
	}
	return true
}

func (m *Member) has(n int) bool { return n/64 < len(m.seen) && m.seen[n/64]>>(n%64)&1 == 1 }

func (m *Member) mark(n int) {
	for n/64 >= len(m.seen) {
		m.seen = append(m.seen, 0)
	}
	m.seen[n/64] |= 1 << (n % 64)
}

func (l *Ledger) find(id string) (int, *post) {
	n, err := strconv.Atoi(id)
	if err != nil || n < 0 || n >= len(l.posts) {
		return 0, nil
	}
	return n, &l.posts[n]
}

// place holds everyone to the same cursor for a message.
func (l *Ledger) place(n int, p *post, cursor string, m *Member) {
	if p.cursor == "" {
		p.cursor = cursor
	} else if p.cursor != cursor {
		l.faults.add(Doubled, "%s: message %d of %s is stored twice: at %s, and to %s at %s", l.room, n, p.from.name, p.cursor, m.name, cursor)
	}
}

func (l *Ledger) count(p *post) {
	if p.acked && p.seen == len(l.members) {
		l.done++
	}
}

// Settled says whether everything was acknowledged and everybody has it.
func (l *Ledger) Settled() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.done == len(l.posts)
}

// strange notes what makes no sense.
func (l *Ledger) strange(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults.add(Strange, l.room+": "+format, args...)
}

// Close is the last look: it adds what is lost, and what is not in its
// sender's order, to what was found before.
func (l *Ledger) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	latest := map[*Member]int{} // the last post of each sender that was stored
	for n := range l.posts {
		p := &l.posts[n]
		if p.acked && p.seen < len(l.members) {
			for _, m := range l.members {
				if !m.has(n) {
					l.faults.add(Lost, "%s: %s never got message %d of %s, which was acknowledged", l.room, m.name, n, p.from.name)
				}
			}
		}
		if p.cursor == "" || p.refused {
			continue
		}
		if before, is := latest[p.from]; is && p.cursor < l.posts[before].cursor {
			l.faults.add(Reordered, "%s: message %d of %s is stored before its message %d", l.room, n, p.from.name, before)
			continue
		}
		latest[p.from] = n
	}
}

// textOf is what a message says: its number, then as many bytes as it takes.
func textOf(n, size int) string {
	b := append(strconv.AppendInt(make([]byte, 0, max(size, 20)), int64(n), 10), ' ')
	for len(b)+len(filler) <= size {
		b = append(b, filler...)
	}
	for len(b) < size {
		b = append(b, '.')
	}
	return string(b)
}

// filler has what JSON and UTF-8 must carry through: quotes, a backslash, a
// newline, characters of two and of four bytes.
const filler = "The \"fox\" \\ a raposa\né ágil 🦊, "

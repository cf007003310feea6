package log

import (
	"context"
	"errors"
	"time"

	"websocket.example/04-chat-hub/chat"
)

// What a Store can't do, whoever asks and however often.
var (
	ErrTooOld     = errors.New("log: some messages after the cursor may no longer be kept")
	ErrOtherEpoch = errors.New("log: the cursor is of another history")
	ErrIDReused   = errors.New("log: the id belongs to another message")
	ErrTaken      = errors.New("log: the name is taken")
	ErrClosed     = errors.New("log: the store is closed")
)

// A Store is one hub's handle on what all hubs share. All methods may be
// called at the same time. Those with a context wait within it for as long
// as a cluster needs to elect a leader, and fail only with it or with one of
// the errors above.
type Store interface {
	Log
	Directory
	// Close gives back the names of this hub, ends what listens, and waits a
	// few seconds at most.
	Close() error
}

// Log is the history of the rooms, and what happens in them now.
type Log interface {
	// Append stores a post and returns only when it is safe: a message that
	// was acknowledged is never lost. The same post sent again gets the same
	// cursor. Messages of one room are in the order in which they were
	// stored; whoever wants the order of their own waits for one before
	// appending the next.
	Append(ctx context.Context, p Post) (Receipt, error)
	// After reads at most limit messages that came after the cursor, in order
	// and without a gap between them. If there may be one before the first,
	// the page says so. The newest may still be missing, for a replica may
	// lag behind. A cursor of another history is ErrOtherEpoch.
	After(ctx context.Context, room string, since chat.Cursor, limit int) (Page, error)
	// Head is a place in the room from which nothing is missed that comes later.
	Head(ctx context.Context, room string) (Head, error)
	// Live calls fn for what happens in the room from now on: Message,
	// Presence and Typing. It may lose, double or delay any of them; a
	// Follower makes up for that. One goroutine calls fn, which must not
	// block. After stop, a last call may still be under way.
	Live(room string, fn func(Event)) (stop func(), err error)
	// Typing tells all who listen that somebody types. It is never stored.
	Typing(room, name string) error
}

// Directory is who is where. A name is in a room at most once, over all hubs
// (by chat.NameKey). A hub that dies leaves its names; they are free when its
// lease has run out.
type Directory interface {
	// Claim puts a name into a room, or fails with ErrTaken.
	Claim(ctx context.Context, room, name string) error
	// Release takes a name of this hub out of the room. Everybody is told at
	// once; the name may stay taken while the directory can't be reached.
	Release(room, name string)
	// Members are the names in the room.
	Members(ctx context.Context, room string) (Members, error)
}

// A Post is a message before it is stored.
type Post struct {
	Room string
	From string // the sender's name
	ID   string // the sender's choice, unique among its messages in the room
	Text string
}

// A Receipt says where a post is stored.
type Receipt struct {
	Cursor    chat.Cursor
	Duplicate bool // it was already there
}

// A Page is a part of a room's history.
type Page struct {
	Messages []*Message
	More     bool // there are more after the last one
	Missed   bool // some between the cursor and the first one may no longer be kept
}

// A Head is the end of a room's history.
type Head struct {
	Cursor chat.Cursor
	Empty  bool // no message is at the cursor, such as when the room has none
}

// Members are the names in a room, each with the number of its claim.
type Members struct {
	Claims map[string]uint64
	UpTo   uint64 // claims after this one may be missing
}

// An Event is what happens in a room: *Message, Presence, Typing, and from a
// Follower also Lost.
type Event interface{ event() }

// A Message is a post that is stored. It is shared: nobody changes it.
type Message struct {
	Post
	Cursor chat.Cursor
	At     time.Time // when it was stored
	// Prev is the number of the room's message before this one, zero if
	// there is none. It is known of live messages only: there it makes a
	// gap visible.
	Prev uint64
}

// Presence is somebody who comes or goes.
type Presence struct {
	Name  string
	Claim uint64 // numbers the claims of all names: the greater is the later
	Gone  bool   // this very claim has ended
}

// Typing is somebody who types.
type Typing struct{ Name string }

// Lost says that messages were missed that nobody can give back.
type Lost struct {
	Reason error // ErrTooOld or ErrOtherEpoch
}

func (*Message) event() {}
func (Presence) event() {}
func (Typing) event()   {}
func (Lost) event()     {}

package app

import (
	"context"
	"errors"
	"time"

	"websocket.example/04-chat-hub/chat"
)

// ErrConflict says that somebody else was first: read again.
var ErrConflict = errors.New("store: somebody else wrote it first")

// A Store is what the functions share. Each method is one read or one
// conditional write of one item, for that is all that every database can do:
// no transaction, no lock. Reads see every write that has returned (Rooms is
// the exception). What is past its Expires is not there any more.
//
// A Room and a Member have a Version: zero for one that is not stored, else a
// number that no other ever had. To put one is to replace what has this very
// version, or ErrConflict; what is returned has the new one.
type Store interface {
	// Room is zero, with its name, if there is none.
	Room(ctx context.Context, name string) (Room, error)
	PutRoom(ctx context.Context, r Room) (Room, error)

	// AddMessage is ErrConflict if the room has a message with this cursor.
	AddMessage(ctx context.Context, m Message) error
	// After and Before are at most limit messages of a cursor's epoch: the
	// first ones after it or the last ones before it, oldest first.
	After(ctx context.Context, room string, c chat.Cursor, limit int) ([]Message, error)
	Before(ctx context.Context, room string, c chat.Cursor, limit int) ([]Message, error)
	// Claim stores a claim unless there is one with its room, sender and id
	// in the same epoch, and returns the one that is stored then.
	Claim(ctx context.Context, c Claim) (Claim, error)

	// Member is zero, with its room and key, if there is none.
	Member(ctx context.Context, room, key string) (Member, error)
	Members(ctx context.Context, room string) ([]Member, error)
	PutMember(ctx context.Context, m Member) (Member, error)
	// DeleteMember deletes the member if it is still this connection, and
	// says whether it was.
	DeleteMember(ctx context.Context, m Member) (bool, error)

	// Seat is zero, with its connection and room, if there is none.
	Seat(ctx context.Context, connection, room string) (Seat, error)
	Seats(ctx context.Context, connection string) ([]Seat, error)
	PutSeat(ctx context.Context, s Seat) error
	DeleteSeat(ctx context.Context, s Seat) error

	// Rooms are the rooms that have members. It may be a little behind.
	Rooms(ctx context.Context) ([]string, error)
}

// A Room is where its messages have got to.
type Room struct {
	Name      string
	Epoch     uint64    // when its history began, see chat.Cursor
	Head      uint64    // a message with this number is stored, perhaps later ones
	Delivered uint64    // its members have been told up to here, or are marked
	Holder    string    // whose turn it is to deliver; nobody's if empty
	Until     time.Time // when the turn is up, in milliseconds
	Expires   time.Time // in seconds, as all of them
	Version   uint64
}

func (r Room) at(seq uint64) chat.Cursor { return chat.Cursor{Epoch: r.Epoch, Seq: seq} }

// known moves the head to a message that is stored.
func (r *Room) known(newest []Message) {
	for _, m := range newest {
		r.Head = max(r.Head, m.Cursor.Seq)
	}
}

// A Message is one that is stored. It never changes.
type Message struct {
	Room    string
	Cursor  chat.Cursor
	ID      string
	From    string
	Text    string
	At      time.Time // in milliseconds
	Expires time.Time
}

func (m Message) event() chat.Event {
	return chat.Said(m.Room, m.Cursor, m.ID, m.From, m.Text, m.At)
}

// A Claim is made before a message is stored: wherever in the room it may
// come to stand, it is after Base.
type Claim struct {
	Room    string
	From    string // chat.NameKey of the sender
	ID      string
	Base    chat.Cursor
	Digest  string // of the text
	Expires time.Time
}

// A Member is a name in a room.
type Member struct {
	Room       string
	Key        string // chat.NameKey of its name: two can't be in a room
	Name       string
	Connection string
	Secret     string    // a digest of its key, see chat.Request; perhaps empty
	Asked      time.Time // when the join came, in milliseconds
	Expires    time.Time
	Version    uint64

	// A member that has been told less than Room.Delivered says is marked: it
	// has been told all before Next, which else is zero. The mark stays until
	// it has been told Last, and what it joined for.
	Next    uint64
	Last    uint64
	Joining string // if set: a function that answers its join, and has not finished
}

// A Seat is a connection in a room: the same as its Member, found by the
// other end.
type Seat struct {
	Connection string
	Room       string
	Name       string
	Secret     string
	Asked      time.Time   // when the join came, in milliseconds
	Lost       chat.Cursor // if set: the connection seemed gone and is no member; it was told up to here
	Expires    time.Time
}

func (s Seat) none() bool   { return s.Name == "" }
func (m Member) none() bool { return m.Name == "" }

package chat

import (
	"bytes"
	"encoding/json"
	"time"
)

// A Type is what a server tells.
type Type string

// All there are.
const (
	TypeJoined   Type = "joined"
	TypeLeft     Type = "left"
	TypeMessage  Type = "message"
	TypeAck      Type = "ack"
	TypeTyping   Type = "typing"
	TypeHistory  Type = "history"
	TypeMembers  Type = "members"
	TypePresence Type = "presence"
	TypePong     Type = "pong"
	TypeError    Type = "error"
)

// The states of a presence.
const (
	StateJoined = "joined"
	StateLeft   = "left"
)

// An Event is a server's message. Make one with the functions below: they
// know which fields belong to which type.
type Event struct {
	Type      Type     `json:"type"`
	Room      string   `json:"room,omitzero"`
	Cursor    Cursor   `json:"cursor,omitzero"`
	ID        string   `json:"id,omitzero"`
	From      string   `json:"from,omitzero"`
	Name      string   `json:"name,omitzero"`
	State     string   `json:"state,omitzero"`
	Text      string   `json:"text,omitzero"`
	At        Time     `json:"at,omitzero"`
	Members   []string `json:"members,omitzero"`
	Count     int      `json:"count,omitzero"`     // of members, of whom a long list names only the first
	Recovered *bool    `json:"recovered,omitzero"` // after a since: whether all that was missed follows
	Messages  []Event  `json:"messages,omitzero"`  // of a history, oldest first
	More      bool     `json:"more,omitzero"`      // there are older ones
	Code      Code     `json:"code,omitzero"`
	Message   string   `json:"message,omitzero"` // of an error, for people
}

// Joined answers a join. The name is the one the room knows its owner by, the
// cursor where the room was when they came.
func Joined(room, name string, members []string, at Cursor) Event {
	return Event{Type: TypeJoined, Room: room, Name: name, Members: fitting(members), Count: len(members), Cursor: at}
}

// Rejoined answers a join with a since. If all was recovered, every message
// after it follows; if not, some of them are lost to this client.
func Rejoined(room, name string, members []string, at Cursor, recovered bool) Event {
	e := Joined(room, name, members, at)
	e.Recovered = &recovered
	return e
}

// Left answers a leave.
func Left(room string) Event { return Event{Type: TypeLeft, Room: room} }

// Said is a message of a room, to all in it, the sender included.
func Said(room string, at Cursor, id, from, text string, when time.Time) Event {
	return Event{Type: TypeMessage, Room: room, Cursor: at, ID: id, From: from, Text: text, At: Time(when)}
}

// Ack tells the sender that the message with this id is stored.
func Ack(room, id string, at Cursor) Event {
	return Event{Type: TypeAck, Room: room, ID: id, Cursor: at}
}

// Types tells the others that somebody is typing.
func Types(room, name string) Event { return Event{Type: TypeTyping, Room: room, Name: name} }

// MembersOf answers a who.
func MembersOf(room string, members []string) Event {
	return Event{Type: TypeMembers, Room: room, Members: fitting(members), Count: len(members)}
}

// Crowd tells of a room with too many members to name them how many they are.
func Crowd(room string, count int) Event {
	return Event{Type: TypeMembers, Room: room, Members: []string{}, Count: count}
}

// Came and Went are the two presences.
func Came(room, name string) Event {
	return Event{Type: TypePresence, Room: room, Name: name, State: StateJoined}
}

// Went tells that a member is no longer there.
func Went(room, name string) Event {
	return Event{Type: TypePresence, Room: room, Name: name, State: StateLeft}
}

// Earlier answers a history: messages as Said makes them, oldest first, as
// many of the newest as fit into one message.
func Earlier(room string, messages []Event, more bool) Event {
	const space = MaxMessage - 1024 // for the other fields
	size, first := 0, len(messages)
	for ; first > 0; first-- {
		if size += len(messages[first-1].Encode()) + len(","); size > space {
			break
		}
	}
	e := Event{Type: TypeHistory, Room: room, Messages: messages[first:], More: more || first > 0}
	if e.Messages == nil {
		e.Messages = []Event{}
	}
	return e
}

// Pong answers a ping.
func Pong() Event { return Event{Type: TypePong} }

// Failed answers a request that went wrong.
func Failed(err *Error) Event {
	return Event{Type: TypeError, Code: err.Code, Message: err.Message, ID: err.ID}
}

// Encode is the event in JSON, without a newline, at most MaxMessage bytes
// long if its strings are within their limits.
func (e Event) Encode() []byte {
	var b bytes.Buffer
	j := json.NewEncoder(&b)
	j.SetEscapeHTML(false) // for pages that paste JSON into a script; six bytes for a < otherwise
	if err := j.Encode(e); err != nil {
		panic(err) // an Event has nothing in it that JSON can't say
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// fitting is as much of a list of names as a message has room for, at the
// most two bytes in JSON for one in a name.
func fitting(names []string) []string {
	const room = MaxMessage - 1024 // for the other fields
	size := 0
	for i, name := range names {
		if size += len(name)*2 + len(`"",`); size > room {
			return names[:i]
		}
	}
	if names == nil {
		return []string{} // [] in JSON, not a field that is absent
	}
	return names
}

// A Time is RFC 3339 in UTC with milliseconds.
type Time time.Time

const timeFormat = "2006-01-02T15:04:05.000Z"

// IsZero says whether there is none.
func (t Time) IsZero() bool { return time.Time(t).IsZero() }

// MarshalText cuts what is finer than a millisecond.
func (t Time) MarshalText() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(nil, timeFormat), nil
}

// UnmarshalText takes any RFC 3339.
func (t *Time) UnmarshalText(b []byte) error {
	v, err := time.Parse(time.RFC3339, string(b))
	*t = Time(v.UTC())
	return err
}

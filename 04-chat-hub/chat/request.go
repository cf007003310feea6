package chat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// An Action is what a client wants. On API Gateway it is the route key.
type Action string

// All there are.
const (
	Join    Action = "join"    // Room, Name, perhaps Since and Key
	Leave   Action = "leave"   // Room
	Send    Action = "send"    // Room, Text, ID
	Typing  Action = "typing"  // Room
	Who     Action = "who"     // Room
	History Action = "history" // Room, perhaps Before
	Ping    Action = "ping"    // nothing
)

// A Request is a client's message. Only the fields of its action are set.
type Request struct {
	Action Action
	Room   string
	Name   string // in its normal form
	Text   string
	ID     string // chosen by the client; sending it again never doubles the message
	Since  Cursor // the last message a client has seen; zero for a newcomer
	Before Cursor // the oldest message a client has; zero for one that has none
	Key    string // a secret: whoever joins with it again takes the place of the first
}

// Decode reads a client's message and checks every field of its action, so
// that what it returns may be used as it is. Its errors are all *Error.
func Decode(data []byte) (Request, error) {
	if len(data) > MaxMessage {
		return Request{}, &Error{TooLarge, fmt.Sprintf("a message has at most %d bytes", MaxMessage), ""}
	}
	if !utf8.Valid(data) { // encoding/json would put U+FFFD in its place
		return Request{}, &Error{BadJSON, "the message is not UTF-8", ""}
	}
	// A map, not a struct: to encoding/json the key "Action" fits the field
	// "action" too, to API Gateway it does not.
	var f fields
	if data = bytes.TrimSpace(data); len(data) == 0 || data[0] != '{' || json.Unmarshal(data, &f) != nil {
		return Request{}, &Error{BadJSON, `a message is one JSON object, such as {"action":"ping"}`, ""}
	}
	r, err := f.request()
	if err != nil {
		if r.ID == "" {
			// A send that fails for another field tells its id all the same.
			r.ID, _ = field(f, "id", checkID)
		}
		err.ID = r.ID
		return Request{}, err
	}
	return r, nil
}

type fields map[string]json.RawMessage

func (f fields) request() (r Request, err *Error) {
	action, err := field(f, "action", func(s string) (string, *Error) { return s, nil })
	if err != nil {
		return r, err
	}
	r.Action = Action(action)
	switch r.Action {
	case Ping:
		return r, nil
	case Join, Leave, Send, Typing, Who, History:
	default:
		return r, &Error{UnknownAction, fmt.Sprintf("no action %.40q: say join, leave, send, typing, who, history or ping", action), ""}
	}
	if r.Room, err = field(f, "room", checkRoom); err != nil {
		return r, err
	}
	switch r.Action {
	case Join:
		if r.Name, err = field(f, "name", Name); err != nil {
			return r, err
		}
		if r.Since, err = optional(f, "since", checkCursor("since")); err != nil {
			return r, err
		}
		r.Key, err = optional(f, "key", checkKey)
	case History:
		r.Before, err = optional(f, "before", checkCursor("before"))
	case Send:
		if r.ID, err = field(f, "id", checkID); err != nil {
			return r, err
		}
		r.Text, err = field(f, "text", checkText)
	}
	return r, err
}

// field is one string of a message, after its check.
func field[T any](f fields, name string, check func(string) (T, *Error)) (v T, err *Error) {
	raw, there := f[name]
	if !there {
		return v, &Error{BadRequest, "the field " + name + " is missing", ""}
	}
	var s *string
	if json.Unmarshal(raw, &s) != nil || s == nil {
		return v, &Error{BadRequest, "the field " + name + " must be a string", ""}
	}
	return check(*s)
}

// optional is a field that may be absent, or null.
func optional[T any](f fields, name string, check func(string) (T, *Error)) (v T, err *Error) {
	if raw, there := f[name]; !there || string(raw) == "null" {
		return v, nil
	}
	return field(f, name, check)
}

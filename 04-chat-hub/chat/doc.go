// Package chat is what the chat's two sides say to each other: a client's
// requests, a server's events and the cursor, each as a Go value and as JSON.
// It does no I/O and keeps no state.
//
// Every message is one JSON object in UTF-8, at most [MaxMessage] bytes. A
// client names what it wants in "action", a server what it tells in "type".
// Fields that nobody knows are ignored, so that both sides can grow; an
// action that nobody knows is answered with an error.
//
// What people write is either kept exactly as they wrote it or refused. A
// server that mends a text shows the others something else than what its
// author sees, and a resend would no longer be the same message. Only a name
// is brought to a normal form, because two names that look the same must be
// the same; the server tells its owner in [Joined].
package chat

// The limits of what people choose, in bytes of UTF-8. [MaxText] leaves room
// for a text in which JSON escapes every character.
const (
	MaxMessage = 32 << 10
	MaxRoom    = 64
	MaxName    = 64
	MaxID      = 64
	MaxText    = 8 << 10
)

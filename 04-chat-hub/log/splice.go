package log

import "websocket.example/04-chat-hub/chat"

// A splice is the seam between what was read and what comes live. It knows
// the last message that was passed on, and judges the next one by its number
// and by the number of the one before it in the room.
type splice struct{ last chat.Cursor }

type verdict int

const (
	next      verdict = iota // pass it on
	double                   // it was passed on already
	gap                      // something between was missed: read it
	elsewhere                // another history
)

// snippet: splice

// judge changes nothing: the caller notes what it passes on.
func (s splice) judge(m *Message) verdict {
	switch {
	case m.Cursor.Epoch != s.last.Epoch:
		return elsewhere
	case m.Cursor.Seq <= s.last.Seq:
		return double
	case m.Prev > s.last.Seq:
		return gap
	}
	// The room's message before m is the last one. Or it is older:
	// then the last one is gone by age, or was never a message.
	return next
}

// end snippet: splice

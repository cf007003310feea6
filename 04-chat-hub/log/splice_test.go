package log

import (
	"testing"

	"websocket.example/04-chat-hub/chat"
)

func TestSplice(t *testing.T) {
	s := splice{chat.Cursor{Epoch: 7, Seq: 10}}
	for _, row := range []struct {
		name             string
		epoch, seq, prev uint64
		want             verdict
	}{
		{"the next of the room", 7, 11, 10, next},
		{"others in between", 7, 25, 10, next},
		{"the same again", 7, 10, 4, double},
		{"an older one", 7, 9, 4, double},
		{"one was missed", 7, 25, 20, gap},
		{"the room's first", 7, 25, 0, next},
		{"the last place was not a message's", 7, 25, 4, next},
		{"nobody knows the one before", 7, 25, 24, gap},
		{"a new history", 8, 1, 0, elsewhere},
		{"an old one", 6, 11, 10, elsewhere},
	} {
		m := &Message{Cursor: chat.Cursor{Epoch: row.epoch, Seq: row.seq}, Prev: row.prev}
		if got := s.judge(m); got != row.want {
			t.Errorf("%s: got %d, want %d", row.name, got, row.want)
		}
	}
}

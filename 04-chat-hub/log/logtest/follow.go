package logtest

import (
	"fmt"
	"sync"
	"testing"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
)

// follow: whoever begins to listen in the middle of it all gets the rest.
func follow(t *testing.T, a, b log.Store) {
	var senders sync.WaitGroup
	start := head(t, a, "follow").Cursor
	followers := []*Following{Follow(t, a, "follow", start), Follow(t, b, "follow", start)}
	acked := make([][]chat.Cursor, 4)
	for i := range acked {
		senders.Go(func() {
			for n := range MaxPerRoom / len(acked) {
				acked[i] = append(acked[i], Append(t, []log.Store{a, b}[i%2], "follow", fmt.Sprint("sender ", i), n).Cursor)
			}
		})
	}
	for range 4 {
		followers = append(followers, Follow(t, b, "follow", start))
	}
	senders.Wait()
	for _, f := range followers {
		Eventually(t, func() error { return Exactly(f, acked) })
	}
}

// Exactly says whether a follower has had what was acknowledged, by sender:
// everything, once, in the order of the cursors and in that of each sender.
func Exactly(f *Following, acked [][]chat.Cursor) error {
	got, lost := f.Messages()
	if len(lost) > 0 {
		return fmt.Errorf("the follower says that it has lost some: %v", lost)
	}
	at := map[chat.Cursor]int{}
	for i, m := range got {
		if i > 0 && got[i-1].Cursor.Compare(m.Cursor) >= 0 {
			return fmt.Errorf("%v comes after %v", m.Cursor, got[i-1].Cursor)
		}
		at[m.Cursor] = i
	}
	total := 0
	for sender, cursors := range acked {
		for n, c := range cursors {
			i, there := at[c]
			if !there {
				return fmt.Errorf("message %d of sender %d is missing (%d came)", n, sender, len(got))
			}
			if got[i].Post != Post(got[i].Room, fmt.Sprint("sender ", sender), n) {
				return fmt.Errorf("message %d of sender %d is %+v", n, sender, got[i].Post)
			}
			if n > 0 && cursors[n-1].Compare(c) >= 0 {
				return fmt.Errorf("sender %d: message %d was stored before the one before it", sender, n)
			}
		}
		total += len(cursors)
	}
	if total != len(got) {
		return fmt.Errorf("%d messages came, %d were acknowledged", len(got), total)
	}
	return nil
}

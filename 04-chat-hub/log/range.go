package log

import (
	"context"
	"slices"
	"time"

	"websocket.example/04-chat-hub/chat"
)

// Between reads what came after since, up to and with the message at upTo,
// and calls fn for each, in order: what a member has missed who comes back
// into a room that is followed up to there. It fails with ErrTooOld or
// ErrOtherEpoch, usually before it has called fn; in between only if the
// room forgets faster than it is read.
func Between(ctx context.Context, l Log, room string, since chat.Cursor, upTo Head, fn func(*Message)) error {
	reached, err := between(ctx, l, room, since, upTo, func(p Page) error {
		if p.Missed {
			return ErrTooOld
		}
		for _, m := range p.Messages {
			fn(m)
		}
		return nil
	})
	if err == nil && !reached {
		return ErrTooOld
	}
	return err
}

// Latest reads the last n messages up to and with the one at upTo, oldest
// first: what a newcomer sees, and what a page loads when it is scrolled back.
//
// A log is read forwards only. So it goes back by a guess, and four times as
// far if there were too few: cheap in a busy room, a few reads in a quiet one.
func Latest(ctx context.Context, l Log, room string, upTo Head, n int) ([]*Message, error) {
	for back := uint64(n); ; back *= 4 {
		since := chat.Cursor{Epoch: upTo.Cursor.Epoch}
		if back < upTo.Cursor.Seq {
			since.Seq = upTo.Cursor.Seq - back
		}
		var last []*Message
		_, err := between(ctx, l, room, since, upTo, func(p Page) error {
			last = append(last, p.Messages...)
			last = last[max(0, len(last)-n):]
			return nil
		})
		if err != nil || len(last) == n || since.Seq == 0 {
			return last, err
		}
	}
}

// lag is how long a replica may be behind. Then a message that does not come
// is taken to be no longer kept.
const lag = 10 * time.Second

// between reads pages until it has the message at upTo, if there is one, and
// says whether it had it.
func between(ctx context.Context, l Log, room string, since chat.Cursor, upTo Head, fn func(Page) error) (bool, error) {
	var wait backoff
	waited := time.Now()
	for since.Seq < upTo.Cursor.Seq {
		page, err := l.After(ctx, room, since, pageSize)
		if err != nil {
			return false, err
		}
		if n := len(page.Messages); n > 0 {
			since = page.Messages[n-1].Cursor
			wait, waited = backoff{}, time.Now()
		}
		page.Messages = slices.DeleteFunc(page.Messages, func(m *Message) bool { return m.Cursor.Seq > upTo.Cursor.Seq })
		if err := fn(page); err != nil {
			return false, err
		}
		if page.More || since.Seq >= upTo.Cursor.Seq {
			continue
		}
		if upTo.Empty || time.Since(waited) > lag {
			return upTo.Empty, nil
		}
		if err := wait.sleep(ctx); err != nil {
			return false, err
		}
	}
	return true, nil
}

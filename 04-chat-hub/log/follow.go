package log

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"websocket.example/04-chat-hub/chat"
)

// A Follower tells what happens in one room: every message after a cursor,
// once and in order, whatever the live messages do on their way; who comes
// and who goes; who types.
//
// It listens first, reads the history next, and joins the two by number.
// From then on a live message whose predecessor is the last one is passed
// on, a double is dropped, and a gap is read from the history. What nobody
// announces, because the live message of the room's end was lost, is found
// by a check every few seconds.
type Follower struct {
	Store Store
	Room  string
	From  chat.Cursor // such as the room's Head
	// Do is called from Run's goroutine, one event after the other. While it
	// blocks, up to Buffer events wait; what comes on top is read later.
	Do     func(Event)
	Check  time.Duration // 5 s if zero
	Buffer int           // 256 if zero

	splice splice
	roster roster
}

const pageSize = 256

// Run returns when the context is done, or when the store is closed.
func (f *Follower) Run(ctx context.Context) error {
	f.splice, f.roster = splice{f.From}, roster{}
	in := make(chan Event, defaultTo(f.Buffer, 256))
	var dropped atomic.Bool
	stop, err := f.Store.Live(f.Room, func(e Event) {
		select {
		case in <- e:
		default:
			dropped.Store(true)
		}
	})
	if err != nil {
		return err
	}
	defer stop()
	check := time.NewTicker(defaultTo(f.Check, 5*time.Second))
	defer check.Stop()

	err = errors.Join(f.catchUp(ctx, chat.Cursor{}), f.readMembers(ctx))
	for err == nil {
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case e := <-in:
			err = f.hear(ctx, e)
		case <-check.C:
			err = errors.Join(f.checkHead(ctx), f.readMembers(ctx))
		}
		if err == nil && dropped.Swap(false) {
			err = errors.Join(f.catchUp(ctx, chat.Cursor{}), f.readMembers(ctx))
		}
	}
	return err
}

func (f *Follower) hear(ctx context.Context, e Event) error {
	switch e := e.(type) {
	case *Message:
		switch f.splice.judge(e) {
		case next:
			f.pass(e)
		case gap:
			return f.catchUp(ctx, e.Cursor)
		case elsewhere:
			return f.moveTo(ctx, e.Cursor.Epoch)
		}
	case Presence:
		f.tell(f.roster.hear(e))
	default:
		f.Do(e)
	}
	return nil
}

func (f *Follower) pass(m *Message) {
	f.splice.last = m.Cursor
	f.Do(m)
}

func (f *Follower) tell(news []Presence) {
	for _, p := range news {
		f.Do(p)
	}
}

// catchUp reads on from the last message, at least up to the one at target.
func (f *Follower) catchUp(ctx context.Context, target chat.Cursor) error {
	for wait := (backoff{}); ; {
		page, err := f.Store.After(ctx, f.Room, f.splice.last, pageSize)
		switch {
		case final(ctx, err):
			return err
		case errors.Is(err, ErrOtherEpoch):
			if head, err := f.Store.Head(ctx, f.Room); err == nil {
				return f.moveTo(ctx, head.Cursor.Epoch)
			}
		case err == nil:
			if page.Missed && len(page.Messages) > 0 {
				f.Do(Lost{ErrTooOld})
			}
			for _, m := range page.Messages {
				f.pass(m)
			}
			if page.More {
				continue
			}
			if f.splice.last.Compare(target) >= 0 {
				return nil
			}
			// The replica that answered does not have it yet.
		}
		if err := wait.sleep(ctx); err != nil {
			return err
		}
	}
}

// checkHead finds what was stored and never announced.
func (f *Follower) checkHead(ctx context.Context) error {
	ctx1, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	head, err := f.Store.Head(ctx1, f.Room)
	switch {
	case final(ctx, err):
		return err
	case err != nil:
		return nil // the next check is soon
	case head.Cursor.Epoch != f.splice.last.Epoch:
		return f.moveTo(ctx, head.Cursor.Epoch)
	case head.Cursor.Seq < f.splice.last.Seq:
		// A replica that lags, or a history that went back: After knows.
		return f.catchUp(ctx, chat.Cursor{})
	case head.Cursor.Seq > f.splice.last.Seq && !head.Empty:
		return f.catchUp(ctx, head.Cursor)
	}
	return nil
}

// moveTo goes on in a new history, from its beginning.
func (f *Follower) moveTo(ctx context.Context, epoch uint64) error {
	f.splice.last = chat.Cursor{Epoch: epoch}
	f.Do(Lost{ErrOtherEpoch})
	return f.catchUp(ctx, chat.Cursor{})
}

func (f *Follower) readMembers(ctx context.Context) error {
	ctx1, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	m, err := f.Store.Members(ctx1, f.Room)
	if final(ctx, err) {
		return err
	}
	if err == nil {
		f.tell(f.roster.read(m))
	}
	return nil // the next check is soon
}

// final says whether there is no use in trying again.
func final(ctx context.Context, err error) bool {
	return errors.Is(err, ErrClosed) || err != nil && ctx.Err() != nil
}

// A backoff waits from 10 ms to half a second, doubling.
type backoff struct{ d time.Duration }

func (b *backoff) sleep(ctx context.Context) error {
	b.d = min(max(10*time.Millisecond, 2*b.d), 500*time.Millisecond)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(b.d):
		return nil
	}
}

func defaultTo[T comparable](v, d T) T {
	var zero T
	if v == zero {
		return d
	}
	return v
}

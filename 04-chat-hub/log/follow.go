package log

import (
	"context"
	"errors"
	"sync"
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
	Do func(Event)
	// Ready is called once in a Run, from its goroutine as well, when all
	// that was there at first is told: the messages after From, and who is
	// in the room. It may be nil.
	Ready  func()
	Check  time.Duration // 5 s if zero
	Buffer int           // 256 if zero

	splice  splice
	roster  roster
	listed  bool   // there was a first list of members
	stirred bool   // somebody came or went since then, or it may be
	checks  int    // since then
	upTo    uint64 // the UpTo of the last one
}

// calm is how many checks a list of members is good for if nobody comes or
// goes. It is long, and only tells who was on a hub that died.
const calm = 6

const pageSize = 256

// Run returns when the context is done, or when the store is closed.
func (f *Follower) Run(ctx context.Context) error {
	f.splice, f.roster, f.listed, f.upTo = splice{f.From}, roster{}, false, 0
	in := make(chan Event, defaultTo(f.Buffer, 256))
	var dropped atomic.Bool
	stop, err := f.listen(ctx, func(e Event) {
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

	// It looks in another goroutine: who types is heard also while the
	// history can't be read.
	var looking sync.WaitGroup
	defer looking.Wait()
	ctx1, cancel := context.WithCancel(ctx)
	defer cancel()
	looks := make(chan look)
	check := time.NewTimer(0)
	defer check.Stop()

	for err = f.catchUp(ctx, chat.Cursor{}); err == nil; {
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case e := <-in:
			err = f.hear(ctx, e)
		case <-check.C:
			l := look{last: f.splice.last, members: f.wantsMembers()}
			looking.Go(func() { f.look(ctx1, l, looks) })
		case l := <-looks:
			err = f.see(ctx, l)
			check.Reset(f.untilCheck())
		}
		if err == nil && dropped.Swap(false) {
			err = f.catchUp(ctx, chat.Cursor{})
			f.stirred = true
			check.Reset(0)
		}
	}
	return err
}

func (f *Follower) listen(ctx context.Context, fn func(Event)) (stop func(), err error) {
	for wait := (backoff{}); ; {
		stop, err := f.Store.Live(f.Room, fn)
		if err == nil || final(ctx, err) {
			return stop, err
		}
		if err := wait.sleep(ctx); err != nil {
			return nil, err
		}
	}
}

// untilCheck is short until there is a list of members, for which somebody
// may wait.
func (f *Follower) untilCheck() time.Duration {
	if !f.listed {
		return 100 * time.Millisecond
	}
	return defaultTo(f.Check, 5*time.Second)
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
		f.stirred = true
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

// A look is what a check finds.
type look struct {
	last    chat.Cursor // the last message when it began
	members bool        // it asks for the members too
	head    Head
	headErr error
	list    Members
	listErr error
}

// wantsMembers says whether the next check asks for the list.
func (f *Follower) wantsMembers() bool {
	f.checks++
	if f.listed && !f.stirred && f.checks < calm {
		return false
	}
	f.checks, f.stirred = 0, false
	return true
}

func (f *Follower) look(ctx context.Context, l look, looks chan<- look) {
	within := func(ask func(context.Context)) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		ask(ctx)
	}
	if l.members {
		within(func(ctx context.Context) { l.list, l.listErr = f.Store.Members(ctx, f.Room) })
	}
	within(func(ctx context.Context) { l.head, l.headErr = f.Store.Head(ctx, f.Room) })
	if l.headErr == nil && l.head.Cursor.Epoch == l.last.Epoch && l.head.Cursor.Seq < l.last.Seq {
		// A replica that lags, or a history that went back: After knows. It may
		// wait for a leader, and meanwhile people type.
		_, l.headErr = f.Store.After(ctx, f.Room, l.last, 1)
	}
	select {
	case looks <- l:
	case <-ctx.Done():
	}
}

// see takes in what a look has found. What failed is soon tried again.
func (f *Follower) see(ctx context.Context, l look) error {
	for _, err := range []error{l.listErr, l.headErr} {
		if final(ctx, err) {
			return err
		}
	}
	switch {
	case l.listErr != nil:
		f.stirred = true // it does not know
	case l.members:
		f.seeMembers(l.list)
	}
	switch {
	case l.headErr == nil:
		return f.seeHead(ctx, l.head, l.last)
	case errors.Is(l.headErr, ErrOtherEpoch) && l.last.Epoch == f.splice.last.Epoch:
		return f.catchUp(ctx, chat.Cursor{}) // it is told the same, and moves
	}
	return nil
}

func (f *Follower) seeMembers(m Members) {
	if m.UpTo >= f.upTo { // or it is older than the one before
		f.upTo = m.UpTo
		f.tell(f.roster.read(m))
	}
	if first := !f.listed; first && f.Ready != nil {
		f.Ready()
	}
	f.listed = true
}

// seeHead finds what was stored and never announced.
func (f *Follower) seeHead(ctx context.Context, head Head, last chat.Cursor) error {
	switch {
	case last.Epoch != f.splice.last.Epoch:
		return nil // it looked at a history that was lost meanwhile
	case head.Cursor.Epoch != last.Epoch:
		return f.moveTo(ctx, head.Cursor.Epoch)
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

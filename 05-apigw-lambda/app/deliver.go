package app

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"websocket.example/04-chat-hub/chat"
)

// page is how many messages are read at once.
const page = 100

// A turn is a function's right to deliver a room's messages. It saves posts:
// without it two functions would tell everybody the same. That nothing is
// lost does not depend on it, for each function that has, or had, a turn
// posts without gaps, from where everybody is known to be.
type turn struct {
	app  *App
	id   string
	room Room
	met  bool // somebody else at work
}

// deliver has a message told that is stored, by this function or by the one
// whose turn it is. Not before one of them is bound to tell it, acknowledge is
// called.
func (a *App) deliver(ctx context.Context, r Room, m Message, acknowledge func() error) error {
	t := &turn{app: a, id: rand.Text(), room: r}
	// The members may be read meanwhile, for the message is stored.
	var members []Member
	var mine bool
	err := together(ctx,
		read(&mine, func(ctx context.Context) (bool, error) { return t.take(ctx, m.Cursor.Seq) }),
		read(&members, func(ctx context.Context) ([]Member, error) { return a.store.Members(ctx, r.Name) }))
	if err != nil {
		return err
	}
	if !mine {
		return acknowledge()
	}
	acked := make(chan error, 1)
	go func() { acked <- safely(acknowledge) }()
	if !t.met && t.room.Delivered+1 == m.Cursor.Seq {
		err = t.run(ctx, []Message{m}, members)
	} else { // the room has changed since then
		err = t.run(ctx, nil, nil)
	}
	if err != nil {
		a.o.Log.Error("a message could not be told to all: others will", "room", r.Name, "error", err)
	}
	return <-acked
}

// heal delivers what a function that died has left.
func (a *App) heal(ctx context.Context, r Room) error {
	if r.Holder == "" && r.Delivered >= r.Head || r.Holder != "" && time.Now().Before(r.Until) {
		return nil
	}
	t := &turn{app: a, id: rand.Text(), room: r}
	mine, err := t.take(ctx, 0)
	if err != nil || !mine {
		return err
	}
	return t.run(ctx, nil, nil)
}

// take takes the turn if it is free. If it is not, it makes sure that whoever
// has it sees that there is a message with this number.
func (t *turn) take(ctx context.Context, seq uint64) (mine bool, err error) {
	for try := 0; ; try++ {
		now := time.Now()
		r := t.room
		r.Head = max(r.Head, seq)
		r.Expires = now.Add(Retention)
		switch busy := r.Holder != "" && now.Before(r.Until); {
		case r.Holder == t.id: // the answer to our write was lost
			return true, nil
		case r.Holder == "" && r.Delivered >= r.Head:
			return false, nil
		case busy && r.Head == t.room.Head:
			return false, nil
		case !busy:
			mine, r.Holder, r.Until = true, t.id, now.Add(t.app.o.Turn)
		}
		if err := t.put(ctx, r); !errors.Is(err, ErrConflict) {
			return mine, err
		}
		mine = false
		if err := t.app.giveWay(ctx, try); err != nil {
			return false, err
		}
	}
}

// put writes the room, or reads it if somebody else did.
func (t *turn) put(ctx context.Context, r Room) error {
	put, err := t.app.store.PutRoom(ctx, r)
	switch {
	case err == nil:
		t.room = put
	case errors.Is(err, ErrConflict):
		t.met = true
		again, failed := t.app.store.Room(ctx, r.Name)
		if failed != nil {
			return failed
		}
		if again.Epoch != r.Epoch {
			return errors.New("the room's history was begun anew")
		}
		t.room = again
	}
	return err
}

// run tells the members what they have not been told, until nothing is left.
//
// Members are read after the messages were stored, so one who is not among
// them joined later and knows of the messages; and after the room, so one who
// is not marked has been told all that the room says.
func (t *turn) run(ctx context.Context, news []Message, members []Member) error {
	for {
		var err error
		if news == nil {
			if news, err = t.app.store.After(ctx, t.room.Name, t.room.at(t.room.Delivered), page); err != nil {
				return err
			}
			news = whole(news)
			if members, err = t.app.store.Members(ctx, t.room.Name); err != nil {
				return err
			}
		}
		told := t.room.Delivered
		failed := t.app.fanOut(ctx, t.room, news, members)
		if failed == nil && len(news) > 0 {
			told = news[len(news)-1].Cursor.Seq
		}
		more, err := t.end(ctx, told, failed != nil, len(news) == page)
		if err := errors.Join(failed, err); err != nil || !more {
			return err
		}
		news = nil
	}
}

// whole is a run of messages up to the first gap. There is none, but for
// messages that were kept long enough.
func whole(m []Message) []Message {
	for i := 1; i < len(m); i++ {
		if m[i].Cursor.Seq != m[i-1].Cursor.Seq+1 {
			return m[:i]
		}
	}
	return m
}

// end notes what has been told and ends the turn, unless more messages have
// come: then it goes on, with as much time as at first.
func (t *turn) end(ctx context.Context, told uint64, giveUp, more bool) (bool, error) {
	for try := 0; ; try++ {
		now := time.Now()
		r := t.room
		r.Delivered = max(r.Delivered, told)
		r.Head = max(r.Head, told)
		r.Expires = now.Add(Retention)
		goesOn := false
		switch {
		case r.Holder != t.id: // it took too long, another function has gone on
			if r.Delivered == t.room.Delivered {
				return false, nil
			}
		case (more || r.Head > r.Delivered) && !giveUp:
			goesOn, r.Until = true, now.Add(t.app.o.Turn)
		default:
			r.Holder, r.Until = "", time.Time{}
		}
		if err := t.put(ctx, r); !errors.Is(err, ErrConflict) {
			return goesOn, err
		}
		if err := t.app.giveWay(ctx, try); err != nil {
			return false, err
		}
	}
}

// fanOut tells each member the news, and before them what else it may not have
// been told. An error means that a member could neither be told nor marked;
// all the others have been told even then.
func (a *App) fanOut(ctx context.Context, r Room, news []Message, members []Member) error {
	if len(news) == 0 {
		return nil
	}
	w := &wire{app: a, room: r, news: news, members: members}
	for _, m := range news {
		w.frames = append(w.frames, m.event().Encode())
	}
	gone := make([]bool, len(members))
	err := a.each(len(members), func(i int) (err error) {
		gone[i], err = w.bring(ctx, members[i])
		return err
	})
	var left, here []Member
	for i, m := range members {
		if gone[i] {
			left = append(left, m)
		} else {
			here = append(here, m)
		}
	}
	a.farewell(ctx, here, left)
	return err
}

// each does n things, some at once, and all of them whatever fails. A panic is
// the error of that one.
func (a *App) each(n int, do func(int) error) error {
	one := func(i int) error { return safely(func() error { return do(i) }) }
	if n == 1 {
		return one(0)
	}
	g := new(errgroup.Group)
	g.SetLimit(a.o.Parallel)
	for i := range n {
		g.Go(func() error { return one(i) })
	}
	return g.Wait()
}

// A wire is one piece of news on its way to all members.
type wire struct {
	app     *App
	room    Room
	news    []Message
	frames  [][]byte // of the news
	members []Member
}

// bring tells one member what it has not been told, in order. If that stops
// half-way, the member is marked.
func (w *wire) bring(ctx context.Context, m Member) (gone bool, err error) {
	first, last := w.news[0].Cursor.Seq, w.news[len(w.news)-1].Cursor.Seq
	start := w.room.Delivered + 1
	if m.Next != 0 {
		start = m.Next
	}
	if start > last {
		return false, nil
	}
	next := start
	short, cancel := w.app.patience(ctx)
	defer cancel()
	missed, kept, err := w.app.missed(short, w.room, start, max(first, start)-1)
	if err == nil && !kept {
		lost := chat.Rejoined(m.Room, m.Name, names(w.members), w.room.at(first-1), false)
		if err = w.app.post(short, m.Connection, lost.Encode()); err == nil {
			next = first
		}
	} else if err == nil {
		next, err = w.app.tellStored(short, m, start, missed)
	}
	for err == nil && next <= last {
		if err = w.app.post(short, m.Connection, w.frames[next-first]); err == nil {
			next++
		}
	}
	if errors.Is(err, ErrGone) {
		return w.app.remove(ctx, m, w.room.at(next-1))
	}
	if err != nil {
		w.app.o.Log.Warn("a member could not be told", "room", m.Room, "connection", m.Connection, "from", next, "error", err)
	}
	return false, w.app.settle(ctx, m, told{start, next, last, ""})
}

// maxReplay is how many messages are told one by one. Who lacks more asks for
// the history.
const maxReplay = 500

// missed are the messages from a number to the last, or none if they are too
// many or no longer kept.
func (a *App) missed(ctx context.Context, r Room, from, last uint64) (m []Message, kept bool, err error) {
	n := last + 1 - from // very large if the member knows more than there is
	if n == 0 {
		return nil, true, nil
	}
	if n > maxReplay {
		return nil, false, nil
	}
	m, err = a.store.After(ctx, r.Name, r.at(from-1), int(n))
	if err != nil || uint64(len(m)) != n || m[0].Cursor.Seq != from || m[n-1].Cursor.Seq != last {
		return nil, false, err
	}
	return m, true, nil
}

// tellStored posts messages, and returns the first that was not told.
func (a *App) tellStored(ctx context.Context, m Member, next uint64, stored []Message) (uint64, error) {
	for _, old := range stored {
		if err := a.post(ctx, m.Connection, old.event().Encode()); err != nil {
			a.o.Log.Warn("a member could not be told", "room", m.Room, "connection", m.Connection, "from", next, "error", err)
			return next, err
		}
		next++
	}
	return next, nil
}

// told is what a function has done for a member, and what it relies on.
type told struct {
	start, next uint64 // it told all from start to before next
	last        uint64 // it lets the room say that all have been told up to here
	joined      string // the join that it was answering, if any
}

// settle writes down how far a member has been told: nothing if that is what
// the room says of all, a mark if the member lacks something.
//
// What a member was told, nobody can take back, so marks of functions that
// work at the same time can be put together, in any order. A mark goes away
// when no function relies on it any more.
func (a *App) settle(ctx context.Context, m Member, t told) error {
	for {
		now := m
		switch {
		case m.Next != 0:
			if t.start <= m.Next {
				now.Next = max(m.Next, t.next)
			}
			now.Last = max(m.Last, t.last)
			if m.Joining == t.joined {
				now.Joining = ""
			}
		case t.next <= t.last:
			now.Next, now.Last = t.next, t.last
		}
		if now.Joining == "" && now.Next > now.Last {
			now.Next, now.Last = 0, 0
		}
		if now == m {
			return nil
		}
		_, err := a.store.PutMember(ctx, now)
		if !errors.Is(err, ErrConflict) {
			return err
		}
		again, err := a.store.Member(ctx, m.Room, m.Key)
		if err != nil || again.Connection != m.Connection {
			return err // it has left, or came back by another connection
		}
		m = again
	}
}

func names(members []Member) []string {
	n := make([]string, len(members))
	for i, m := range members {
		n[i] = m.Name
	}
	return n
}

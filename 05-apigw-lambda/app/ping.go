package app

import (
	"context"
	"errors"
	"math"
	"time"

	"websocket.example/04-chat-hub/chat"
)

// healing is how long a pong may wait for what there is to mend. The page gives
// a connection up that has no pong after ten seconds, or four if it has slept.
const healing = 3 * time.Second

// Ping answers a ping, whose route is two-way: what is returned is the frame
// for the client, and nobody has to post it. Meanwhile it looks whether the
// connection, or a room it is in, was left behind by a function that died.
func (a *App) Ping(ctx context.Context, c Client) (pong []byte) {
	ctx, cancel := context.WithTimeout(ctx, healing)
	defer cancel()
	err := safely(func() error {
		seats, err := a.store.Seats(ctx, c.Connection)
		for _, s := range seats {
			err = errors.Join(err, a.checkUp(ctx, c, s))
		}
		return err
	})
	if err != nil { // it has its pong: the connection lives
		a.o.Log.Error("a ping could not heal", "connection", c.Connection, "error", err)
	}
	return chat.Pong().Encode()
}

func (a *App) checkUp(ctx context.Context, c Client, s Seat) error {
	var m Member
	var r Room
	err := together(ctx,
		read(&m, func(ctx context.Context) (Member, error) { return a.store.Member(ctx, s.Room, chat.NameKey(s.Name)) }),
		read(&r, func(ctx context.Context) (Room, error) { return a.store.Room(ctx, s.Room) }))
	was := Member{Connection: s.Connection, Secret: s.Secret, Asked: s.Asked}
	switch {
	case err != nil:
		return err
	case r.Epoch == 0: // a room that is no more
		return a.store.DeleteSeat(ctx, s)
	case m.none() || m.Connection == c.Connection && !s.Lost.IsZero() || m.Connection != c.Connection && was.succeeds(m) && !m.succeeds(was):
		// A post was told that the connection is gone, or a join of an older
		// connection came late.
		err = a.revive(ctx, c, r, s)
	case m.Connection != c.Connection: // the client came back by another one
		return a.store.DeleteSeat(ctx, s)
	case m.Next != 0 && (m.Joining == "" || time.Since(s.Asked) > joining):
		err = a.catchUp(ctx, r, m)
	}
	return errors.Join(err, a.heal(ctx, r))
}

// revive brings back a member that was taken out by mistake. If nobody knows
// what it lacks it is told all: it drops what it has.
func (a *App) revive(ctx context.Context, c Client, r Room, s Seat) error {
	since := s.Lost
	if since.IsZero() {
		since = r.at(0)
	}
	c.Asked = s.Asked
	err := a.enter(ctx, c, s.Room, s.Name, s.Secret, since)
	if told, ok := errors.AsType[*chat.Error](err); ok { // such as that somebody has its name now
		err = errors.Join(a.store.DeleteSeat(ctx, s), a.tell(ctx, c.Connection, chat.Failed(told)))
	}
	return err
}

// joining is how long a function may take to answer a join.
const joining = 10 * time.Second

// catchUp tells a member all that it lacks, as a join does.
func (a *App) catchUp(ctx context.Context, r Room, m Member) error {
	members, err := a.store.Members(ctx, r.Name)
	if err != nil {
		return err
	}
	newest, err := a.store.Before(ctx, r.Name, r.at(math.MaxUint64), 1)
	if err != nil {
		return err
	}
	r.known(newest)
	err = a.resume(ctx, r, m, members, false)
	if errors.Is(err, ErrGone) {
		err = a.bury(ctx, m, r.at(m.Next-1))
	}
	return err
}

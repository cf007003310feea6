package app

import (
	"context"
	"errors"

	"websocket.example/04-chat-hub/chat"
)

// leave takes a connection out of a room.
//
// API Gateway may run a later request first. A client that leaves and joins
// again, such as with another name, means to be in the room: a leave that is
// older than the join is not obeyed.
func (a *App) leave(ctx context.Context, c Client, room string) error {
	s, err := a.seat(ctx, c, room)
	if err != nil || !c.Asked.IsZero() && !c.Asked.After(s.Asked) {
		return err
	}
	return errors.Join(a.depart(ctx, s), a.tell(ctx, c.Connection, chat.Left(room)))
}

// Disconnect forgets a connection that has ended.
func (a *App) Disconnect(ctx context.Context, connection string) error {
	seats, err := a.store.Seats(ctx, connection)
	for _, s := range seats {
		err = errors.Join(err, a.depart(ctx, s))
	}
	return err
}

// depart gives up a seat. The member goes first: if this stops half-way, the
// seat is still there to tell who it was.
func (a *App) depart(ctx context.Context, s Seat) error {
	m := Member{Room: s.Room, Key: chat.NameKey(s.Name), Name: s.Name, Connection: s.Connection}
	left, err := a.store.DeleteMember(ctx, m)
	if err != nil {
		return err
	}
	if err := a.store.DeleteSeat(ctx, s); err != nil || !left {
		return err
	}
	return a.bye(ctx, s.Room, []Member{m})
}

// remove takes out a member whose connection is gone, and no other. What it
// was told up to is kept: API Gateway is known to have said "gone" of a
// connection that was there, and then its next ping brings it back.
func (a *App) remove(ctx context.Context, m Member, told chat.Cursor) (bool, error) {
	left, err := a.store.DeleteMember(ctx, m)
	if err != nil || !left {
		return left, err
	}
	return true, a.store.PutSeat(ctx, Seat{
		Connection: m.Connection, Room: m.Room, Name: m.Name, Secret: m.Secret, Asked: m.Asked, Lost: told, Expires: m.Expires,
	})
}

// bury removes a member, and tells the room.
func (a *App) bury(ctx context.Context, m Member, told chat.Cursor) error {
	if gone, err := a.remove(ctx, m, told); err != nil || !gone {
		return err
	}
	return a.bye(ctx, m.Room, []Member{m})
}

// found is remove for one who was found to be gone by a post that was not a
// message. The room is read before the member: one that is not marked after
// that has been told what the room says.
func (a *App) found(ctx context.Context, m Member) (bool, error) {
	r, err := a.store.Room(ctx, m.Room)
	if err != nil {
		return false, err
	}
	now, err := a.store.Member(ctx, m.Room, m.Key)
	if err != nil || now.Connection != m.Connection {
		return false, err
	}
	told := r.at(r.Delivered)
	if now.Next != 0 {
		told.Seq = now.Next - 1
	}
	return a.remove(ctx, now, told)
}

// bye tells a room who has left.
func (a *App) bye(ctx context.Context, room string, left []Member) error {
	members, err := a.store.Members(ctx, room)
	if err == nil {
		a.farewell(ctx, members, left)
	}
	return err
}

package app

import (
	"context"
	"errors"

	"websocket.example/04-chat-hub/chat"
)

// broadcast tells all members but one what is not stored: they are told at
// most once, in no order.
func (a *App) broadcast(ctx context.Context, members []Member, but string, e chat.Event) {
	here, left := a.tellAll(ctx, members, but, e)
	a.farewell(ctx, here, left)
}

// farewell tells the members who has left. That may show that more have.
func (a *App) farewell(ctx context.Context, here, left []Member) {
	for len(left) > 0 {
		m := left[0]
		var more []Member
		here, more = a.tellAll(ctx, here, m.Connection, chat.Went(m.Room, m.Name))
		left = append(left[1:], more...)
	}
}

func (a *App) tellAll(ctx context.Context, members []Member, but string, e chat.Event) (here, left []Member) {
	frame := e.Encode()
	gone := make([]bool, len(members))
	err := a.each(len(members), func(i int) error {
		m := members[i]
		if m.Connection == but {
			return nil
		}
		short, cancel := a.patience(ctx)
		defer cancel()
		err := a.post(short, m.Connection, frame)
		if !errors.Is(err, ErrGone) {
			return err
		}
		gone[i], err = a.found(ctx, m)
		return err
	})
	if err != nil {
		a.o.Log.Warn("some were not told", "room", e.Room, "type", e.Type, "error", err)
	}
	for i, m := range members {
		if gone[i] {
			left = append(left, m)
		} else {
			here = append(here, m)
		}
	}
	return here, left
}

// typing tells the others that somebody types.
func (a *App) typing(ctx context.Context, c Client, room string) error {
	seat, members, err := a.look(ctx, c, room)
	if err == nil {
		a.broadcast(ctx, members, c.Connection, chat.Types(room, seat.Name))
	}
	return err
}

// who tells who is there.
func (a *App) who(ctx context.Context, c Client, room string) error {
	_, members, err := a.look(ctx, c, room)
	if err != nil {
		return err
	}
	return a.tell(ctx, c.Connection, chat.MembersOf(room, names(members)))
}

func (a *App) look(ctx context.Context, c Client, room string) (seat Seat, members []Member, err error) {
	err = together(ctx,
		read(&seat, func(ctx context.Context) (Seat, error) { return a.seat(ctx, c, room) }),
		read(&members, func(ctx context.Context) ([]Member, error) { return a.store.Members(ctx, room) }))
	return seat, members, err
}

package app

import (
	"context"
	"math"

	"websocket.example/04-chat-hub/chat"
)

// historySize is how many messages a history has at most.
const historySize = 50

// history reads what is older than a message, or the newest.
func (a *App) history(ctx context.Context, c Client, room string, before chat.Cursor) error {
	var r Room
	err := together(ctx,
		func(ctx context.Context) error { _, err := a.seat(ctx, c, room); return err },
		read(&r, func(ctx context.Context) (Room, error) { return a.store.Room(ctx, room) }))
	if err != nil {
		return err
	}
	if before.IsZero() {
		before = r.at(math.MaxUint64)
	}
	var messages []Message
	if before.Epoch == r.Epoch {
		if messages, err = a.store.Before(ctx, room, before, historySize+1); err != nil {
			return err
		}
	}
	more := len(messages) > historySize
	if more {
		messages = messages[1:]
	}
	var events []chat.Event
	for _, m := range messages {
		events = append(events, m.event())
	}
	return a.tell(ctx, c.Connection, chat.Earlier(room, events, more))
}

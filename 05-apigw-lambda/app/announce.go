package app

import (
	"context"
	"encoding/json"
	"errors"

	"golang.org/x/sync/errgroup"

	"websocket.example/04-chat-hub/chat"
)

// Announce says something in a room, or in every room that has members.
//
// It is a message like all others, from a name that nobody can join with: so
// it has a cursor, whoever is away finds it later, and the page needs to know
// nothing of it. The id makes it safe to try again. Rooms are how many it was
// stored in.
func (a *App) Announce(ctx context.Context, id, room, text string) (rooms int, err error) {
	if err := sendable(id, room, text); err != nil {
		return 0, err
	}
	names := []string{room}
	if room == "" {
		if names, err = a.store.Rooms(ctx); err != nil {
			return 0, err
		}
	}
	stored := make([]bool, len(names))
	g := new(errgroup.Group)
	g.SetLimit(8)
	errs := make([]error, len(names))
	for i, name := range names {
		g.Go(func() error {
			errs[i] = safely(func() (err error) {
				stored[i], err = a.announce(ctx, id, name, text)
				return err
			})
			return nil
		})
	}
	_ = g.Wait() // each error is in its place: one room's is not another's
	for _, ok := range stored {
		if ok {
			rooms++
		}
	}
	return rooms, errors.Join(errs...)
}

// sendable applies the rules for what people send.
func sendable(id, room, text string) error {
	if room == "" {
		room = "all"
	}
	request, err := json.Marshal(map[string]string{"action": string(chat.Send), "id": id, "room": room, "text": text})
	if err == nil {
		_, err = chat.Decode(request)
	}
	return err
}

func (a *App) announce(ctx context.Context, id, room, text string) (bool, error) {
	r, err := a.open(ctx, room)
	if err != nil {
		return false, err
	}
	m, err := a.append(ctx, r, a.o.Announcer, id, text)
	if err != nil {
		return false, err
	}
	return true, a.deliver(ctx, r, m, func() error { return nil })
}

// reserved says whether nobody may have the name.
func (a *App) reserved(name string) error {
	if chat.NameKey(name) == chat.NameKey(a.o.Announcer) {
		return &chat.Error{Code: chat.NameTaken, Message: "this name is for announcements: choose another one"}
	}
	return nil
}

package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"websocket.example/04-chat-hub/chat"
)

// How long things are kept. A connection lives two hours at most; of one
// whose end nobody told, nothing is left a little later.
const (
	Retention  = 7 * 24 * time.Hour // of messages; a day more on the disk
	Membership = 2*time.Hour + 10*time.Minute
)

// Options bound what one request may cost. Zero means the default.
type Options struct {
	Parallel  int           // posts at once, 50
	Patience  time.Duration // for one connection, 3 s: then the room goes on without it
	Turn      time.Duration // after which a function that delivers counts as dead, 10 s
	Rooms     int           // for one connection, 16
	Announcer string        // the name that announcements come from, "Announcement"
	Log       *slog.Logger
}

// An App is the chat. It keeps nothing between two requests, so any number of
// them serve the same rooms.
type App struct {
	store  Store
	poster Poster
	o      Options
}

// New makes a chat of what it needs to know.
func New(s Store, p Poster, o Options) *App {
	set(&o.Parallel, 50)
	set(&o.Patience, 3*time.Second)
	set(&o.Turn, 10*time.Second)
	set(&o.Rooms, 16)
	set(&o.Announcer, "Announcement")
	set(&o.Log, slog.Default())
	return &App{s, p, o}
}

func set[T comparable](v *T, standard T) {
	var zero T
	if *v == zero {
		*v = standard
	}
}

// A Client is who asks.
type Client struct {
	Connection string
	Since      time.Time // when it connected
	Asked      time.Time // when its message came, in milliseconds
	Name       string    // the only one it may have, if it had to prove who it is
}

// Handle answers one message. All that it started has ended when it returns.
// Its error is for the log: the client has been told what it may know.
func (a *App) Handle(ctx context.Context, c Client, message []byte) error {
	r, err := chat.Decode(message)
	if err == nil {
		err = a.obey(ctx, c, r)
	}
	if err == nil {
		return nil
	}
	told, mine := errors.AsType[*chat.Error](err)
	if !mine {
		told = &chat.Error{Code: chat.Internal, Message: "the chat could not do that: try again later", ID: r.ID}
	} else if told.ID == "" {
		told.ID = r.ID
	}
	ctx, cancel := a.lastWords(ctx)
	defer cancel()
	failed := a.tell(ctx, c.Connection, chat.Failed(told))
	if mine {
		err = nil
	}
	return errors.Join(err, failed)
}

func (a *App) obey(ctx context.Context, c Client, r chat.Request) error {
	switch r.Action {
	case chat.Join:
		return a.join(ctx, c, r)
	case chat.Leave:
		return a.leave(ctx, c, r.Room)
	case chat.Send:
		return a.send(ctx, c, r)
	case chat.Typing:
		return a.typing(ctx, c, r.Room)
	case chat.Who:
		return a.who(ctx, c, r.Room)
	case chat.History:
		return a.history(ctx, c, r.Room, r.Before)
	default: // a ping that came by another route than its own
		return a.tellFrame(ctx, c.Connection, a.Ping(ctx, c))
	}
}

// tell posts to the one who asked. If it is gone, nobody is interested.
func (a *App) tell(ctx context.Context, connection string, e chat.Event) error {
	return a.tellFrame(ctx, connection, e.Encode())
}

func (a *App) tellFrame(ctx context.Context, connection string, frame []byte) error {
	ctx, cancel := a.patience(ctx)
	defer cancel()
	err := a.post(ctx, connection, frame)
	if errors.Is(err, ErrGone) {
		return nil
	}
	return err
}

// patience is for what one connection may take. It ends early enough before
// the function does that what was not told can still be noted.
func (a *App) patience(ctx context.Context) (context.Context, context.CancelFunc) {
	wait := a.o.Patience
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline)*3/4)
	}
	return context.WithTimeout(ctx, wait)
}

// lastWords is for an error when the time for the request is over: a moment
// more than that.
func (a *App) lastWords(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() == nil {
		return ctx, func() {}
	}
	return context.WithTimeout(context.WithoutCancel(ctx), time.Second/4)
}

// seat is the connection's place in a room, or the error that it has none.
func (a *App) seat(ctx context.Context, c Client, room string) (Seat, error) {
	s, err := a.store.Seat(ctx, c.Connection, room)
	return s, seated(s, err)
}

func seated(s Seat, err error) error {
	if err == nil && (s.none() || !s.Lost.IsZero()) {
		return &chat.Error{Code: chat.NotInRoom, Message: "join the room first"}
	}
	return err
}

// together does things at once, the first one in this goroutine, and waits
// for all of them. A panic of one is its error.
func together(ctx context.Context, first func(context.Context) error, others ...func(context.Context) error) error {
	errs := make([]error, len(others)+1)
	var all sync.WaitGroup
	for i, do := range others {
		all.Go(func() { errs[i+1] = safely(func() error { return do(ctx) }) })
	}
	errs[0] = safely(func() error { return first(ctx) })
	all.Wait()
	return errors.Join(errs...)
}

// A panicError is a panic in a goroutine, which would have ended the process
// and all else that it does. It is for the log.
type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

// safely makes an error of a panic. Whoever starts a goroutine starts it so.
func safely(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{v, debug.Stack()}
		}
	}()
	return do()
}

// read is a thing to do together.
func read[T any](into *T, from func(context.Context) (T, error)) func(context.Context) error {
	return func(ctx context.Context) (err error) {
		*into, err = from(ctx)
		return err
	}
}

func digest(s string) string {
	if s == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

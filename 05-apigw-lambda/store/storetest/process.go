package storetest

import (
	"context"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/05-apigw-lambda/app"
)

// call does a call to the store, or does not, or does it and loses the answer.
func call[T any](ctx context.Context, p *process, do func(context.Context) (T, error)) (T, error) {
	err, late := p.step(ctx, func(f Faults) int { return f.Store })
	// A request that is on its way is not called back; dynalite would even
	// end if it were.
	ctx = context.WithoutCancel(ctx)
	if err == nil {
		return do(ctx)
	}
	if late {
		_, _ = do(ctx)
	}
	var none T
	return none, err
}

func act(ctx context.Context, p *process, do func(context.Context) error) error {
	_, err := call(ctx, p, func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) })
	return err
}

func (p *process) Room(ctx context.Context, name string) (app.Room, error) {
	return call(ctx, p, func(ctx context.Context) (app.Room, error) { return p.Store.Room(ctx, name) })
}

func (p *process) PutRoom(ctx context.Context, r app.Room) (app.Room, error) {
	return call(ctx, p, func(ctx context.Context) (app.Room, error) { return p.Store.PutRoom(ctx, r) })
}

func (p *process) AddMessage(ctx context.Context, m app.Message) error {
	return act(ctx, p, func(ctx context.Context) error { return p.Store.AddMessage(ctx, m) })
}

func (p *process) After(ctx context.Context, room string, c chat.Cursor, limit int) ([]app.Message, error) {
	return call(ctx, p, func(ctx context.Context) ([]app.Message, error) { return p.Store.After(ctx, room, c, limit) })
}

func (p *process) Before(ctx context.Context, room string, c chat.Cursor, limit int) ([]app.Message, error) {
	return call(ctx, p, func(ctx context.Context) ([]app.Message, error) { return p.Store.Before(ctx, room, c, limit) })
}

func (p *process) Claim(ctx context.Context, c app.Claim) (app.Claim, error) {
	return call(ctx, p, func(ctx context.Context) (app.Claim, error) { return p.Store.Claim(ctx, c) })
}

func (p *process) Member(ctx context.Context, room, key string) (app.Member, error) {
	return call(ctx, p, func(ctx context.Context) (app.Member, error) { return p.Store.Member(ctx, room, key) })
}

func (p *process) Members(ctx context.Context, room string) ([]app.Member, error) {
	return call(ctx, p, func(ctx context.Context) ([]app.Member, error) { return p.Store.Members(ctx, room) })
}

func (p *process) PutMember(ctx context.Context, m app.Member) (app.Member, error) {
	return call(ctx, p, func(ctx context.Context) (app.Member, error) { return p.Store.PutMember(ctx, m) })
}

func (p *process) DeleteMember(ctx context.Context, m app.Member) (bool, error) {
	return call(ctx, p, func(ctx context.Context) (bool, error) { return p.Store.DeleteMember(ctx, m) })
}

func (p *process) Seat(ctx context.Context, connection, room string) (app.Seat, error) {
	return call(ctx, p, func(ctx context.Context) (app.Seat, error) { return p.Store.Seat(ctx, connection, room) })
}

func (p *process) Seats(ctx context.Context, connection string) ([]app.Seat, error) {
	return call(ctx, p, func(ctx context.Context) ([]app.Seat, error) { return p.Store.Seats(ctx, connection) })
}

func (p *process) PutSeat(ctx context.Context, s app.Seat) error {
	return act(ctx, p, func(ctx context.Context) error { return p.Store.PutSeat(ctx, s) })
}

func (p *process) DeleteSeat(ctx context.Context, s app.Seat) error {
	return act(ctx, p, func(ctx context.Context) error { return p.Store.DeleteSeat(ctx, s) })
}

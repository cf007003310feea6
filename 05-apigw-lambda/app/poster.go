package app

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// A Poster sends one frame to one connection. When it returns without an
// error, what is posted next arrives later.
type Poster interface {
	Post(ctx context.Context, connection string, data []byte) error
}

// What a Poster's errors are when they are known.
var (
	ErrGone      = errors.New("post: the connection is gone")
	ErrThrottled = errors.New("post: too many posts, or the client does not read")
)

// post tries again while it is told that there are too many. The waits are
// random up to a bound that doubles, so that functions that were refused
// together do not come back together.
func (a *App) post(ctx context.Context, connection string, frame []byte) error {
	for bound := 50 * time.Millisecond; ; bound = min(2*bound, time.Second) {
		err := a.poster.Post(ctx, connection, frame)
		if !errors.Is(err, ErrThrottled) || sleep(ctx, rand.N(bound)) != nil {
			return err
		}
	}
}

// giveWay waits a little when others were first, for some time that grows
// with how often they were: of many that try at the same moment one gets
// through, and all the others have asked the store in vain.
func (a *App) giveWay(ctx context.Context, try int) error {
	if try == 0 {
		return nil
	}
	return sleep(ctx, rand.N(5*time.Millisecond<<min(try, 5)))
}

func sleep(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return context.DeadlineExceeded
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

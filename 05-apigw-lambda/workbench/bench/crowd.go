package bench

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// A crowd is connections that are held, in a goroutine each.
type crowd struct {
	members []*wsconn.Conn
	seats   chan error     // one came for each that is seated, or an error
	told    chan time.Time // when a message came to somebody
	lost    chan error     // the first that ended
}

func newCrowd(room int) *crowd {
	return &crowd{seats: make(chan error, room), told: make(chan time.Time, room), lost: make(chan error, 1)}
}

var (
	seatedPrefix  = []byte(seated)
	messagePrefix = []byte(`{"type":"message"`)
	ackPrefix     = []byte(`{"type":"ack"`)
)

// open opens n connections, at most so many a second: 0 is as fast as it goes.
func (c *crowd) open(ctx context.Context, url string, n, pace int, show func(int)) error {
	began := time.Now()
	for i := range n {
		if pace > 0 {
			if err := sleepUntil(ctx, began.Add(time.Duration(i)*time.Second/time.Duration(pace))); err != nil {
				return err
			}
		}
		limited, cancel := context.WithTimeout(ctx, patience)
		ws, err := wsconn.Dial(limited, url, nil)
		cancel()
		if err != nil {
			return fmt.Errorf("connection %d of %d: %w", i+1, n, err)
		}
		c.members = append(c.members, ws)
		go c.listen(ws)
		show(i + 1)
	}
	return nil
}

func sleepUntil(ctx context.Context, at time.Time) error {
	select {
	case <-time.After(time.Until(at)):
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *crowd) listen(ws *wsconn.Conn) {
	err := ws.Each(context.Background(), func(_ frame.Opcode, message []byte) error {
		now := time.Now()
		switch {
		case bytes.HasPrefix(message, messagePrefix):
			c.told <- now
		case bytes.HasPrefix(message, seatedPrefix):
			c.seats <- nil
		case bytes.HasPrefix(message, ackPrefix):
		default: // such as an error frame
			return fmt.Errorf("the gateway said %.200q", message)
		}
		return nil
	})
	select {
	case c.lost <- err:
	default:
	}
}

// in is a part of the crowd, spread over all of it.
func (c *crowd) in(room int) []*wsconn.Conn {
	var some []*wsconn.Conn
	for i := range room {
		some = append(some, c.members[i*len(c.members)/room])
	}
	return some
}

// sit has some take their seats in the room, a few at once.
func (c *crowd) sit(ctx context.Context, room []*wsconn.Conn) error {
	const atOnce = 32
	for i := range len(room) + atOnce {
		if i < len(room) {
			if err := room[i].Write(ctx, frame.Text, []byte(`{"action":"seat"}`)); err != nil {
				return err
			}
		}
		if i >= atOnce {
			if _, err := await(ctx, c, c.seats); err != nil {
				return fmt.Errorf("%d of %d have a seat: %w", i-atOnce, len(room), err)
			}
		}
	}
	return nil
}

// say has a member of the room say something. It returns how long it took
// until each member was told, in the order in which they were.
func (c *crowd) say(ctx context.Context, number int, text string, room []*wsconn.Conn) ([]time.Duration, error) {
	delays := make([]time.Duration, 0, len(room))
	began := time.Now()
	message := fmt.Appendf(nil, `{"action":"send","room":%q,"id":"b%d","text":%q}`, hall, number, text)
	if err := room[number%len(room)].Write(ctx, frame.Text, message); err != nil {
		return nil, err
	}
	for range room {
		at, err := await(ctx, c, c.told)
		if err != nil {
			return nil, fmt.Errorf("message %d came to %d of %d: %w", number, len(delays), len(room), err)
		}
		delays = append(delays, at.Sub(began))
	}
	return delays, nil
}

// await waits for one thing, but not for ever.
func await[T any](ctx context.Context, c *crowd, from chan T) (v T, err error) {
	select { // most often it is there, and a clock takes time
	case v = <-from:
		return v, nil
	default:
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case v = <-from:
		return v, nil
	case err = <-c.lost:
		return v, fmt.Errorf("a connection ended: %w", err)
	case <-late.C:
		return v, fmt.Errorf("nothing came for %v", patience)
	case <-ctx.Done():
		return v, ctx.Err()
	}
}

// close cuts all off.
func (c *crowd) close() {
	for _, ws := range c.members {
		ws.NetConn().Close()
	}
}

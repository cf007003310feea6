package transport

import (
	"context"
	"net/http"
	"time"

	"websocket.example/01-http-vs-ws/feed"
)

// Short polling, the way HTTP was made for: the client asks at a fixed
// interval, and the server answers at once with whatever has happened since.
//
//	client                 server
//	  |--- GET after=4 ----->|
//	  |<------- [] ----------|   nothing yet: a whole request for nothing
//	  :    the interval      * 5 happens, and waits for the next request
//	  |--- GET after=4 ----->|
//	  |<------ [5] ----------|
//
// An event waits for the next request to come by, half an interval in the
// mean, and then travels one way.

func (s *Server) shortPoll() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer(w, s.Feed.After(cursor(r)))
	}
}

func followShortPoll(ctx context.Context, c *Client, after int64, got func(feed.Event)) error {
	// snippet: short-poll-client
	next := time.Now()
	for {
		var err error
		after, err = c.poll(ctx, ShortPoll, after, got)
		if err != nil {
			return err
		}
		next = next.Add(c.Poll)
		if time.Now().After(next) { // the answer took that long
			next = time.Now()
		}
		if err := sleep(ctx, time.Until(next)); err != nil {
			return err
		}
	}
	// end snippet: short-poll-client
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

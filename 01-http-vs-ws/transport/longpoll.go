package transport

import (
	"context"
	"net/http"

	"websocket.example/01-http-vs-ws/feed"
)

// Long polling: the client asks, and the server keeps the request open until
// there is something to say. The client asks again as soon as it has an
// answer.
//
//	client                 server
//	  |--- GET after=4 ----->|
//	  |                      :   the request waits, not the event
//	  |                      * 5 happens
//	  |<------ [5] ----------|
//	  |--- GET after=5 ----->|   6, 7: while this travels, events wait
//
// An event that finds a request waiting travels one way. One that comes
// within a round trip after another waits for the next request.

func (s *Server) longPoll() http.HandlerFunc {
	// snippet: long-poll-server
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), s.Keepalive)
		defer cancel()
		events, _ := s.Feed.Wait(ctx, cursor(r))
		answer(w, events) // none: the client asks again
	}
	// end snippet: long-poll-server
}

func followLongPoll(ctx context.Context, c *Client, after int64, got func(feed.Event)) error {
	for {
		var err error
		if after, err = c.poll(ctx, LongPoll, after, got); err != nil {
			return err
		}
	}
}

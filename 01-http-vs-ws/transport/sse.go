package transport

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"websocket.example/01-http-vs-ws/feed"
)

// Server-Sent Events: the client asks once, and the answer is a text that
// never ends. Every event is a few lines of it, closed by an empty line.
// (HTML Standard, section 9.2)
//
//	client                 server
//	  |--- GET ------------->|
//	  |<-- 200, headers -----|
//	  |<-- id: 5 ------------|   as soon as it happens
//	  |    data: {...}       |
//	  |                      |
//	  |<-- : ----------------|   a comment, so that nobody thinks it dead
//
// An event travels one way. The client cannot answer on this connection: it
// sends requests of their own.

func (s *Server) sse() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		after := resume(r)
		out := http.NewResponseController(w)
		for out.Flush() == nil { // it fails when the client has gone
			ctx, cancel := context.WithTimeout(r.Context(), s.Keepalive)
			events, err := s.Feed.Wait(ctx, after)
			cancel()
			if err != nil {
				_, _ = io.WriteString(w, ":\n\n") // a comment
			}
			for _, e := range events {
				data, _ := json.Marshal(e)
				fmt.Fprintf(w, "id: %d\ndata: %s\n\n", e.N, data)
				after = e.N
			}
		}
	}
}

// resume is the cursor of the first request, or what a browser remembers of
// the last id when it reconnects by itself.
func resume(r *http.Request) int64 {
	if n, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64); err == nil {
		return n
	}
	return cursor(r)
}

func followSSE(ctx context.Context, c *Client, after int64, got func(feed.Event)) error {
	response, err := c.get(ctx, SSE, after)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	for lines := bufio.NewReader(response.Body); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return ended(ctx, err)
		}
		if data, is := strings.CutPrefix(line, "data: "); is {
			var e feed.Event
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				return fmt.Errorf("sse: %q is not an event: %w", data, err)
			}
			got(e)
		}
	}
}

// ended says why a stream is over: because we wanted it, or not.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, io.EOF) {
		return errors.New("the server closed the connection")
	}
	return err
}

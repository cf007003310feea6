package transport

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"websocket.example/01-http-vs-ws/feed"
)

// WebSocket: the client asks once, and the connection stops being HTTP. From
// then on it carries messages, and both sides may send at any time.
//
//	client                 server
//	  |--- GET, Upgrade ---->|
//	  |<-- 101 --------------|   the last of HTTP
//	  |<-- [5] --------------|   2 to 4 bytes of header, then the message
//	  |--- [hello] --------->|   the same connection, at the same time
//	  |<-- ping -------------|   so that nobody thinks it dead
//	  |--- pong ------------>|
//
// An event travels one way. Step 02 opens up the handshake, step 03 the
// frames.

func (s *Server) websocket() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, err := s.upgrader().Upgrade(w, r, nil)
		if err != nil {
			return // the upgrader has answered
		}
		defer conn.Close()
		after := cursor(r)
		// snippet: websocket-server
		ctx := untilClosed(r.Context(), conn)
		for ctx.Err() == nil {
			next, cancel := context.WithTimeout(ctx, s.Keepalive)
			events, err := s.Feed.Wait(next, after)
			cancel()
			_ = conn.SetWriteDeadline(time.Now().Add(s.Keepalive))
			if err != nil {
				_ = conn.WriteMessage(websocket.PingMessage, nil)
			}
			for _, e := range events {
				_ = conn.WriteJSON(e) // if it fails, so does reading
				after = e.N
			}
		}
		// end snippet: websocket-server
	}
}

// untilClosed reads a connection, which answers pings and notices its end,
// and returns a context that ends with it. (net/http itself no longer looks
// at a connection that was handed over.)
func untilClosed(ctx context.Context, conn *websocket.Conn) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		for {
			if _, _, err := conn.NextReader(); err != nil {
				conn.Close()
				return
			}
		}
	}()
	return ctx
}

func followWebSocket(ctx context.Context, c *Client, after int64, got func(feed.Event)) error {
	conn, err := c.dialWebSocket(ctx, fmt.Sprintf("/%s?after=%d", WebSocket, after))
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	defer conn.Close()
	for {
		var e feed.Event
		if err := conn.ReadJSON(&e); err != nil {
			return ended(ctx, err)
		}
		got(e)
	}
}

func (c *Client) dialWebSocket(ctx context.Context, path string) (*websocket.Conn, error) {
	url := "ws" + strings.TrimPrefix(c.URL, "http") + path                                    // http: ws:, https: wss:
	conn, response, err := c.dialer.DialContext(ctx, url, c.Header.request(c.URL, WebSocket)) //nolint:bodyclose // gorilla has closed it
	if err != nil {
		if response != nil {
			return nil, fmt.Errorf("%s: the server answered %s: %w", url, response.Status, err)
		}
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	return conn, nil
}

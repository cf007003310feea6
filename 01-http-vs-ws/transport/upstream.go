package transport

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// Upstream is the way from client to server and back: one small message and
// its answer, over HTTP and over WebSocket.
//
//	POST, new connection      SYN, SYN-ACK | POST, answer     2 round trips
//	POST, kept connection                    POST, answer     1 round trip
//	WebSocket                             message, message    1 round trip
//
// With TLS 1.3 a new connection takes one round trip more.
const (
	upstreamPost   = "/upstream"
	upstreamSocket = "/upstream/websocket"
)

// upstreamMessage is what goes up, and comes back: a vote, say.
var upstreamMessage = []byte(`{"action":"vote","talk":5,"stars":4}`)

// upstreamAnswer sends the message back.
func upstreamAnswer(w http.ResponseWriter, r *http.Request) {
	message, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4096))
	if err != nil {
		http.Error(w, "a message is at most 4096 bytes", http.StatusRequestEntityTooLarge)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(message)
}

// upstreamEcho sends every message back.
func (s *Server) upstreamEcho(w http.ResponseWriter, r *http.Request) {
	conn, err := s.upgrader().Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	defer conn.Close()
	defer context.AfterFunc(r.Context(), func() { conn.Close() })() // the server stops
	conn.SetReadLimit(4096)
	for {
		kind, message, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if err := conn.WriteMessage(kind, message); err != nil {
			return
		}
	}
}

// Upstream sends a message three ways, one after the other, and measures how
// long each took from the first byte to the end of the answer.
type Upstream struct {
	client *Client
	conn   *websocket.Conn
}

// OpenUpstream opens the connections that are kept.
func OpenUpstream(ctx context.Context, c *Client) (*Upstream, error) {
	u := &Upstream{client: c}
	if _, err := u.PostKept(ctx); err != nil {
		return nil, err
	}
	var err error
	u.conn, err = c.dialWebSocket(ctx, upstreamSocket)
	return u, err
}

// Close closes them.
func (u *Upstream) Close() {
	u.conn.Close()
	u.client.Close()
}

// PostNew posts on a connection of its own.
func (u *Upstream) PostNew(ctx context.Context) (time.Duration, error) { return u.post(ctx, true) }

// PostKept posts on a connection that is open already.
func (u *Upstream) PostKept(ctx context.Context) (time.Duration, error) { return u.post(ctx, false) }

func (u *Upstream) post(ctx context.Context, alone bool) (time.Duration, error) {
	url := u.client.URL + upstreamPost
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(upstreamMessage))
	if err != nil {
		return 0, err
	}
	request.Header = u.client.Header.request(u.client.URL, upstreamPost)
	client := u.client.http
	if alone {
		fresh := client.Transport.(*http.Transport).Clone()
		fresh.DisableKeepAlives = true
		defer fresh.CloseIdleConnections()
		client = &http.Client{Transport: fresh}
	}
	start := time.Now()
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return 0, err
	}
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("POST %s: the server answered %s", url, response.Status)
	}
	return time.Since(start), nil
}

// Message sends a WebSocket message and waits for it to come back.
func (u *Upstream) Message(ctx context.Context) (time.Duration, error) {
	defer context.AfterFunc(ctx, func() { u.conn.Close() })()
	start := time.Now()
	if err := u.conn.WriteMessage(websocket.TextMessage, upstreamMessage); err != nil {
		return 0, ended(ctx, err)
	}
	if _, _, err := u.conn.ReadMessage(); err != nil {
		return 0, ended(ctx, err)
	}
	return time.Since(start), nil
}

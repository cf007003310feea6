package local

import (
	"context"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// With nothing given: the functions in this process, and the page, which pings
// as seldom as API Gateway lets it. Its pong is the answer of a two-way route.
func TestPage(t *testing.T) {
	_, at := start(t, Options{})
	r, err := http.Get("http://" + at + "/chat/?lang=en")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	page, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), `<meta name="chat-heartbeat" content="540000">`) {
		t.Errorf("another heartbeat: %.800s", page)
	}
	url := regexp.MustCompile(`<meta name="chat-url" content="([^"]+)">`).FindSubmatch(page)
	if url == nil {
		t.Fatalf("no URL: %.800s", page)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := wsconn.Dial(ctx, html.UnescapeString(string(url[1])), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(frame.NormalClosure, "")
	g := &guest{c, t, ctx}
	g.send(`{"action":"ping"}`)
	g.want(`{"type":"pong"}`)
}

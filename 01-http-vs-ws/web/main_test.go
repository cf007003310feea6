package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve serves a page until the test ends.
func serve(t *testing.T, o Options) (*Page, *httptest.Server) {
	t.Helper()
	page, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(page)
	t.Cleanup(func() {
		page.Close()
		server.Close()
	})
	return page, server
}

// A tab is the control channel as the page holds it.
type tab struct {
	t      *testing.T
	conn   *websocket.Conn
	origin string
	hello  sessionMessage
}

// dialTab connects as a page of the origin given.
func dialTab(t *testing.T, server *httptest.Server, origin string) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	conn, response, err := websocket.DefaultDialer.Dial(
		strings.Replace(server.URL, "http", "ws", 1)+"/control", http.Header{"Origin": {origin}})
	if conn != nil {
		t.Cleanup(func() { _ = conn.Close() })
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	}
	if response != nil {
		_ = response.Body.Close()
	}
	return conn, response, err
}

// openTab has a session.
func openTab(t *testing.T, server *httptest.Server) *tab {
	t.Helper()
	conn, _, err := dialTab(t, server, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	tab := &tab{t: t, conn: conn, origin: server.URL}
	tab.await("session", &tab.hello)
	return tab
}

// await reads until there is a message of the type, and decodes it.
func (tab *tab) await(kind string, into any) {
	tab.t.Helper()
	for {
		_, data, err := tab.conn.ReadMessage()
		if err != nil {
			tab.t.Fatalf("waiting for %s: %v", kind, err)
		}
		var message struct{ Type string }
		if err := json.Unmarshal(data, &message); err != nil {
			tab.t.Fatalf("%s: %v", data, err)
		}
		if message.Type != kind {
			continue
		}
		if err := json.Unmarshal(data, into); err != nil {
			tab.t.Fatalf("%s: %v", data, err)
		}
		return
	}
}

func (tab *tab) send(text string) {
	tab.t.Helper()
	if err := tab.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		tab.t.Fatal(err)
	}
}

// lane is the URL of something on a lane.
func (tab *tab) lane(scheme, name, path string) string {
	tab.t.Helper()
	at, found := tab.hello.Lanes[name]
	if !found {
		tab.t.Fatalf("the session has no lane %q: %v", name, tab.hello.Lanes)
	}
	return fmt.Sprintf("%s://127.0.0.1:%d%s", scheme, at.Port, path)
}

// eventually waits for something that is true soon, or never.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

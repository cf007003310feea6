package check

import (
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
)

// An event is what a function was told, as JSON has it.
type event map[string]any

func (t *trial) event(text string) event {
	var e event
	if json.Unmarshal([]byte(text), &e) != nil || e == nil {
		t.fail("no-event", "")
	}
	return e
}

// at is a field, however deep; nil if there is none.
func (e event) at(path ...string) any {
	var v any = map[string]any(e)
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func (e event) text(path ...string) string {
	s, _ := e.at(path...).(string)
	return s
}

// kind is CONNECT, MESSAGE or DISCONNECT.
func (e event) kind() string { return e.text("requestContext", "eventType") }

// names are the fields of an object, sorted.
func (e event) names(path ...string) []string {
	m, _ := e.at(path...).(map[string]any)
	return slices.Sorted(maps.Keys(m))
}

// written is a value as JSON.
func written(v any) string {
	b, _ := json.Marshal(v) // it was read from JSON
	return string(b)
}

func itoa(n int) string { return strconv.Itoa(n) }

var (
	someID  = regexp.MustCompile(`[A-Za-z0-9_-]{15}=`)
	wholeID = regexp.MustCompile(`^[A-Za-z0-9_-]{15}=$`)
)

// A watcher is a connection that is told by the probe what becomes of another.
type watcher struct{ *peer }

// watched opens a connection, and another that watches over it.
func (t *trial) watched(query string, header ...handshake.Field) (watcher, *peer) {
	w := watcher{t.open("")}
	p := t.enter(t.knock(knock{query: watching(w, query), header: header}))
	return w, p
}

func watching(w watcher, query string) string {
	return "watcher=" + url.QueryEscape(w.connectionID()) + "&" + query
}

// toldConnect is the event of $connect. A probe that does not tell it is no
// fault of the endpoint: then $disconnect comes alone, when p is closed.
func (w watcher) toldConnect(p *peer) event {
	p.connectionID()                     // it is open, so $connect is over
	_ = p.Close(frame.NormalClosure, "") // nobody waits for its answer
	e := w.t.event(w.nextOr("{event of $connect}"))
	if e.kind() == "DISCONNECT" {
		w.t.skip("probe")
	}
	return e
}

// toldDisconnect is the event of $disconnect.
func (w watcher) toldDisconnect() event {
	for {
		if e := w.t.event(w.nextOr("{event of $disconnect}")); e.kind() == "DISCONNECT" {
			return e
		}
	}
}

package check

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// A naive is a chat in one room for each name, under one lock, with at most
// one bug. Where it has one, it says so.
type naive struct {
	bug      string
	ping     time.Duration
	mu       sync.Mutex
	rooms    map[string]*place
	listener *httptest.Server
}

type place struct {
	members  []*visitor
	messages []said
	n        int
}

// said is a message that is kept.
type said struct{ id, from, cursor, json string }

type visitor struct {
	n               *naive
	ws              *websocket.Conn
	out             chan []string // what is told at once is one entry
	room, name, key string
	cursors         int // for a bug
}

func start(t *testing.T, bug string) string { return startWith(t, bug, 10*time.Second) }

func startWith(t *testing.T, bug string, ping time.Duration) string {
	n := &naive{bug: bug, ping: ping, rooms: map[string]*place{}}
	n.listener = httptest.NewServer(n)
	t.Cleanup(n.listener.Close)
	return "ws" + strings.TrimPrefix(n.listener.URL, "http") + "/ws"
}

const (
	queue       = 80
	smallBuffer = 16 << 10 // of a socket, so that the slow are slow soon
)

func (n *naive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ws, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	_ = ws.NetConn().(*net.TCPConn).SetWriteBuffer(smallBuffer)
	v := &visitor{n: n, ws: ws, out: make(chan []string, queue)}
	var work sync.WaitGroup
	ended := make(chan struct{})
	work.Go(func() { v.write(ended) })
	v.read()
	n.mu.Lock()
	if n.bug != "cut keep their names" {
		v.leave()
	}
	n.mu.Unlock()
	close(ended)
	ws.Close()
	work.Wait()
}

func (v *visitor) write(ended chan struct{}) {
	tick := time.NewTicker(v.n.ping)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-tick.C:
			_ = v.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)) // who reads learns why
		case texts := <-v.out:
			if v.n.bug == "joins frames" && len(v.out) > 3 {
				for len(v.out) > 0 {
					texts = append(texts, <-v.out...)
				}
				texts = []string{strings.Join(texts, "\n")}
			}
			kind := websocket.TextMessage
			if v.n.bug == "binary" {
				kind = websocket.BinaryMessage
			}
			for _, text := range texts {
				_ = v.ws.WriteMessage(kind, []byte(text)) // when it fails the queue is emptied all the same
			}
			if v.n.bug == "joins frames" {
				time.Sleep(time.Millisecond) // so that something waits
			}
		}
	}
}

func (v *visitor) read() {
	alive := func(string) error {
		if v.n.bug == "dead stay" {
			return nil
		}
		return v.ws.SetReadDeadline(time.Now().Add(4 * v.n.ping))
	}
	_ = alive("")
	if v.n.bug != "idle are dropped" {
		v.ws.SetPongHandler(alive)
	}
	for {
		_, data, err := v.ws.ReadMessage()
		if err != nil {
			return
		}
		_ = alive("")
		var r map[string]string
		bad := json.Unmarshal(data, &r) != nil
		v.n.mu.Lock()
		if bad {
			v.fail("bad_json", "")
		} else {
			v.answer(r)
		}
		v.n.mu.Unlock()
		if bad && v.n.bug == "hangs up" || v.n.bug == "crashes" {
			if v.n.bug == "crashes" {
				v.n.listener.Listener.Close()
			}
			return
		}
	}
}

// tell is called with the lock held, as is all below.
func (v *visitor) tell(pairs ...any) { v.push(object(pairs)) }

func (v *visitor) push(texts ...string) {
	if v.n.bug == "slow stall all" {
		v.out <- texts
		return
	}
	select {
	case v.out <- texts:
	default:
		switch v.n.bug {
		case "slow are passed over", "slow hear nothing more":
		default:
			v.ws.NetConn().Close()
		}
	}
}

func (v *visitor) fail(code, id string) {
	switch v.n.bug {
	case "no errors":
		return
	case "errors to all":
		for _, other := range v.others() {
			other.tell("type", "error", "code", code, "message", code)
		}
	}
	v.tell("type", "error", "code", code, "message", code, "id", id)
}

func (v *visitor) others() (others []*visitor) {
	if p := v.n.rooms[v.room]; p != nil {
		for _, m := range p.members {
			if m != v {
				others = append(others, m)
			}
		}
	}
	return others
}

func (v *visitor) answer(r map[string]string) {
	bug, id := v.n.bug, r["id"]
	action := r["action"]
	if bug == "silence" {
		return
	}
	switch action {
	case "join":
		v.join(r)
		return
	case "send", "leave", "who":
	default:
		if bug == "unknown actions are ignored" {
			return
		}
		v.fail("unknown_action", id)
		return
	}
	p := v.n.rooms[v.room]
	if p == nil || r["room"] != v.room {
		if bug == "outsiders talk" && action == "send" {
			v.room = r["room"]
			v.send(v.n.rooms[v.room], r)
			v.room = ""
		}
		if bug == "id is forgotten" {
			id = ""
		}
		v.fail("not_in_room", id)
		return
	}
	switch action {
	case "leave":
		v.leave()
		v.tell("type", "left", "room", r["room"])
		if bug == "leave is told to nobody" {
			v.room = ""
		}
	case "who":
		if bug == "who is not answered" {
			return
		}
		v.tell("type", "members", "room", v.room, "members", p.names())
	case "send":
		v.send(p, r)
	}
}

func (p *place) names() (names []string) {
	for _, m := range p.members {
		names = append(names, m.name)
	}
	return names
}

func (v *visitor) leave() {
	p := v.n.rooms[v.room]
	if p == nil {
		return
	}
	if i := slices.Index(p.members, v); i >= 0 {
		p.members = slices.Delete(p.members, i, i+1)
		if v.n.bug != "nobody is told who left" {
			for _, m := range p.members {
				m.tell("type", "presence", "room", v.room, "name", v.name, "state", "left")
			}
		}
	}
	v.room = ""
}

func (v *visitor) join(r map[string]string) {
	bug, name := v.n.bug, r["name"]
	if name == "" {
		if bug == "no name is a name" {
			name = "?"
		} else {
			v.fail("bad_request", "")
			return
		}
	}
	p := v.n.rooms[r["room"]]
	if p == nil {
		p = &place{}
		v.n.rooms[r["room"]] = p
	}
	var all []*visitor
	for name, other := range v.n.rooms {
		if name == r["room"] || bug == "names are for all rooms" && strings.HasPrefix(r["room"], name) {
			all = append(all, other.members...)
		}
	}
	fold := strings.EqualFold
	if bug == "ANA is not Ana" {
		fold = func(a, b string) bool { return a == b }
	}
	for _, m := range all {
		if !fold(m.name, name) || bug == "names are not checked" {
			continue
		}
		mine := m.key != "" && m.key == r["key"] && bug != "no takeover"
		if !mine && (bug != "everybody takes over" || r["key"] == "") {
			v.fail("name_taken", "")
			return
		}
		p.members = slices.DeleteFunc(p.members, func(x *visitor) bool { return x == m })
		m.room = ""
		m.ws.NetConn().Close()
	}
	v.leave()
	v.room, v.name, v.key = r["room"], name, r["key"]
	for _, m := range p.members {
		if bug != "nobody is told who came" {
			m.tell("type", "presence", "room", v.room, "name", name, "state", "joined")
		}
	}
	p.members = append(p.members, v)
	names := p.names()
	if bug == "members is who else is there" {
		names = []string{name}
	}
	pairs := []any{"type", "joined", "room", v.room, "name", name, "members", names, "cursor", v.cursor(p.n)}
	since, is := r["since"]
	recovered := since == v.cursor(0) || slices.ContainsFunc(p.messages, func(m said) bool { return m.cursor == since })
	if bug == "believes every cursor" {
		recovered = true
	}
	if is && bug != "never says recovered" {
		pairs = append(pairs, "recovered", recovered)
	}
	if bug == "no cursor" {
		pairs = slices.Delete(pairs, 8, 10)
	}
	v.tell(pairs...)
	if is && recovered {
		v.replay(p, since)
	}
}

func (v *visitor) replay(p *place, since string) {
	bug := v.n.bug
	var missed []said
	for _, m := range p.messages {
		if m.cursor > since || bug == "resume begins too early" && m.cursor == since {
			missed = append(missed, m)
		}
	}
	switch {
	case bug == "resume is too short" && len(missed) > 0:
		missed = missed[1:]
	case bug == "resume is backwards":
		slices.Reverse(missed)
	case bug == "slow lose the rest" && strings.HasSuffix(v.room, "after-slow"):
		missed = missed[1:]
	}
	if bug == "a gap after resume" && strings.HasSuffix(v.room, "seam") { // the lock is let go, and others talk
		p.members = slices.DeleteFunc(p.members, func(x *visitor) bool { return x == v })
		for before, tries := p.n, 0; p.n == before && tries < 500; tries++ {
			v.n.mu.Unlock()
			time.Sleep(time.Millisecond)
			v.n.mu.Lock()
		}
		p.members = append(p.members, v)
	}
	var texts []string
	for _, m := range missed {
		texts = append(texts, m.json)
		if bug == "resume fills the queue" {
			v.push(m.json)
		}
	}
	if bug != "resume fills the queue" {
		v.push(texts...) // may be more than the queue holds
	}
}

func (v *visitor) cursor(n int) string {
	switch v.n.bug {
	case "cursors are decimal":
		return fmt.Sprint(n)
	case "cursors are times":
		return fmt.Sprintf("%05d", n/2)
	case "cursors are for each":
		v.cursors++
		return fmt.Sprintf("%05d", v.cursors)
	}
	return fmt.Sprintf("%05d", n)
}

func (v *visitor) send(p *place, r map[string]string) {
	bug, id := v.n.bug, r["id"]
	for _, m := range p.messages {
		known := m.id == id && m.from == v.name
		if known && bug != "resend doubles" && (bug != "ids are for a connection" || v.cursors > 0) {
			if bug == "resend is not acked" {
				return
			}
			v.tell("type", "ack", "room", v.room, "id", id, "cursor", m.cursor)
			return
		}
	}
	if bug == "ids are for a connection" {
		v.cursors++
	}
	p.n++
	at := v.cursor(p.n)
	pairs := []any{"type", "message", "room", v.room, "cursor", at, "id", id, "from", v.name, "text", r["text"], "at", "2026-11-23T12:00:00.000Z"}
	switch bug {
	case "cursors are numbers":
		pairs[5] = p.n
	case "text is escaped":
		pairs[11] = strings.ReplaceAll(r["text"], "<", "&lt;")
	case "passes the request on":
		pairs[0] = "action"
	case "no at":
		pairs = pairs[:12]
	}
	text := object(pairs)
	p.messages = append(p.messages, said{id, v.name, at, text})
	for i, m := range p.members {
		switch {
		case m == v && bug == "no echo", m != v && bug == "only echo":
			continue
		case bug == "not JSON":
			m.push("message: " + r["text"])
		case bug == "doubles":
			m.push(text)
			m.push(text)
		case bug == "forgets some" && p.n == 30, bug == "slow hear nothing more" && m.name == "Leo" && p.n > 40:
		case bug == "newest first" && p.n%2 == 1 && p.n < 20 && r["text"] == saying:
			time.AfterFunc(20*time.Millisecond, func() { m.push(text) })
		case bug == "everybody has an order" && i == 1 && p.n == 2:
			time.AfterFunc(20*time.Millisecond, func() { m.push(text) })
		case bug == "cursors are for each":
			pairs[5] = m.cursor(0)
			m.tell(pairs...)
		default:
			m.push(text)
		}
	}
	if bug == "rooms are one" {
		for name, other := range v.n.rooms {
			for _, m := range other.members {
				if name == v.room+"-2" {
					m.push(text)
				}
			}
		}
	}
	switch bug {
	case "no ack":
	case "ack has no cursor":
		v.tell("type", "ack", "room", v.room, "id", id)
	default:
		if bug == "another cursor in ack" {
			at += "0"
		}
		v.tell("type", "ack", "room", v.room, "id", id, "cursor", at)
	}
}

package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"

	"github.com/gorilla/websocket"
)

// A guest is one client of the server that is graded.
type guest struct {
	scene *scene
	name  string
	ws    *websocket.Conn
	inbox chan heard
	kept  []event // heard, and not asked for yet
	sent  []string
	came  []string // since it sent something
	quiet bool     // it has asked for nothing: an error is not for it
	end   string   // the finding if its connection ends, "closed" if empty
}

// fail ends the script.
func (g *guest) fail(key, wanted string, values ...string) {
	f := &Finding{Key: key, Values: map[string]string{"who": g.name}, Wanted: wanted, Caret: -1}
	for i := 0; i+1 < len(values); i += 2 {
		f.Values[values[i]] = values[i+1]
	}
	for _, other := range g.scene.guests {
		if n := len(other.sent); n > 0 && (other == g) != g.quiet { // who is quiet hears of what others do
			f.Sent = append(f.Sent, other.name+": "+other.sent[n-1])
		}
	}
	for _, raw := range g.came {
		f.Came = append(f.Came, g.name+": "+raw)
	}
	if wanted != "" {
		f.Wanted = g.name + ": " + wanted
	}
	if field := f.Values["field"]; field != "" && len(f.Came) > 0 {
		last := f.Came[len(f.Came)-1]
		f.Caret = caret(last, field)
	}
	panic(f)
}

// ended is fail for a connection that is lost.
func (g *guest) ended(err error) {
	defer func() {
		f := recover().(*Finding)
		f.cut = true
		panic(f)
	}()
	key := g.end
	if key == "" {
		key = "closed"
	}
	g.fail(key, "", "why", why(err))
}

// raw sends a text message.
func (g *guest) raw(text string) {
	g.sent, g.came, g.quiet = append(g.sent, text), nil, false
	err := g.ws.SetWriteDeadline(g.scene.until(g.scene.Limit))
	if err == nil {
		err = g.ws.WriteMessage(websocket.TextMessage, []byte(text))
	}
	if late(err) {
		g.fail("stalled", "")
	}
	if err != nil {
		g.ended(err)
	}
}

func (g *guest) say(pairs ...any) { g.raw(object(pairs)) }

// saying is a text that must come back as it is.
const saying = `olá, "<b>" 👋`

func (g *guest) send(id string) {
	g.say("action", "send", "room", g.scene.room, "id", id, "text", saying)
}

func (g *guest) join(extra ...any) event {
	g.say(append([]any{"action", "join", "room", g.scene.room, "name", g.name}, extra...)...)
	e := g.want("silence", "type", "joined", "room", g.scene.room)
	g.quiet = true
	return e
}

// cut ends TCP without a word.
func (g *guest) cut() { g.ws.NetConn().Close() }

// heard is what comes, or how the connection ended.
type heard struct {
	kind int
	data []byte
	err  error
}

// listen reads from now on. It does not wait for the script, so that pings are
// answered also while that is about somebody else.
func (g *guest) listen() {
	g.inbox = make(chan heard, 1024)
	forever := g.ws.SetReadDeadline(time.Time{})
	go func() {
		for {
			h := heard{err: forever}
			if h.err == nil {
				h.kind, h.data, h.err = g.ws.ReadMessage()
			}
			select {
			case g.inbox <- h:
			case <-g.scene.over:
				return
			}
			if h.err != nil {
				close(g.inbox)
				return
			}
		}
	}()
}

func (g *guest) next(deadline time.Time) (h heard) {
	if g.inbox == nil { // nobody listens beside the script
		if h.err = g.ws.SetReadDeadline(deadline); h.err == nil {
			h.kind, h.data, h.err = g.ws.ReadMessage()
		}
		return h
	}
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case h, open := <-g.inbox:
		if !open {
			h.err = net.ErrClosed // how was said before
		}
		return h
	case <-timer.C:
		return heard{err: os.ErrDeadlineExceeded}
	}
}

// read is the next event. The error is a deadline that has passed, or how
// the connection ended.
func (g *guest) read(deadline time.Time) (event, error) {
	h := g.next(deadline)
	if h.err != nil {
		return event{}, h.err
	}
	e := event{raw: string(bytes.TrimSpace(h.data))}
	g.came = append(g.came, e.raw)
	switch {
	case h.kind != websocket.TextMessage:
		g.fail("binary", "")
	case json.Unmarshal(h.data, &e.fields) != nil || e.fields == nil:
		if n := objects(h.data); n > 1 {
			g.fail("several", "", "n", fmt.Sprint(n))
		}
		g.fail("not-json", "")
	case e.text("type") == "":
		g.fail("no-type", "")
	}
	return e, nil
}

// late says whether it was a deadline. Gorilla has an error of its own for it.
func late(err error) bool {
	timeout, is := errors.AsType[net.Error](err)
	return is && timeout.Timeout()
}

// take is the next event that matches; what does not is kept for later. It is
// false if none comes in time.
func (g *guest) take(patience time.Duration, match func(event) bool) (event, bool) {
	for i, e := range g.kept {
		if match(e) {
			g.kept = append(g.kept[:i:i], g.kept[i+1:]...)
			return e, true
		}
	}
	deadline := g.scene.until(patience)
	for {
		e, err := g.read(deadline)
		switch {
		case late(err):
			return e, false
		case err != nil:
			g.ended(err)
		case match(e):
			return e, true
		}
		g.kept = append(g.kept, e)
	}
}

// want waits for an event with the type of these pairs, and has its fields
// compared. If none comes, that is found which is missing.
func (g *guest) want(missing string, pairs ...any) event {
	return g.wantFor(g.scene.Limit, missing, pairs...)
}

func (g *guest) wantFor(patience time.Duration, missing string, pairs ...any) event {
	fields := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		fields[pairs[i].(string)] = pairs[i+1]
	}
	kind, wanted := fields["type"], object(pairs)
	e, ok := g.take(patience, func(e event) bool {
		switch {
		case e.is("error"):
			return true
		case kind == "presence":
			return e.is("presence") && fits(fields["name"], e.fields["name"]) && fits(fields["state"], e.fields["state"])
		case kind == "ack":
			return e.is("ack") && fits(fields["id"], e.fields["id"])
		}
		return e.text("type") == kind
	})
	if !ok {
		g.fail(missing, wanted)
	}
	if e.is("error") && kind != "error" {
		g.refused(e, wanted)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		g.compare(e, pairs[i].(string), pairs[i+1], wanted)
	}
	return e
}

func (g *guest) compare(e event, field string, want any, wanted string) {
	got, there := e.fields[field]
	if there && fits(want, got) {
		return
	}
	g.came = []string{e.raw}
	switch _, number := got.(float64); {
	case !there:
		g.fail("field-missing", wanted, "field", field)
	case field == "cursor" && number:
		g.fail("cursor-number", wanted, "field", field)
	}
	g.fail("field", wanted, "field", field)
}

// refused is fail for an error that nobody has deserved.
func (g *guest) refused(e event, wanted string) {
	key := "refused"
	if g.quiet {
		key = "leaked"
	}
	g.came = []string{e.raw}
	g.fail(key, wanted, "code", e.text("code"))
}

// message is the next one, or what is missing is found.
func (g *guest) message(missing, wanted string) event {
	e, ok := g.take(g.scene.Limit, func(e event) bool { return e.is("message", "error") })
	if !ok {
		g.fail(missing, wanted)
	}
	if e.is("error") {
		g.refused(e, wanted)
	}
	return e
}

// hear waits for these messages, of which each must come once, in this order,
// and no other one between them.
func (g *guest) hear(ids ...string) (heard []event) {
	seen, disorder := map[string]bool{}, ""
	for len(heard) < len(ids) {
		first := slices.IndexFunc(ids, func(id string) bool { return !seen[id] })
		wanted := object([]any{"type", "message", "room", g.scene.room, "id", ids[first]})
		e := g.message("lost", wanted)
		id, key := e.text("id"), ""
		switch {
		case !slices.Contains(ids, id):
			key = "leaked"
		case seen[id]:
			key = "doubled"
		case id != ids[first] && disorder == "":
			disorder = id
		}
		if key != "" {
			g.came = []string{e.raw}
			g.fail(key, wanted, "id", id)
		}
		seen[id], heard = true, append(heard, e)
	}
	if disorder != "" {
		g.fail("order", "", "id", disorder)
	}
	return heard
}

package grade

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// A guest is one client.
type guest struct {
	scene *scene
	name  string
	id    string // connectionId, if the function is seen
	conn  *wsconn.Conn
	inbox chan heard // closed when the connection has ended
	left  bool
}

// heard is a message.
type heard struct {
	raw    string
	fields map[string]any
}

func (h heard) text(field string) string {
	s, _ := h.fields[field].(string)
	return s
}

func (g *guest) listen() {
	defer close(g.inbox)
	for {
		_, b, err := g.conn.Read(context.Background()) // until leave
		if err != nil {
			return
		}
		h := heard{raw: string(bytes.TrimSpace(b))}
		_ = json.Unmarshal(b, &h.fields) // want says what is wrong with it
		select {
		case g.inbox <- h:
		default: // nobody floods: it is too much to be looked at
		}
	}
}

// leave ends the connection in good order. It is false if it has ended.
func (g *guest) leave() bool {
	if g.left {
		return false
	}
	g.left = true
	_ = g.conn.Close(frame.NormalClosure, "") // it ends in any case
	for range g.inbox {
	}
	return true
}

// vanish leaves without a $disconnect, as happens on AWS too.
func (g *guest) vanish() {
	if s := g.scene.stand; s != nil {
		s.mu.Lock()
		s.lost[g.id] = true
		s.mu.Unlock()
	}
	g.leave()
	g.scene.due++
	if s := g.scene.stand; s != nil {
		s.rest(g.scene.ctx, g.scene.due)
	}
}

// raw sends a text.
func (g *guest) raw(text string) {
	g.scene.say(g.name, text)
	if err := g.conn.Write(g.scene.ctx, frame.Text, []byte(text)); err != nil {
		g.scene.fail("closed", "", "who", g.name)
	}
}

func (g *guest) say(m message) { g.raw(written(m)) }

// A message is what clients say, and hear. "*" is any text, "*shout*" one with
// shout in it.
type message map[string]string

// MarshalJSON has the fields in the order in which one reads them.
func (m message) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for _, name := range []string{"action", "type", "from", "text", "message"} {
		if value, is := m[name]; is {
			b.WriteByte("{,"[min(b.Len(), 1)])
			b.WriteString(written(name) + ":" + written(value))
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// saying is a text that must come back as it is.
const saying = `olá, "<b>" 👋`

// want waits for a message with these fields. If none comes, that is found
// which is missing.
func (g *guest) want(missing string, m message) {
	h, ok := g.next()
	g.compare(h, ok, missing, m)
}

// compare is want for what has come, or not.
func (g *guest) compare(h heard, ok bool, missing string, m message) {
	s, wanted := g.scene, g.name+": "+written(m)
	switch {
	case !ok:
		s.diagnose(missing, wanted, g)
	case h.fields == nil:
		s.fail("not-json", wanted, "who", g.name)
	case h.fields["type"] == nil && h.text("message") == "Forbidden":
		s.due-- // nobody was called
		s.fail("forbidden", wanted)
	case h.fields["type"] == nil && h.text("connectionId") != "":
		s.diagnose("internal", wanted, g)
	case h.fields["type"] == nil:
		s.fail("no-type", wanted, "who", g.name)
	}
	for _, field := range []string{"type", "from", "text", "message"} {
		if pattern, is := m[field]; is && !fits(pattern, h.text(field)) {
			s.fail("field", wanted, "who", g.name, "field", field)
		}
	}
}

func fits(pattern, text string) bool {
	if part := strings.Trim(pattern, "*"); part != pattern {
		return text != "" && strings.Contains(text, part)
	}
	return text == pattern
}

// next is the next message. Silence is when nothing has come for a while since
// the function was done with all it was called for.
func (g *guest) next() (heard, bool) {
	s := g.scene
	for {
		calm, patience := s.calm(), s.Limit
		switch {
		case s.stand == nil:
			patience *= 4 // there may be a cold start in it
		case !calm:
			patience = 5 * time.Millisecond
		}
		select {
		case h, open := <-g.inbox:
			if !open {
				s.fail("closed", "", "who", g.name)
			}
			s.came = append(s.came, g.name+": "+h.raw)
			return h, true
		case <-s.ctx.Done():
			return heard{}, false
		case <-time.After(patience):
			if calm && len(g.inbox) == 0 {
				return heard{}, false
			}
		}
	}
}

// calm says whether the function has been called for all that was sent, and is
// done. Where it is not seen, nobody knows.
func (s *scene) calm() bool {
	if s.stand == nil {
		return true
	}
	n, idle := s.stand.count()
	return idle && (n >= s.due || time.Since(s.mark) > noCall)
}

package check

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// A Finding is what is wrong: the key of a text, what stands in its gaps, and
// the lines to look at. A line begins with the name of the guest.
type Finding struct {
	Key    string
	Values map[string]string
	Sent   []string
	Came   []string
	Wanted string
	Caret  int // the column in the last line of Came where it is wrong, or -1

	cut bool // a connection was lost
}

// A scene is a case while it runs. Its script reads like the conversation it
// is, so whatever goes wrong ends it by a panic with the finding.
type scene struct {
	*Config
	ctx    context.Context
	room   string
	end    time.Time // of the whole case
	guests []*guest
	over   chan struct{}
}

// play runs a case.
func (c *Config) play(ctx context.Context, it *Case) (f *Finding) {
	s := &scene{Config: c, ctx: ctx, room: c.run + "-" + it.ID, end: time.Now().Add(8*c.Limit + c.Patience), over: make(chan struct{})}
	defer func() {
		close(s.over)
		for _, g := range s.guests {
			g.ws.Close()
		}
		switch r := recover().(type) {
		case nil:
		case *Finding:
			f = r
		default:
			panic(r)
		}
	}()
	it.script(s)
	return nil
}

// until is when a wait that may last so long ends.
func (s *scene) until(patience time.Duration) time.Time {
	if at := time.Now().Add(patience); at.Before(s.end) {
		return at
	}
	return s.end
}

// dial connects, and has the status of the answer if there was one.
func (c *Config) dial(ctx context.Context) (ws *websocket.Conn, status string, err error) {
	d := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: c.Limit}
	ws, answer, err := d.DialContext(ctx, c.URL.String(), nil)
	if answer != nil {
		answer.Body.Close() // what gorilla leaves of it is in memory
		status = answer.Status
	}
	return ws, status, err
}

// connect is a guest that has not joined.
func (s *scene) connect(name string) *guest {
	g := s.deaf(name)
	g.listen()
	return g
}

// deaf is one who does not read before listen is called.
func (s *scene) deaf(name string) *guest {
	g := &guest{scene: s, name: name}
	ws, _, err := s.dial(s.ctx)
	if err != nil {
		g.ended(err)
	}
	g.ws = ws
	s.guests = append(s.guests, g)
	return g
}

// enter is a guest that is in the room.
func (s *scene) enter(name string, extra ...any) *guest {
	g := s.connect(name)
	g.join(extra...)
	return g
}

// why is how a connection ended, in few words.
func why(err error) string {
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok && closed.Code != websocket.CloseAbnormalClosure {
		return fmt.Sprintf("%d %s", closed.Code, closed.Text)
	}
	if errors.As(err, new(*websocket.CloseError)) {
		return "TCP"
	}
	return err.Error()
}

package grade

import (
	"fmt"
	"net/http"
	"strings"

	"websocket.example/05-apigw-lambda/gateway/api"
)

// diagnose is fail for something that the function may have caused: it looks
// at what it did since the last message. Without a look it is as it seems.
func (s *scene) diagnose(seems, wanted string, g *guest) {
	who := ""
	if g != nil {
		who = g.name
	}
	if s.stand == nil {
		s.fail(seems, wanted, "who", who)
	}
	s.stand.mu.Lock()
	elsewhere := strings.Join(s.stand.elsewhere, ", ")
	s.stand.elsewhere = nil
	s.stand.mu.Unlock()
	calls, posts := s.stand.since(s.mark)
	if elsewhere != "" {
		s.fail("elsewhere", wanted, "host", elsewhere)
	}
	for _, c := range calls {
		s.judge(c, posts, wanted)
	}
	for _, c := range calls {
		if g != nil && c.said().Body != "" && !postedTo(posts, g.id) {
			s.came = append(s.came, shownCall(c))
			s.fail("one-way", wanted, "who", who)
		}
	}
	for _, p := range posts {
		if p.status >= http.StatusBadRequest && (g == nil || p.connection == g.id) {
			s.came = append(s.came, shownPost(p))
			s.fail("post-refused", wanted, "status", fmt.Sprint(p.status))
		}
	}
	if g != nil && seems == "wrong-one" && postedTo(posts, g.id) {
		seems = "silence"
	}
	s.fail(seems, wanted, "who", who)
}

// judge fails if the function itself did.
func (s *scene) judge(c call, posts []post, wanted string) {
	said := c.said()
	switch {
	case !c.ended:
		return
	case c.err != nil:
		s.fail("not-run", wanted, "error", c.err.Error())
	case c.result.Error == "" && (said.StatusCode != nil || c.route == ""):
		return
	}
	s.came = append(s.came, shownCall(c))
	if c.result.Error == "" {
		s.fail("no-status", wanted)
	}
	key := "function-failed"
	for _, p := range posts {
		if p.status == http.StatusGone {
			s.came = append(s.came, shownPost(p))
			switch own := p.connection == c.connection; {
			case own && c.route == api.Connect:
				key = "post-in-connect"
			case own && c.route == api.Disconnect:
				key = "post-in-disconnect"
			default:
				key = "failed-at-gone"
			}
		}
	}
	switch {
	case s.it.ID == "not-json":
		key = "not-parsed"
	case strings.Contains(said.ErrorMessage, "Task timed out"):
		key = "timed-out"
	}
	s.fail(key, wanted, "error", said.ErrorMessage)
}

// wantFine wants the function not to have failed since the last message.
func (s *scene) wantFine() {
	calls, posts := s.stand.since(s.mark)
	for _, c := range calls {
		s.judge(c, posts, `{"statusCode":200}`)
	}
}

func postedTo(posts []post, id string) bool {
	for _, p := range posts {
		if p.connection == id {
			return true
		}
	}
	return false
}

func shownCall(c call) string {
	route := c.route
	if route == "" {
		route = "Invoke"
	}
	return fmt.Sprintf("%s: %s", route, c.result.Payload)
}

func shownPost(p post) string { return fmt.Sprintf("POST: HTTP %d %s", p.status, p.text) }

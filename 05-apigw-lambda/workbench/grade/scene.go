package grade

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/wsconn"
)

// A Finding is what is wrong: the key of a text, what stands in its gaps, and
// the lines to look at. A line begins with the name of the guest.
type Finding struct {
	Key    string
	Values map[string]string
	Sent   []string
	Came   []string
	Wanted string
}

// A scene is a case while it runs. Its script reads like the conversation it
// is, so whatever goes wrong ends it by a panic with the finding.
type scene struct {
	*Config
	*place
	ctx    context.Context
	it     *Case
	guests []*guest
	sent   []string
	came   []string // since something was sent
	mark   time.Time
	due    int // so many calls of the function must have begun before silence counts
}

// longest is how long a case may take, whatever it does.
const longest = 30 * time.Second

// play runs a case. One that goes wrong, and goes well when one environment
// has heard everything, has found a variable.
func (c *Config) play(ctx context.Context, p *place, it *Case) *Finding {
	f := c.playOnce(ctx, p, it)
	if f == nil || it.Stage < 4 || p.stand == nil || f.Key == "timed-out" || f.Key == "not-run" || f.Key == "elsewhere" {
		return f
	}
	for _, function := range p.stand.seen {
		end, err := function.alone()
		if err != nil {
			return f
		}
		defer end()
	}
	if c.playOnce(ctx, p, it) == nil {
		f.Key = "variable"
	}
	return f
}

func (c *Config) playOnce(ctx context.Context, p *place, it *Case) (f *Finding) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	s := &scene{Config: c, place: p, ctx: ctx, it: it, mark: time.Now()}
	if p.stand != nil {
		s.due, _ = p.stand.count()
	}
	defer func() {
		r := recover()
		s.end()
		switch r := r.(type) {
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

// end says goodbye for all, and waits until the function has heard of it.
func (s *scene) end() {
	left := 0
	for _, g := range s.guests {
		if g.leave() {
			left++
		}
	}
	if s.stand != nil {
		ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
		defer cancel()
		s.due += left
		s.stand.rest(ctx, s.due)
		_ = s.stand.clear() // a file that stays is a connection that has gone
	}
}

// say notes what is sent.
func (s *scene) say(who, text string) {
	s.sent, s.came, s.mark = append(s.sent[:0], who+": "+text), nil, time.Now()
	s.due++
}

// fail ends the script.
func (s *scene) fail(key, wanted string, values ...string) {
	f := &Finding{Key: key, Values: map[string]string{}, Wanted: wanted, Sent: s.sent, Came: s.came}
	for i := 0; i+1 < len(values); i += 2 {
		f.Values[values[i]] = values[i+1]
	}
	panic(f)
}

// knock asks to be let in. The answer is a status; with 101 there is a guest.
func (s *scene) knock(name, query string) (status int, g *guest) {
	at := *s.ws
	at.RawQuery = query
	s.say(name, "GET "+at.RequestURI())
	conn, err := wsconn.Dial(s.ctx, at.String(), &wsconn.DialOptions{Options: wsconn.Options{CloseTimeout: time.Second}})
	if refused, is := errors.AsType[*handshake.RefusedError](err); is {
		s.came = append(s.came, fmt.Sprintf("%s: HTTP %d", name, refused.Response.Status))
		return refused.Response.Status, nil
	}
	if err != nil {
		s.fail("unreachable", "", "error", err.Error())
	}
	s.came = append(s.came, fmt.Sprintf("%s: HTTP %d", name, http.StatusSwitchingProtocols))
	g = &guest{scene: s, name: name, conn: conn, inbox: make(chan heard, 256)}
	if s.stand != nil {
		calls, _ := s.stand.since(s.mark)
		for _, c := range calls {
			if c.route == "$connect" {
				g.id = c.connection
			}
		}
	}
	s.guests = append(s.guests, g)
	go g.listen()
	return http.StatusSwitchingProtocols, g
}

// enter is a guest with a name.
func (s *scene) enter(name string) *guest {
	status, g := s.knock(name, "name="+name)
	if status != http.StatusSwitchingProtocols {
		s.refused(status, "101")
	}
	return g
}

// invoke calls the function as something else than API Gateway does.
func (s *scene) invoke(payload map[string]string) {
	const who = "Invoke"
	body := written(payload)
	s.say(who, body)
	target := "http://" + s.ws.Host + "/2015-03-31/functions/" + s.function + "/invocations"
	request, err := http.NewRequestWithContext(s.ctx, http.MethodPost, target, bytes.NewReader([]byte(body)))
	if err != nil {
		s.fail("unreachable", "", "error", err.Error())
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		s.fail("unreachable", "", "error", err.Error())
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(response.Body, 4096)) // half an answer is one too
	s.came = append(s.came, fmt.Sprintf("%s: HTTP %d %s", who, response.StatusCode, bytes.TrimSpace(answer)))
	if response.StatusCode != http.StatusOK || response.Header.Get("X-Amz-Function-Error") != "" {
		s.diagnose("invoke-failed", "HTTP 200, and no X-Amz-Function-Error", nil)
	}
}

// written is JSON as it is sent.
func written(m any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		panic(err) // strings only
	}
	return string(bytes.TrimSpace(b.Bytes()))
}

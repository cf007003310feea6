package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"websocket.example/04-chat-hub/log"
	"websocket.example/04-chat-hub/log/memory"
	"websocket.example/04-chat-hub/log/nats"
)

// A conversation is a file with one step in a line:
//
//	ana +                  connects
//	ana > MESSAGE          sends
//	ana < MESSAGE          gets this message next
//	ana & MESSAGE          gets this message among the next ones, which follow in lines like it
//	ana -                  cuts her TCP connection
//	ana x CODE             gets a close frame next
//	forget                 the history is lost (only in memory)
//
// In what is got, "*" is any value, and "$x" one that has to be the same
// everywhere; in what is sent, "$x" is put in.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no conversations", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name+"/memory", func(t *testing.T) {
			server := memory.NewServer()
			store := server.Open()
			t.Cleanup(func() { store.Close() })
			newConversation(t, store, server.Forget).run(string(text))
		})
		if strings.Contains(string(text), "\nforget") {
			continue
		}
		t.Run(name+"/nats", func(t *testing.T) {
			store, err := nats.Open(t.Context(), nats.Options{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { store.Close() })
			newConversation(t, store, nil).run(string(text))
		})
	}
}

type conversation struct {
	*testing.T
	dial   func(name string) *client
	forget func()
	who    map[string]*client
	known  map[string]any
	among  map[string][]any // what is wanted in any order, by client
}

func newConversation(t *testing.T, store log.Store, forget func()) *conversation {
	l := listen(t)
	serve(t, Options{Store: store, Rooms: 3, Rate: 10, Burst: 60}, l)
	return &conversation{
		T: t, forget: forget, who: map[string]*client{}, known: map[string]any{}, among: map[string][]any{},
		dial: func(name string) *client { return dial(t, l, name) },
	}
}

var step = regexp.MustCompile(`^(\S+) ([+><&x-]) ?(.*)$`)

func (c *conversation) run(text string) {
	for n, line := range strings.Split(text+"\n", "\n") {
		m := step.FindStringSubmatch(line)
		if m == nil || m[2] != "&" {
			c.settle(n)
		}
		switch {
		case line == "" || line[0] == '#':
			continue
		case line == "forget":
			c.forget()
			continue
		case m == nil:
			c.Fatalf("line %d: not a step: %s", n+1, line)
		}
		name, what := m[1], m[3]
		client := c.who[name]
		switch m[2] {
		case "+":
			c.who[name] = c.dial(name)
		case "-":
			client.ws.NetConn().Close()
		case ">":
			for key, v := range c.known {
				what = strings.ReplaceAll(what, "$"+key, fmt.Sprint(v))
			}
			client.send(what)
		case "<":
			if got := c.get(name, n); !c.fits(parse(c.T, what), got) {
				c.Fatalf("line %d: %s gets\n%s\nand not\n%s", n+1, name, show(got), what)
			}
		case "&":
			c.among[name] = append(c.among[name], parse(c.T, what))
		case "x":
			_, err := client.next()
			if closed, ok := errors.AsType[*websocket.CloseError](err); !ok || fmt.Sprint(closed.Code) != what {
				c.Fatalf("line %d: %s gets %v and not a close frame with %s", n+1, name, err, what)
			}
		}
	}
	for name, client := range c.who { // and nothing else came
		_ = client.ws.SetReadDeadline(time.Now().Add(20 * time.Millisecond)) // then ReadMessage fails
		if _, b, err := client.ws.ReadMessage(); err == nil {
			c.Errorf("at the end %s also gets %s", name, b)
		}
	}
}

// settle reads what is wanted in any order.
func (c *conversation) settle(n int) {
	for name, wants := range c.among {
		for len(wants) > 0 {
			got := c.get(name, n)
			found := false
			for i, want := range wants {
				if found = c.fits(want, got); found {
					wants = append(wants[:i:i], wants[i+1:]...)
					break
				}
			}
			if !found {
				c.Fatalf("before line %d: %s gets\n%s\nwhich is none of\n%v", n+1, name, show(got), wants)
			}
		}
		delete(c.among, name)
	}
}

func (c *conversation) get(name string, n int) any {
	c.Helper()
	b, err := c.who[name].next()
	if err != nil {
		c.Fatalf("line %d: %s gets %v", n+1, name, err)
	}
	return parse(c.T, b)
}

func parse(t *testing.T, s string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return v
}

func show(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// fits binds the names it meets, if all of it fits.
func (c *conversation) fits(want, got any) bool {
	known := maps.Clone(c.known)
	if !fits(known, want, got) {
		return false
	}
	c.known = known
	return true
}

func fits(known map[string]any, want, got any) bool {
	switch w := want.(type) {
	case string:
		if w == "*" {
			return got != nil
		}
		if strings.HasPrefix(w, "$") {
			if v, there := known[w[1:]]; there {
				return reflect.DeepEqual(v, got)
			}
			known[w[1:]] = got
			return got != nil
		}
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for key := range w {
			if !fits(known, w[key], g[key]) {
				return false
			}
		}
		return true
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !fits(known, w[i], g[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(want, got)
}

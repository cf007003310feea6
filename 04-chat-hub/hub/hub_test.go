package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/04-chat-hub/log"
	"websocket.example/04-chat-hub/log/memory"
)

func newStore(t *testing.T) *memory.Store {
	store := memory.NewServer().Open()
	t.Cleanup(func() { store.Close() })
	return store
}

// Somebody who does not read is evicted; nobody else waits; and when they
// come back they have missed nothing.
func TestSlowReader(t *testing.T) {
	l := listen(t)
	h := serve(t, Options{Behind: 256 << 10, Rate: -1}, l)
	ana, slow := dial(t, l, "Ana"), dial(t, l, "Slow")
	ana.join("go")
	slow.send(`{"action":"join","room":"go","name":"Slow","key":"k"}`)
	slow.expect(`"type":"joined"`)
	text := strings.Repeat("x", chat.MaxText)
	n := 0
	for ; testutil.ToFloat64(h.m.evicted) == 0; n++ {
		if n > 5000 {
			t.Fatal("40 MB behind, and not evicted")
		}
		ana.send(fmt.Sprintf(`{"action":"send","room":"go","id":"%d","text":"%s"}`, n, text))
		ana.expect(`"type":"ack"`)
	}
	var last chat.Cursor
	seen := 0
	read := func(c *client) error {
		for {
			b, err := c.next()
			if err != nil {
				return err
			}
			e := decode(t, b)
			if e.Type != chat.TypeMessage {
				continue
			}
			if e.ID != fmt.Sprint(seen) {
				t.Fatalf("message %s comes in place of %d", e.ID, seen)
			}
			last = e.Cursor
			if seen++; seen == n {
				return nil
			}
		}
	}
	if err := read(slow); !websocket.IsCloseError(err, websocket.CloseTryAgainLater) {
		t.Fatalf("%v, want close code 1013", err)
	}
	again := dial(t, l, "Slow")
	again.send(`{"action":"join","room":"go","name":"Slow","key":"k","since":"` + last.String() + `"}`)
	again.expect(`"recovered":true`)
	if err := read(again); err != nil {
		t.Fatal(err)
	}
}

// A socket that takes nothing at all gets no close frame, but an end.
func TestStuckReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		serve(t, Options{Ping: -1}, l)
		ana, stuck := dial(t, l, "Ana"), dial(t, l, "Stuck")
		ana.join("go")
		stuck.join("go")
		began := time.Now()
		ana.send(`{"action":"send","room":"go","id":"1","text":"one"}`)
		ana.expect(`"state":"left"`)
		if d := time.Since(began); d != 10*time.Second {
			t.Errorf("after %v", d)
		}
	})
}

// A peer that answers no ping is dead after two of them.
func TestDeadPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		serve(t, Options{Ping: 16 * time.Second}, l)
		ana, dead := dial(t, l, "Ana"), dial(t, l, "Dead")
		ana.join("go")
		dead.join("go")
		dead.ws.SetPingHandler(func(string) error { return nil })
		go func() {
			for {
				if _, err := dead.next(); err != nil {
					return
				}
			}
		}()
		began := time.Now()
		go func() { // patience is shorter than this takes
			for range 10 {
				time.Sleep(5 * time.Second)
				_ = ana.ws.WriteMessage(websocket.TextMessage, []byte(`{"action":"ping"}`)) // expect notices
			}
		}()
		ana.expect(`"state":"left"`)
		if d := time.Since(began); d < 30*time.Second || d > 50*time.Second {
			t.Errorf("after %v", d)
		}
		time.Sleep(time.Minute)
	})
}

// One that answers stays, however silent.
func TestSilentPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		h := serve(t, Options{Ping: 16 * time.Second}, l)
		ana := dial(t, l, "Ana")
		ana.join("go")
		go func() {
			_ = ana.ws.SetReadDeadline(time.Time{})
			for {
				if _, _, err := ana.ws.ReadMessage(); err != nil { // pings are answered inside
					return
				}
			}
		}()
		time.Sleep(time.Hour)
		if n := testutil.ToFloat64(h.m.connections); n != 1 {
			t.Errorf("%v connections", n)
		}
	})
}

func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		h := serve(t, Options{}, l)
		var all sync.WaitGroup
		var mu sync.Mutex
		delays := map[string]bool{}
		for i := range 20 {
			c := dial(t, l, fmt.Sprint("n", i))
			all.Go(func() {
				for {
					_, err := c.next()
					if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
						mu.Lock()
						delays[closed.Text] = true
						mu.Unlock()
						if closed.Code != websocket.CloseServiceRestart || !strings.HasPrefix(closed.Text, "reconnect in ") {
							t.Error(closed)
						}
						return
					}
				}
			})
		}
		stubborn := dial(t, l, "stubborn")
		stubborn.ws.SetCloseHandler(func(int, string) error { return nil })
		go func() { _, _ = stubborn.next() }()
		began := time.Now()
		if err := h.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if d := time.Since(began); d > closeTimeout {
			t.Errorf("Shutdown took %v", d)
		}
		all.Wait()
		if len(delays) < 10 {
			t.Errorf("all are told to come back at once: %v", delays)
		}
		if h.Ready() {
			t.Error("ready")
		}
	})
}

func TestEdge(t *testing.T) {
	onlyAna := func(r *http.Request) (string, error) {
		if r.Header.Get("Authorization") != "Bearer ana" {
			return "", errors.New("say who you are")
		}
		return "Ana", nil
	}
	for _, row := range []struct {
		name    string
		options Options
		header  http.Header
		status  int
	}{
		{"no origin", Options{}, nil, 101},
		{"its own page", Options{}, http.Header{"Origin": {"http://HOST"}}, 101},
		{"its own page over TLS", Options{}, http.Header{"Origin": {"https://HOST"}}, 101},
		{"a foreign page", Options{}, http.Header{"Origin": {"https://evil.example"}}, 403},
		{"another port", Options{}, http.Header{"Origin": {"http://127.0.0.1:1"}}, 403},
		{"a file", Options{}, http.Header{"Origin": {"null"}}, 403},
		{"a foreign page that may", Options{Origins: []string{"https://good.example"}}, http.Header{"Origin": {"https://Good.example"}}, 101},
		{"a page that is not quite it", Options{Origins: []string{"https://good.example"}}, http.Header{"Origin": {"https://good.example.evil"}}, 403},
		{"any page", Options{Origins: []string{"*"}}, http.Header{"Origin": {"https://evil.example"}}, 101},
		{"who says nothing", Options{Welcome: onlyAna}, nil, 403},
		{"who is welcome", Options{Welcome: onlyAna}, http.Header{"Authorization": {"Bearer ana"}}, 101},
	} {
		t.Run(row.name, func(t *testing.T) {
			l := listen(t)
			serve(t, row.options, l)
			header := http.Header{}
			for k, v := range row.header {
				header[k] = []string{strings.ReplaceAll(v[0], "HOST", l.Addr().String())}
			}
			ws, resp, err := websocket.DefaultDialer.Dial("ws://"+l.Addr().String(), header)
			if resp == nil || resp.StatusCode != row.status {
				t.Fatalf("%v, %v, want %d", resp, err, row.status)
			}
			resp.Body.Close()
			if ws != nil {
				ws.Close()
			}
		})
	}
}

// Whom the hook has given a name can't use another one.
func TestWelcomedName(t *testing.T) {
	l := listen(t)
	serve(t, Options{Welcome: func(*http.Request) (string, error) { return "Ana", nil }}, l)
	c := dial(t, l, "x")
	c.send(`{"action":"join","room":"go","name":"Rui"}`)
	c.expect(`"name":"Ana","members":["Ana"]`)
}

func TestLimits(t *testing.T) {
	t.Run("connections", func(t *testing.T) {
		l := listen(t)
		serve(t, Options{Conns: 1}, l)
		dial(t, l, "a")
		refused(t, l, 503)
	})
	t.Run("connections from an address", func(t *testing.T) {
		l := listen(t)
		serve(t, Options{Addresses: AddressLimits{Conns: 1, Loopback: true}}, l)
		a := dial(t, l, "a")
		refused(t, l, 503)
		a.ws.Close()
		for { // until it is counted out
			ws, resp, err := websocket.DefaultDialer.Dial("ws://"+l.Addr().String(), nil)
			resp.Body.Close()
			if err == nil {
				ws.Close()
				return
			}
		}
	})
	t.Run("an address's rate", func(t *testing.T) {
		l := listen(t)
		serve(t, Options{Addresses: AddressLimits{Rate: 0.001, Burst: 2, Loopback: true}}, l)
		a, b := dial(t, l, "a"), dial(t, l, "b")
		a.send(`{"action":"ping"}`)
		a.expect(`"type":"pong"`)
		b.send(`{"action":"ping"}`)
		b.expect(`"type":"pong"`)
		b.send(`{"action":"ping"}`)
		b.expect(`"code":"rate_limited"`)
	})
	t.Run("a connection's rate", func(t *testing.T) {
		l := listen(t)
		serve(t, Options{Rate: 0.001, Burst: 2}, l)
		a := dial(t, l, "a")
		a.send(`{"action":"ping"}`)
		a.join("go")
		a.send(`{"action":"send","room":"go","id":"7","text":"x"}`)
		a.expect(`"id":"7","code":"rate_limited"`)
	})
	t.Run("who does not stop is cut off", func(t *testing.T) {
		l := listen(t)
		serve(t, Options{Rate: 0.001, Burst: 2}, l)
		a := dial(t, l, "a")
		for range maxRefused + 3 {
			a.send(`{"action":"ping"}`)
		}
		a.expectClose(websocket.ClosePolicyViolation)
	})
	t.Run("a large message", func(t *testing.T) {
		l := listen(t)
		serve(t, Options{}, l)
		for _, name := range []string{"plain", "deflate"} {
			a := dial(t, l, name)
			a.send(`{"action":"ping","x":"` + strings.Repeat("x", 3*chat.MaxMessage) + `"}`)
			a.expect(`"code":"too_large"`)
			a.send(`{"action":"ping"}`)
			a.expect(`"type":"pong"`)
		}
	})
	t.Run("a huge message", func(t *testing.T) {
		l := listen(t)
		serve(t, Options{}, l)
		a := dial(t, l, "a")
		_ = a.ws.WriteMessage(websocket.TextMessage, make([]byte, 2*maxWire)) // expectClose sees it
		a.expectClose(websocket.CloseMessageTooBig)
	})
	t.Run("binary", func(t *testing.T) {
		l := listen(t)
		serve(t, Options{}, l)
		a := dial(t, l, "a")
		_ = a.ws.WriteMessage(websocket.BinaryMessage, []byte(`{"action":"ping"}`)) // expectClose sees it
		a.expectClose(websocket.CloseUnsupportedData)
	})
}

func refused(t *testing.T, l net.Listener, status int) {
	t.Helper()
	_, resp, err := websocket.DefaultDialer.Dial("ws://"+l.Addr().String(), nil)
	if err == nil || resp == nil || resp.StatusCode != status {
		t.Fatalf("%v, %v, want %d", resp, err, status)
	}
	resp.Body.Close()
}

// A store that is electing a leader.
type electing struct {
	log.Store
	elected chan struct{}
}

func (e *electing) Append(ctx context.Context, p log.Post) (log.Receipt, error) {
	select {
	case <-e.elected:
		return e.Store.Append(ctx, p)
	case <-ctx.Done():
		return log.Receipt{}, ctx.Err()
	}
}

// While the store can't store, sends wait and everything else goes on.
func TestSendsWaitForTheStore(t *testing.T) {
	l := listen(t)
	store := &electing{newStore(t), make(chan struct{})}
	serve(t, Options{Store: store}, l)
	ana, rui := dial(t, l, "Ana"), dial(t, l, "Rui")
	ana.join("go")
	for i := range 3 {
		ana.send(fmt.Sprintf(`{"action":"send","room":"go","id":"%d","text":"hi"}`, i))
	}
	rui.join("go")
	ana.expect(`"name":"Rui","state":"joined"`)
	ana.send(`{"action":"typing","room":"go"}`)
	rui.expect(`"type":"typing"`)
	ana.send(`{"action":"who","room":"go"}`)
	ana.expect(`"type":"members"`)
	close(store.elected)
	for i := range 3 {
		ana.expect(fmt.Sprintf(`"id":"%d"`, i))
	}
	// A leave waits for what was sent before it.
	ana.send(`{"action":"send","room":"go","id":"last","text":"bye"}`)
	ana.send(`{"action":"leave","room":"go"}`)
	rui.expect(`"id":"last"`)
	rui.expect(`"name":"Ana","state":"left"`)
}

// A store that fails for good says nothing of its insides.
type broken struct{ log.Store }

func (broken) Append(context.Context, log.Post) (log.Receipt, error) {
	return log.Receipt{}, errors.New("password of the database: 1234")
}

func TestFailureTellsNoSecrets(t *testing.T) {
	l := listen(t)
	serve(t, Options{Store: broken{newStore(t)}}, l)
	ana := dial(t, l, "Ana")
	ana.join("go")
	ana.send(`{"action":"send","room":"go","id":"7","text":"hi"}`)
	got := ana.expect(`"id":"7"`)
	if !strings.Contains(got, `"code":"internal"`) || strings.Contains(got, "1234") {
		t.Error(got)
	}
}

// A name that the store gave to another hub is no longer ours.
func TestNameTakenByAnotherHub(t *testing.T) {
	l := listen(t)
	h := serve(t, Options{}, l)
	ana := dial(t, l, "Ana")
	ana.join("go")
	h.Taken("go", "Rui") // nobody of ours
	h.Taken("no room", "Ana")
	h.Taken("go", "Ana")
	ana.expect(`"code":"name_taken"`)
	ana.expectClose(websocket.CloseTryAgainLater)
}

// Many come and go, and nothing of them is left: goleak looks at the end.
func TestChurn(t *testing.T) {
	l := listen(t)
	registry := prometheus.NewRegistry()
	h := serve(t, Options{Registry: registry}, l)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 25 {
				c := dial(t, l, fmt.Sprint("n", i))
				for {
					c.send(fmt.Sprintf(`{"action":"join","room":"room %d","name":"n%d","key":"%d"}`, n%3, i, i))
					got, err := c.next()
					if err != nil {
						t.Error(err)
						return
					}
					if strings.Contains(got, `"type":"joined"`) {
						break
					}
				}
				c.send(fmt.Sprintf(`{"action":"send","room":"room %d","id":"%d","text":"hi"}`, n%3, n))
				if n%2 == 0 {
					c.expect(`"type":"ack"`)
				}
				c.ws.NetConn().Close()
			}
		})
	}
	all.Wait()
	for end := time.Now().Add(patience); ; {
		h.mu.Lock()
		conns, rooms := len(h.conns), len(h.rooms)
		h.mu.Unlock()
		if conns+rooms == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d connections and %d rooms are left", conns, rooms)
		}
		time.Sleep(time.Millisecond)
	}
}

// In a crowd nobody is told of everybody, and all know how many they are.
func TestCrowd(t *testing.T) {
	store := newStore(t)
	l := listen(t)
	serve(t, Options{Store: store}, l)
	ana := dial(t, l, "Ana")
	ana.join("go")
	for i := range 3 * crowd {
		if err := store.Claim(t.Context(), "go", fmt.Sprint("n", i)); err != nil {
			t.Fatal(err)
		}
	}
	presences, count := 0, 0
	for count < 3*crowd+1 {
		ana.send(`{"action":"who","room":"go"}`)
		for {
			b, err := ana.next()
			if err != nil {
				t.Fatal(err)
			}
			e := decode(t, b)
			if e.Type == chat.TypePresence {
				presences++
			}
			if e.Type == chat.TypeMembers {
				if count = e.Count; len(e.Members) > crowd {
					t.Fatalf("%d names", len(e.Members))
				}
				if len(e.Members) > 0 {
					break
				}
			}
		}
	}
	if presences > crowd {
		t.Errorf("%d presences", presences)
	}
}

func decode(t *testing.T, b string) (e chat.Event) {
	t.Helper()
	if err := json.Unmarshal([]byte(b), &e); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return e
}

// A pass writes all that was there when it came, however many segments.
func TestPassReachesTheEnd(t *testing.T) {
	l := listen(t)
	h := serve(t, Options{Ping: -1}, l)
	ana := dial(t, l, "Ana")
	ana.join("go")
	h.mu.Lock()
	r := h.rooms["go"]
	h.mu.Unlock()
	for n := range 20 {
		r.mu.Lock()
		for i := range 5 {
			if i == 2 {
				from := r.feed.end.Load()
				m := r.local[chat.NameKey("Ana")]
				m.conn.mu.Lock()
				m.skips = append(m.skips, span{from, from + 3})
				m.conn.mu.Unlock()
				r.feed.add([]byte("xyz"))
			}
			r.feed.add(appendFrame(nil, websocket.TextMessage, fmt.Appendf(nil, "%d %d%30000d", n, i, 0)))
		}
		r.wake()
		r.mu.Unlock()
		for i := range 5 {
			ana.expect(fmt.Sprintf("%d %d ", n, i))
		}
	}
}

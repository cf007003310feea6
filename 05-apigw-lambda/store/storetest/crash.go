package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/05-apigw-lambda/app"
)

// A listener is a connection that keeps what it hears, as a client does: no
// message twice, and none that comes too late.
type listener struct {
	mu      sync.Mutex
	cursor  string
	heard   []string // the texts
	acks    []string // the cursors
	joined  bool
	missing bool
}

func (l *listener) receive(frame []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var e chat.Event
	if err := json.Unmarshal(frame, &e); err != nil {
		return
	}
	switch e.Type {
	case chat.TypeJoined:
		l.joined = true
		if l.cursor == "" {
			l.cursor = e.Cursor.String()
		}
		l.missing = l.missing || e.Recovered != nil && !*e.Recovered
	case chat.TypeMessage:
		if at := e.Cursor.String(); at > l.cursor {
			l.cursor = at
			l.heard = append(l.heard, e.Text)
		}
	case chat.TypeAck:
		l.acks = append(l.acks, e.Cursor.String())
	}
}

// A stage is a store, some listeners, and functions that can be killed.
type stage struct {
	t         *testing.T
	store     app.Store
	room      string // the connections of each have ids of their own
	options   app.Options
	listeners map[string]*listener
	clock     time.Time
}

// Post makes a stage a poster that always succeeds.
func (s *stage) Post(_ context.Context, connection string, frame []byte) error {
	l := s.listeners[strings.TrimPrefix(connection, s.room)]
	if l == nil {
		return app.ErrGone
	}
	l.receive(frame)
	return nil
}

// ask runs a function. If fuse is not zero it dies with that call, which is
// done or not. It returns how many calls there were.
func (s *stage) ask(connection string, fuse int, done bool, body string) int {
	s.t.Helper()
	p := &process{Store: s.store, gateway: &Gateway{conns: map[string]*client{}}, fuse: fuse, done: done}
	s.clock = s.clock.Add(time.Millisecond)
	c := app.Client{Connection: s.room + connection, Asked: s.clock}
	err := app.New(p, dying{p, s}, s.options).Handle(s.t.Context(), c, []byte(body))
	if err != nil && !errors.Is(err, errKilled) {
		s.t.Error(err)
	}
	return p.calls
}

// dying is a process's poster.
type dying struct {
	*process
	stage *stage
}

func (d dying) Post(ctx context.Context, connection string, frame []byte) error {
	err, late := d.step(ctx, func(Faults) int { return 0 })
	if err == nil || late {
		err = errors.Join(err, d.stage.Post(ctx, connection, frame))
	}
	return err
}

func newStage(t *testing.T, s app.Store, room string) *stage {
	return &stage{
		t: t, store: s, room: room, options: app.Options{Turn: 10 * time.Millisecond, Log: slog.New(slog.DiscardHandler)},
		listeners: map[string]*listener{"ana": {}, "rui": {}}, clock: at(),
	}
}

// Killed kills a function at each of its calls in turn, or at every second or
// third one, before the call and after it, while it does each of the things
// that write more than once.
func Killed(t *testing.T, s app.Store, every int) {
	for name, scene := range map[string]func(st *stage, room string, fuse int, done bool) int{
		"who sends comes back": func(st *stage, room string, fuse int, done bool) int {
			calls := st.ask("ana", fuse, done, send(room, "1", "one"))
			st.ask("ana", 0, false, send(room, "1", "one"))
			time.Sleep(st.options.Turn)
			st.ask("ana", 0, false, send(room, "2", "two"))
			return calls
		},
		"who sends is not seen again": func(st *stage, room string, fuse int, done bool) int {
			calls := st.ask("ana", fuse, done, send(room, "1", "one"))
			acked := len(st.listeners["ana"].acks) > 0
			delete(st.listeners, "ana")
			if !acked { // then nothing is promised
				st.listeners["ana"] = &listener{}
				st.ask("ana", 0, false, send(room, "1", "one"))
			}
			time.Sleep(st.options.Turn)
			st.ask("rui", 0, false, `{"action":"ping"}`)
			st.ask("rui", 0, false, send(room, "2", "two"))
			return calls
		},
		"who comes back": func(st *stage, room string, fuse int, done bool) int {
			rui := st.listeners["rui"]
			delete(st.listeners, "rui")
			st.ask("ana", 0, false, send(room, "1", "one"))
			st.listeners["rui2"] = rui
			back := fmt.Sprintf(`{"action":"join","room":%q,"name":"Rui","key":"k","since":%q}`, room, rui.cursor)
			rui.joined = false
			calls := st.ask("rui2", fuse, done, back)
			if !rui.joined { // it asks again
				back = fmt.Sprintf(`{"action":"join","room":%q,"name":"Rui","key":"k","since":%q}`, room, rui.cursor)
				st.ask("rui2", 0, false, back)
			}
			st.ask("ana", 0, false, send(room, "2", "two"))
			time.Sleep(st.options.Turn)
			st.ask("rui2", 0, false, `{"action":"ping"}`)
			return calls
		},
		"who is there is told of others": func(st *stage, room string, fuse int, done bool) int {
			st.listeners["eve"] = &listener{}
			calls := st.ask("eve", fuse, done, fmt.Sprintf(`{"action":"join","room":%q,"name":"Eve"}`, room))
			st.ask("ana", 0, false, send(room, "1", "one"))
			delete(st.listeners, "eve") // and nobody tells that it went
			st.ask("ana", 0, false, send(room, "2", "two"))
			return calls
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			last := 0 // call of a function that is not killed
			for _, done := range []bool{false, true} {
				for fuse := 0; fuse <= last; fuse += every {
					room := fmt.Sprintf("%s %d %v", name, fuse, done)
					st := newStage(t, s, room)
					rui := st.listeners["rui"]
					st.ask("ana", 0, false, fmt.Sprintf(`{"action":"join","room":%q,"name":"Ana"}`, room))
					st.ask("rui", 0, false, fmt.Sprintf(`{"action":"join","room":%q,"name":"Rui","key":"k"}`, room))
					if calls := scene(st, room, fuse, done); fuse == 0 {
						last = calls
					}
					st.settled(room, rui, fuse, done)
				}
			}
			if last < 5 {
				t.Errorf("it has only %d calls", last)
			}
		})
	}
}

func send(room, id, text string) string {
	return fmt.Sprintf(`{"action":"send","room":%q,"id":%q,"text":%q}`, room, id, text)
}

// settled demands that everything is in the room once, and was heard.
func (s *stage) settled(room string, rui *listener, fuse int, done bool) {
	s.t.Helper()
	var texts []string
	for _, m := range history(s.t, s.store, room) {
		texts = append(texts, m.Text)
	}
	wanted := []string{"one", "two"}
	if !slices.Equal(texts, wanted) || !slices.Equal(rui.heard, wanted) || rui.missing {
		s.t.Errorf("killed at call %d (done: %v): the room has %q, and Rui heard %q, missing some: %v", fuse, done, texts, rui.heard, rui.missing)
	}
}

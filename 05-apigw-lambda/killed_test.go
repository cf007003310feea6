//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
	"websocket.example/04-chat-hub/chat"
	"websocket.example/05-apigw-lambda/functions"
	"websocket.example/05-apigw-lambda/internal/dynalite"
)

// The processes of the functions are killed in the middle of what they do, the
// store is, and clients are. What was acknowledged is in the room once, and
// everybody who stays, or comes back, has all of it in order.
func TestKilled(t *testing.T) {
	if os.Getenv("CI") != "true" {
		t.Skip("takes long: CI=true runs it")
	}
	store := dynalite.Start(t, ".")
	buildFunctions(t)
	const secret = "a secret"
	_, ws := startProgram(t, "-addr", "127.0.0.1:0", "-exec", "-dynamodb", store.URL, "-secret", secret).address(t)
	token, err := functions.Mint(secret, "", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	url := ws + "?token=" + token

	stays := newPerson(t, url, "stays")
	talkers := []*person{newPerson(t, url, "talks-0"), newPerson(t, url, "talks-1"), newPerson(t, url, "talks-2")}
	for _, p := range append(talkers, stays) {
		p.comeIn()
	}
	stopped, stop := context.WithCancel(t.Context())
	defer stop()
	var kills, talks sync.WaitGroup
	killed := 0
	kills.Go(func() {
		for round := range 8 {
			if !pause(stopped, 400*time.Millisecond) {
				return
			}
			killed += killFunctions(t)
			if round == 3 { // once, the store goes too
				store.Kill()
				time.Sleep(200 * time.Millisecond)
				store.Restart()
			}
		}
	})
	for _, p := range talkers {
		talks.Go(func() {
			for n := range 9 {
				if n%4 == 3 {
					p.conn.Abort() // as if its network had gone, without a word
					p.comeIn()
				}
				p.say(fmt.Sprintf("%s-%d", p.name, n))
			}
		})
	}
	talks.Wait()
	stop()
	kills.Wait()
	if killed == 0 {
		t.Error("no function was killed")
	}

	late := newPerson(t, url, "late")
	late.first, late.since = stays.first, stays.first
	for _, p := range append(talkers, stays, late) {
		p.comeIn() // also those who are there: whoever comes back lacks nothing
		p.has(talkers)
	}
	t.Logf("%d processes were killed, %d messages acknowledged", killed, len(late.got))
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// killFunctions kills the processes that this one has started, which are the
// functions', and says how many.
func killFunctions(t *testing.T) (n int) {
	programs, _ := filepath.Glob("/proc/[0-9]*/exe") // the pattern is fine
	for _, exe := range programs {
		if to, err := os.Readlink(exe); err != nil || filepath.Base(to) != "bootstrap" {
			continue
		}
		folder := filepath.Dir(exe)
		stat, _ := os.ReadFile(filepath.Join(folder, "stat")) // pid (name) state parent ...
		_, rest, _ := strings.Cut(string(stat), ") ")
		if f := strings.Fields(rest); len(f) < 2 || f[1] != strconv.Itoa(os.Getpid()) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			t.Error(err)
		}
		if syscall.Kill(pid, syscall.SIGKILL) == nil {
			n++
		}
	}
	return n
}

// A person does what the page does: asks again until there is an answer, and
// comes back with the cursor of the last message.
type person struct {
	t         *testing.T
	url, name string
	key       string
	conn      *wsconn.Conn
	since     chat.Cursor // of the last message it has
	first     chat.Cursor // of the room, when it came in first
	got       []string
	acked     []string
}

func newPerson(t *testing.T, url, name string) *person {
	return &person{t: t, url: url, name: name, key: "key-of-" + name}
}

const tries = 60

// comeIn connects and joins, until it is in the room.
func (p *person) comeIn() {
	for range tries {
		if p.conn != nil {
			p.conn.Abort()
		}
		ctx, cancel := context.WithTimeout(p.t.Context(), 5*time.Second)
		c, err := wsconn.Dial(ctx, p.url, nil)
		cancel()
		if err != nil { // the authorizer or $connect was killed
			time.Sleep(50 * time.Millisecond)
			continue
		}
		p.conn = c
		p.t.Cleanup(c.Abort)
		if p.ask(map[string]string{"action": "join", "room": "sala", "name": p.name, "key": p.key, "since": p.since.String()}, chat.TypeJoined, "") {
			return
		}
	}
	p.t.Errorf("%s does not get in", p.name)
}

// say sends a message until it is acknowledged.
func (p *person) say(id string) {
	for range tries {
		if p.ask(map[string]string{"action": "send", "room": "sala", "id": id, "text": "I am " + id}, chat.TypeAck, id) {
			p.acked = append(p.acked, id)
			return
		}
		p.comeIn()
	}
	p.t.Errorf("%s is not acknowledged", id)
}

// ask sends a request, and reads until its answer comes. It is false if that
// takes too long, or is an error.
func (p *person) ask(request map[string]string, kind chat.Type, id string) bool {
	b, _ := json.Marshal(request)
	if p.conn.Write(p.t.Context(), frame.Text, b) != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), 3*time.Second)
	defer cancel()
	for {
		e, err := p.read(ctx)
		switch {
		case err != nil:
			return false
		case e.Type == kind && e.ID == id:
			if kind == chat.TypeJoined && p.first.IsZero() {
				p.first, p.since = e.Cursor, e.Cursor
			}
			return true
		}
	}
}

func (p *person) read(ctx context.Context) (e chat.Event, err error) {
	_, b, err := p.conn.Read(ctx)
	if err == nil {
		err = json.Unmarshal(b, &e)
	}
	if err == nil && e.Type == chat.TypeMessage && e.Cursor.Compare(p.since) > 0 { // what comes twice is dropped
		p.since = e.Cursor
		p.got = append(p.got, e.ID)
	}
	return e, err
}

// has says whether a person has every message that was acknowledged, once, and
// each talker's in order.
func (p *person) has(talkers []*person) {
	p.t.Helper()
	want := 0
	for _, one := range talkers {
		want += len(one.acked)
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), 20*time.Second)
	defer cancel()
	for len(p.got) < want {
		if _, err := p.read(ctx); err != nil {
			break
		}
	}
	at := make(map[string]int)
	for i, id := range p.got {
		if _, twice := at[id]; twice {
			p.t.Errorf("%s has %s twice", p.name, id)
		}
		at[id] = i
	}
	for _, one := range talkers {
		last := -1
		for _, id := range one.acked {
			i, there := at[id]
			if !there || i < last {
				p.t.Errorf("%s: %s is lost or out of order among %q", p.name, id, p.got)
			}
			last = i
		}
	}
}

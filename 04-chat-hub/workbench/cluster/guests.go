package cluster

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"websocket.example/04-chat-hub/chat"
)

// Guests are one on each hub, who type, send one message after the other and
// see who comes and goes; and visitors, who come and go. They measure what
// people notice: for how long a message waits, for how long a hub hears
// nothing from another one. Whether all is exact is the bots' business.
type guests struct {
	urls []string
	work sync.WaitGroup

	mu     sync.Mutex
	guests [size]*guest
	leaves map[string]*leave // who has left and is not yet missed everywhere
	since  time.Time         // when the measuring began
	seen   sight
}

// The rooms. In the one guests chat, in the other one visitors come and go.
const (
	lounge = "cluster-lounge"
	door   = "cluster-door"
)

// A guest is there on one hub all the time.
type guest struct {
	n, lives int
	heard    [size]time.Time // when another one was heard typing
	sentAt   time.Time       // of the message under way
	id       string
	acked    time.Time       // when the last message was sent that is acknowledged
	here     map[string]bool // the visitors that it knows of
}

type leave struct {
	hub  int
	at   time.Time
	late [size]bool // who has not yet been told
}

// A sight is what was measured since some moment: the longest of each.
type sight struct {
	ack    [size]time.Duration       // until a message was acknowledged, by hub
	join   [size]time.Duration       // until somebody was in, by hub
	typing [size][size]time.Duration // nothing heard, from one hub on another one
	leave  [size][size]time.Duration // until it was told who has left
	failed []string                  // what was answered with an error
	lost   [size]error               // why a guest was cut off
}

const (
	sendEvery  = 100 * time.Millisecond
	typeEvery  = 1100 * time.Millisecond // a hub tells it once a second
	visitEvery = time.Second
)

func newGuests(ctx context.Context, urls []string) *guests {
	g := &guests{urls: urls, leaves: map[string]*leave{}}
	for i := range g.guests {
		one := &guest{n: i, here: map[string]bool{}}
		g.guests[i] = one
		g.work.Go(func() {
			for ctx.Err() == nil {
				g.stay(ctx, one) // it ends with its hub, and there will be another one
				pause(ctx, 200*time.Millisecond)
			}
		})
	}
	g.work.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			g.work.Go(func() { g.visit(ctx, n) })
			pause(ctx, visitEvery)
		}
	})
	return g
}

// pause says whether there is still something to do after it.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// begin begins to measure anew, and end says what came of it.
func (g *guests) begin() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seen, g.since = sight{}, time.Now()
}

func (g *guests) end() sight {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	for i, one := range g.guests {
		for j, at := range one.heard {
			if i != j && !at.IsZero() {
				g.seen.typing[j][i] = max(g.seen.typing[j][i], now.Sub(g.atLeast(at)))
			}
		}
		if !one.sentAt.IsZero() {
			g.seen.ack[i] = max(g.seen.ack[i], now.Sub(one.sentAt))
		}
	}
	for name, l := range g.leaves {
		for i, late := range l.late {
			if late && l.at.After(g.since) {
				g.seen.leave[l.hub][i] = max(g.seen.leave[l.hub][i], now.Sub(l.at))
			}
		}
		if now.Sub(l.at) > time.Minute {
			delete(g.leaves, name)
		}
	}
	return g.seen
}

// atLeast is a moment, or the beginning of the measuring if that came later.
func (g *guests) atLeast(at time.Time) time.Time {
	if at.Before(g.since) {
		return g.since
	}
	return at
}

// well says whether since a moment everything goes on everywhere.
func (g *guests) well(since time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, one := range g.guests {
		if !one.acked.After(since) {
			return false
		}
		for j, at := range one.heard {
			if i != j && !at.After(since) {
				return false
			}
		}
	}
	return true
}

type request struct {
	Action chat.Action `json:"action"`
	Room   string      `json:"room"`
	Name   string      `json:"name,omitempty"`
	ID     string      `json:"id,omitempty"`
	Text   string      `json:"text,omitempty"`
}

// stay is one connection of a guest. It has a name of its own: that of the
// last one may still be taken.
func (g *guests) stay(ctx context.Context, one *guest) {
	ws := g.dial(ctx, one.n)
	if ws == nil {
		return
	}
	stop := context.AfterFunc(ctx, func() { ws.Close() })
	defer stop()
	g.mu.Lock()
	one.lives++
	name := fmt.Sprintf("guest-%d-%d", one.n, one.lives)
	one.sentAt, one.here = time.Time{}, map[string]bool{}
	for _, l := range g.leaves {
		l.late[one.n] = false // it was not there, and can't be told
	}
	g.mu.Unlock()

	in, ended := make(chan struct{}), make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(ended)
		for rooms := 0; ; {
			var e chat.Event
			if err := ws.ReadJSON(&e); err != nil {
				g.mu.Lock()
				g.seen.lost[one.n] = err
				g.mu.Unlock()
				return
			}
			if e.Type == chat.TypeJoined {
				if rooms++; rooms == 2 {
					close(in)
				}
			}
			g.hear(one, e)
		}
	})
	defer reader.Wait()
	defer ws.Close()
	for _, room := range []string{lounge, door} {
		if ws.WriteJSON(request{Action: chat.Join, Room: room, Name: name}) != nil {
			return
		}
	}
	select {
	case <-in:
	case <-ended:
		return
	case <-ctx.Done():
		return
	}
	sends, types := time.NewTicker(sendEvery), time.NewTicker(typeEvery)
	defer sends.Stop()
	defer types.Stop()
	for n := 0; ; {
		r := request{Action: chat.Typing, Room: lounge}
		select {
		case <-ctx.Done():
			return
		case <-ended:
			return
		case <-sends.C:
			n++
			id := strconv.Itoa(n)
			if !g.sends(one, id) {
				continue
			}
			r = request{Action: chat.Send, Room: lounge, ID: id, Text: "Still here?"}
		case <-types.C:
		}
		if ws.WriteJSON(r) != nil {
			return
		}
	}
}

func (g *guests) dial(ctx context.Context, hub int) *websocket.Conn {
	d := websocket.Dialer{HandshakeTimeout: 5 * time.Second}
	ws, answer, err := d.DialContext(ctx, g.urls[hub], nil)
	if answer != nil {
		answer.Body.Close()
	}
	if err != nil {
		return nil // it is killed, or comes up
	}
	return ws
}

// sends says whether the last message is acknowledged and the next one due.
func (g *guests) sends(one *guest, id string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !one.sentAt.IsZero() {
		return false
	}
	one.id, one.sentAt = id, time.Now()
	return true
}

func (g *guests) hear(one *guest, e chat.Event) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	switch {
	case e.Type == chat.TypeError:
		g.seen.failed = append(g.seen.failed, fmt.Sprintf("guest on hub-%d: %s: %s", one.n+1, e.Code, e.Message))
		if e.ID == one.id {
			one.sentAt = time.Time{}
		}
	case e.Type == chat.TypeAck && e.ID == one.id && !one.sentAt.IsZero():
		g.seen.ack[one.n] = max(g.seen.ack[one.n], now.Sub(one.sentAt))
		one.acked, one.sentAt = one.sentAt, time.Time{}
	case e.Type == chat.TypeTyping:
		var from, life int
		if n, err := fmt.Sscanf(e.Name, "guest-%d-%d", &from, &life); n != 2 || err != nil || from < 0 || from >= size {
			return
		}
		if last := one.heard[from]; !last.IsZero() {
			g.seen.typing[from][one.n] = max(g.seen.typing[from][one.n], now.Sub(g.atLeast(last)))
		}
		one.heard[from] = now
	case e.Type == chat.TypePresence && e.Room == door && e.State == chat.StateJoined:
		one.here[e.Name] = true
	case e.Type == chat.TypePresence && e.Room == door:
		delete(one.here, e.Name)
		if l := g.leaves[e.Name]; l != nil && l.late[one.n] {
			if l.at.After(g.since) {
				g.seen.leave[l.hub][one.n] = max(g.seen.leave[l.hub][one.n], now.Sub(l.at))
			}
			if l.late[one.n] = false; l.late == [size]bool{} {
				delete(g.leaves, e.Name)
			}
		}
	}
}

// visit is somebody who comes, stays for some seconds, and leaves.
func (g *guests) visit(ctx context.Context, n int) {
	hub, name := n%size, fmt.Sprint("visitor-", n)
	ws := g.dial(ctx, hub)
	if ws == nil {
		return
	}
	stop := context.AfterFunc(ctx, func() { ws.Close() })
	defer stop()
	defer ws.Close()
	began := time.Now()
	if ws.WriteJSON(request{Action: chat.Join, Room: door, Name: name}) != nil {
		return
	}
	for {
		var e chat.Event
		if ws.ReadJSON(&e) != nil {
			return
		}
		switch {
		case e.Type == chat.TypeError:
			g.mu.Lock()
			g.seen.failed = append(g.seen.failed, fmt.Sprintf("%s on hub-%d: %s: %s", name, hub+1, e.Code, e.Message))
			g.mu.Unlock()
			return
		case e.Type == chat.TypeJoined:
			g.mu.Lock()
			g.seen.join[hub] = max(g.seen.join[hub], time.Since(began))
			g.mu.Unlock()
			if !pause(ctx, time.Second+time.Duration(n%4)*time.Second) {
				return
			}
			g.goes(hub, name)
			_ = ws.WriteJSON(request{Action: chat.Leave, Room: door}) // the guests notice
		case e.Type == chat.TypeLeft:
			return
		}
	}
}

// goes notes that somebody leaves, to be told to those who know them.
func (g *guests) goes(hub int, name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := &leave{hub: hub, at: time.Now()}
	for i, one := range g.guests {
		l.late[i] = one.here[name]
	}
	if l.late != [size]bool{} {
		g.leaves[name] = l
	}
}

package bots

import (
	"slices"
	"strconv"
	"testing"
	"time"
)

// What was sent and not acknowledged is sent again, in its order and before
// what waits. If the hub may have forgotten the id of one, all wait until the bot
// has seen what it missed: what is there is stored.
func TestAgain(t *testing.T) {
	f := newFleet(&Options{Bots: 1, Rooms: 1, Size: 10})
	b := f.bots[0]
	b.joined(&link{cut: true}, &event{Cursor: at(9)})
	for range 5 {
		b.post(time.Now())
	}
	sent := func(n int, ago time.Duration) {
		for _, s := range b.queue[:n] {
			s.first = time.Now().Add(-ago)
		}
		b.flight, b.queue = append(b.flight, b.queue[:n]...), b.queue[n:]
	}
	sent(2, 3*time.Minute)
	sent(2, time.Second)
	wants := func(when string, queue, flight []string) {
		t.Helper()
		ids := func(list []*send) (ids []string) {
			for _, s := range list {
				ids = append(ids, s.id)
			}
			return ids
		}
		if !slices.Equal(ids(b.queue), queue) || !slices.Equal(ids(b.flight), flight) {
			t.Errorf("%s: %v wait, %v are in flight", when, ids(b.queue), ids(b.flight))
		}
	}
	yes := true
	b.joined(&link{cut: true}, &event{Cursor: at(20), Recovered: &yes})
	wants("after the join", []string{"2", "3", "4"}, []string{"0", "1"})

	b.mu.Lock()
	b.link = &link{joined: true}
	b.kick()
	if b.link.writing {
		t.Error("before all was seen it sends")
	}
	b.link = nil
	b.mu.Unlock()

	l := &link{cut: true}
	hear := func(id string, cursor string) {
		n := int(id[0] - '0')
		err := b.hear(l, []byte(`{"type":"message","id":"`+id+`","from":"`+b.name+`","text":"`+textOf(n, 10)+`","cursor":"`+cursor+`"}`))
		if err != nil {
			t.Fatal(err)
		}
	}
	hear("1", at(19))
	wants("before all was seen", []string{"2", "3", "4"}, []string{"0", "1"})
	hear("3", at(20))
	wants("when all was seen", []string{"0", "2", "3", "4"}, nil)
	if err := b.hear(l, []byte(`{"type":"ack","id":"3","cursor":"`+at(20)+`"}`)); err != nil {
		t.Fatal(err)
	}
	wants("after an ack", []string{"0", "2", "4"}, nil)
	if b.ledger.acked != 2 || b.ledger.faults.Any() { // 3, and 1, which was seen
		t.Errorf("%d acknowledged, %v", b.ledger.acked, b.ledger.faults.First)
	}
}

// A bot that could not resume says so, and goes on from where the room is.
func TestUnrecovered(t *testing.T) {
	f := newFleet(&Options{Bots: 1, Rooms: 1, Size: 10})
	b := f.bots[0]
	b.joined(&link{cut: true}, &event{Cursor: at(9)})
	no := false
	b.joined(&link{cut: true}, &event{Cursor: at(20), Recovered: &no})
	if b.member.Last() != at(20) || f.unrecovered.Load() != 1 || f.reconnects.Load() != 1 {
		t.Errorf("at %s, %d of %d", b.member.Last(), f.unrecovered.Load(), f.reconnects.Load())
	}
}

// What is remembered is what would be parsed, however many came since.
func TestRecent(t *testing.T) {
	var r recent
	frame := func(n int) []byte { return []byte(`{"type":"message","id":"` + strconv.Itoa(n) + `"}`) }
	for n := range 3 * len(r.frames) {
		for back := range min(n+1, len(r.frames)+2) {
			if e, err := r.parse(frame(n - back)); err != nil || e.ID != strconv.Itoa(n-back) {
				t.Fatalf("%d: %+v, %v", n-back, e, err)
			}
		}
	}
	for _, other := range []string{`{"type":"ack","id":"x"}`, `{"id":"x"}`} {
		if e, err := r.parse([]byte(other)); err != nil || e.ID != "x" {
			t.Errorf("%+v, %v", e, err)
		}
	}
	if _, err := r.parse([]byte(`{"type":"message`)); err == nil {
		t.Error("it is no JSON")
	}
}

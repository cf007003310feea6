// Package storetest says what an app.Store must do, as tests: each method by
// itself (Run), the chat on it when a function dies at any call (Killed), and
// when everything fails at once (Chaos).
package storetest

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/05-apigw-lambda/app"
)

// Run tests a store that is empty at first. It uses it as others may do at
// the same time, and looks only at what it made itself.
func Run(t *testing.T, s app.Store) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, app.Store)
	}{
		{"a room is replaced by who read it last", rooms},
		{"one of many takes a turn", manyTurns},
		{"messages stand in order", messages},
		{"one of many takes a number", manyMessages},
		{"more than DynamoDB returns at once", longHistory},
		{"the first claim counts", claims},
		{"a name is one member's", members},
		{"one of many takes a name", manyNames},
		{"a member leaves only as the connection it is", leaving},
		{"a name made again is another", again},
		{"seats", seats},
		{"what has expired is not there", expiry},
		{"names that a store might stumble over", strangeNames},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, s) })
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func check(t *testing.T, what string, got, wanted any) {
	t.Helper()
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", wanted) {
		t.Errorf("%s:\n%+v, wanted\n%+v", what, got, wanted)
	}
}

// soon and at are as exact as every store keeps them.
func soon() time.Time { return time.Now().Add(time.Hour).Truncate(time.Second) }

func at() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

func local(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Local()
}

func sameRoom(r app.Room) app.Room {
	r.Until, r.Expires = local(r.Until), local(r.Expires)
	return r
}

func sameMember(m app.Member) app.Member {
	m.Asked, m.Expires = local(m.Asked), local(m.Expires)
	return m
}

func sameMessage(m app.Message) app.Message {
	m.At, m.Expires = local(m.At), local(m.Expires)
	return m
}

func sameSeat(s app.Seat) app.Seat {
	s.Asked, s.Expires = local(s.Asked), local(s.Expires)
	return s
}

func rooms(t *testing.T, s app.Store) {
	ctx := t.Context()
	check(t, "no room", must(s.Room(ctx, "rooms")), app.Room{Name: "rooms"})
	r := app.Room{Name: "rooms", Epoch: math.MaxInt64, Head: 7, Delivered: 6, Holder: "me", Until: at(), Expires: soon()}
	r = must(s.PutRoom(ctx, r))
	check(t, "the room", sameRoom(must(s.Room(ctx, "rooms"))), sameRoom(r))
	if r.Version == 0 {
		t.Error("a stored room has no version")
	}
	if _, err := s.PutRoom(ctx, app.Room{Name: "rooms", Expires: soon()}); !errors.Is(err, app.ErrConflict) {
		t.Errorf("a room was made twice: %v", err)
	}
	old := r
	r.Holder, r.Until, r.Head = "", time.Time{}, 8
	r = must(s.PutRoom(ctx, r))
	check(t, "the room", sameRoom(must(s.Room(ctx, "rooms"))), sameRoom(r))
	if _, err := s.PutRoom(ctx, old); !errors.Is(err, app.ErrConflict) {
		t.Errorf("an old room was put: %v", err)
	}
	check(t, "the room", sameRoom(must(s.Room(ctx, "rooms"))), sameRoom(r))
}

func manyTurns(t *testing.T, s app.Store) {
	ctx := t.Context()
	r := must(s.PutRoom(ctx, app.Room{Name: "turns", Expires: soon()}))
	var won atomic.Int64
	race(t, 10, func(i int) error {
		mine := r
		mine.Holder = fmt.Sprint(i)
		_, err := s.PutRoom(ctx, mine)
		return count(&won, err)
	})
	check(t, "winners", won.Load(), 1)
}

func race(t *testing.T, n int, do func(int) error) {
	t.Helper()
	g := new(errgroup.Group)
	for i := range n {
		g.Go(func() error { return do(i) })
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

// count counts those who did not meet with a conflict.
func count(won *atomic.Int64, err error) error {
	if err == nil {
		won.Add(1)
	} else if errors.Is(err, app.ErrConflict) {
		return nil
	}
	return err
}

// TTL deletes late, so what has expired must not be seen before that.
func expiry(t *testing.T, s app.Store) {
	ctx := t.Context()
	past := time.Now().Add(-2 * time.Second)
	_ = must(s.PutRoom(ctx, app.Room{Name: "expiry", Epoch: 1, Head: 5, Expires: past}))
	check(t, "the room", must(s.Room(ctx, "expiry")), app.Room{Name: "expiry"})
	_ = must(s.PutRoom(ctx, app.Room{Name: "expiry", Epoch: 2, Expires: soon()}))
	check(t, "the new room", must(s.Room(ctx, "expiry")).Epoch, 2)

	ana := member("expiry", "Ana", "c1")
	ana.Expires = past
	ana = must(s.PutMember(ctx, ana))
	check(t, "the member", must(s.Member(ctx, "expiry", "ana")).Connection, "")
	check(t, "the members", len(must(s.Members(ctx, "expiry"))), 0)
	check(t, "it leaves", must(s.DeleteMember(ctx, ana)), false)
	if _, err := s.PutMember(ctx, ana); !errors.Is(err, app.ErrConflict) {
		t.Errorf("who had expired came back: %v", err)
	}
	_ = must(s.PutMember(ctx, member("expiry", "Ana", "c2")))

	seat := app.Seat{Connection: "expired", Room: "go", Name: "Ana", Expires: past}
	if err := s.PutSeat(ctx, seat); err != nil {
		t.Fatal(err)
	}
	check(t, "the seat", must(s.Seat(ctx, "expired", "go")).Name, "")
	check(t, "the seats", len(must(s.Seats(ctx, "expired"))), 0)

	for seq := range uint64(4) {
		m := message("expiry", 2, seq+1)
		if seq < 2 {
			m.Expires = past
		}
		if err := s.AddMessage(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	check(t, "messages after", len(must(s.After(ctx, "expiry", chat.Cursor{Epoch: 2}, 2))), 2)
	check(t, "messages before", len(must(s.Before(ctx, "expiry", chat.Cursor{Epoch: 2, Seq: 4}, 3))), 1)

	c := app.Claim{Room: "expiry", From: "ana", ID: "1", Base: chat.Cursor{Epoch: 2}, Digest: "old", Expires: past}
	_ = must(s.Claim(ctx, c))
	c.Digest, c.Expires = "new", soon()
	check(t, "the claim", must(s.Claim(ctx, c)), c)
}

func strangeNames(t *testing.T, s app.Store) {
	ctx := t.Context()
	for _, name := range []string{"#", "N#", "!", "ção 日本", "\U0001F600", strings.Repeat("x", chat.MaxRoom), "a b"} {
		m := must(s.PutMember(ctx, member(name, name, name)))
		check(t, name, sameMember(must(s.Member(ctx, name, m.Key))), sameMember(m))
		check(t, name, len(must(s.Members(ctx, name))), 1)
		if err := s.PutSeat(ctx, app.Seat{Connection: "strange", Room: name, Name: name, Expires: soon()}); err != nil {
			t.Fatal(err)
		}
		_ = must(s.PutRoom(ctx, app.Room{Name: name, Expires: soon()}))
		_ = must(s.Claim(ctx, app.Claim{Room: name, From: m.Key, ID: "~!@#$%^&*()", Expires: soon()}))
	}
	check(t, "seats", len(must(s.Seats(ctx, "strange"))), 7)
}

// Package storetest says what an app.Store must do, as tests: each method by
// itself (Run), the chat on it when a function dies at any call (Killed), and
// when everything fails at once (Chaos).
package storetest

import (
	"errors"
	"fmt"
	"math"
	"slices"
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

func message(room string, epoch, seq uint64) app.Message {
	return app.Message{
		Room: room, Cursor: chat.Cursor{Epoch: epoch, Seq: seq}, ID: fmt.Sprintf("id-%d", seq), From: "Ana",
		Text: "olá\n<b> \U0001F600", At: at(), Expires: soon(),
	}
}

func messages(t *testing.T, s app.Store) {
	ctx := t.Context()
	var all []app.Message
	for _, seq := range []uint64{35, 36, 1, 2, 3, 37, 1295, 1296} { // 36 is the first that has two digits
		m := message("messages", 5, seq)
		if err := s.AddMessage(ctx, m); err != nil {
			t.Fatal(err)
		}
		all = append(all, sameMessage(m))
	}
	slices.SortFunc(all, func(a, b app.Message) int { return a.Cursor.Compare(b.Cursor) })
	for _, other := range []app.Message{message("messages", 4, 9), message("messages", 6, 1), message("message", 5, 4), message("messages2", 5, 4)} {
		if err := s.AddMessage(ctx, other); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.AddMessage(ctx, message("messages", 5, 2)); !errors.Is(err, app.ErrConflict) {
		t.Errorf("a number was taken twice: %v", err)
	}
	for _, test := range []struct {
		after, before uint64
		limit         int
		wanted        []app.Message
	}{
		{after: 0, limit: 100, wanted: all},
		{after: 0, limit: 3, wanted: all[:3]},
		{after: 2, limit: 2, wanted: all[2:4]},
		{after: 4, limit: 1, wanted: all[3:4]},
		{after: 1296, limit: 10},
		{after: math.MaxUint64, limit: 10},
		{before: math.MaxUint64, limit: 1, wanted: all[7:]},
		{before: math.MaxUint64, limit: 100, wanted: all},
		{before: 1296, limit: 3, wanted: all[4:7]},
		{before: 4, limit: 2, wanted: all[1:3]},
		{before: 1, limit: 5},
	} {
		var got []app.Message
		if test.before == 0 {
			got = must(s.After(ctx, "messages", chat.Cursor{Epoch: 5, Seq: test.after}, test.limit))
		} else {
			got = must(s.Before(ctx, "messages", chat.Cursor{Epoch: 5, Seq: test.before}, test.limit))
		}
		for i := range got {
			got[i] = sameMessage(got[i])
		}
		if len(got)+len(test.wanted) > 0 {
			check(t, fmt.Sprintf("after %d, before %d, limit %d", test.after, test.before, test.limit), got, test.wanted)
		}
	}
	check(t, "nothing in another epoch", len(must(s.After(ctx, "messages", chat.Cursor{Epoch: 7}, 9))), 0)
	check(t, "nothing in another room", len(must(s.Before(ctx, "nowhere", chat.Cursor{Epoch: 5, Seq: 9}, 9))), 0)
}

func manyMessages(t *testing.T, s app.Store) {
	ctx := t.Context()
	var won atomic.Int64
	race(t, 12, func(i int) error {
		m := message("many", 1, uint64(1+i%3))
		m.ID = fmt.Sprint(i)
		return count(&won, s.AddMessage(ctx, m))
	})
	check(t, "winners", won.Load(), 3)
	check(t, "messages", len(must(s.After(ctx, "many", chat.Cursor{Epoch: 1}, 100))), 3)
}

// DynamoDB returns a MB at once.
func longHistory(t *testing.T, s app.Store) {
	ctx := t.Context()
	const n = 140
	long := strings.Repeat("x", chat.MaxText)
	g := new(errgroup.Group)
	g.SetLimit(8)
	for i := range n {
		g.Go(func() error {
			m := message("long", 1, uint64(i+1))
			m.Text = long
			return s.AddMessage(ctx, m)
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{n, n + 1, n - 1, 130} {
		after := must(s.After(ctx, "long", chat.Cursor{Epoch: 1}, limit))
		before := must(s.Before(ctx, "long", chat.Cursor{Epoch: 1, Seq: n + 1}, limit))
		if len(after) != min(n, limit) || len(before) != min(n, limit) {
			t.Fatalf("with the limit %d came %d and %d messages", limit, len(after), len(before))
		}
		for i := range after {
			if after[i].Cursor.Seq != uint64(i+1) || before[i].Cursor.Seq != uint64(n-len(before)+i+1) {
				t.Fatalf("message %d of %d is not in its place", i, limit)
			}
		}
	}
}

func claims(t *testing.T, s app.Store) {
	ctx := t.Context()
	c := app.Claim{Room: "claims", From: "ana", ID: "1", Base: chat.Cursor{Epoch: 3, Seq: 8}, Digest: "d", Expires: soon()}
	check(t, "the first", must(s.Claim(ctx, c)), c)
	later := c
	later.Base.Seq, later.Digest = 9, "e"
	check(t, "the second", must(s.Claim(ctx, later)), c)
	for _, other := range []app.Claim{
		{Room: "claims", From: "ana", ID: "2"}, {Room: "claims", From: "rui", ID: "1"}, {Room: "claim", From: "ana", ID: "1"},
		{Room: "claims", From: "1", ID: "ana"},
	} {
		other.Base, other.Digest, other.Expires = later.Base, "e", soon()
		check(t, "another", must(s.Claim(ctx, other)), other)
	}
	later.Base.Epoch = 4 // the room's history was begun anew
	check(t, "in another epoch", must(s.Claim(ctx, later)), later)
}

func member(room, name, connection string) app.Member {
	return app.Member{Room: room, Key: chat.NameKey(name), Name: name, Connection: connection, Asked: at(), Expires: soon()}
}

func members(t *testing.T, s app.Store) {
	ctx := t.Context()
	check(t, "nobody", must(s.Member(ctx, "members", "ana")), app.Member{Room: "members", Key: "ana"})
	ana := member("members", "Ana", "c1")
	ana.Secret, ana.Next, ana.Last, ana.Joining = "secret", 4, 5, "join"
	ana = must(s.PutMember(ctx, ana))
	check(t, "ana", sameMember(must(s.Member(ctx, "members", "ana"))), sameMember(ana))
	rui := must(s.PutMember(ctx, member("members", "Rui", "c2")))
	_ = must(s.PutMember(ctx, member("members2", "Eve", "c2")))
	if _, err := s.PutMember(ctx, member("members", "ANA", "c3")); !errors.Is(err, app.ErrConflict) {
		t.Errorf("a name was taken twice: %v", err)
	}
	old := ana
	ana.Next, ana.Last, ana.Joining = 0, 0, ""
	ana = must(s.PutMember(ctx, ana))
	if _, err := s.PutMember(ctx, old); !errors.Is(err, app.ErrConflict) {
		t.Errorf("an old member was put: %v", err)
	}
	all := must(s.Members(ctx, "members"))
	for i := range all {
		all[i] = sameMember(all[i])
	}
	check(t, "all", all, []app.Member{sameMember(ana), sameMember(rui)})
	check(t, "nobody", len(must(s.Members(ctx, "member"))), 0)
	deadline := time.Now().Add(5 * time.Second)
	for { // the one read that may be a little behind
		rooms := must(s.Rooms(ctx))
		if slices.Contains(rooms, "members") && slices.Contains(rooms, "members2") && !slices.Contains(rooms, "messages") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the rooms with members are %q", rooms)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func manyNames(t *testing.T, s app.Store) {
	ctx := t.Context()
	var won atomic.Int64
	race(t, 10, func(i int) error {
		_, err := s.PutMember(ctx, member("names", "Ana", fmt.Sprint(i)))
		return count(&won, err)
	})
	check(t, "winners", won.Load(), 1)
}

func leaving(t *testing.T, s app.Store) {
	ctx := t.Context()
	ana := must(s.PutMember(ctx, member("leaving", "Ana", "c1")))
	other := ana
	other.Connection = "c2"
	check(t, "another connection", must(s.DeleteMember(ctx, other)), false)
	check(t, "still there", must(s.Member(ctx, "leaving", "ana")).Connection, "c1")
	ana.Next = 3
	_ = must(s.PutMember(ctx, ana)) // its version does not matter
	check(t, "the connection", must(s.DeleteMember(ctx, ana)), true)
	check(t, "again", must(s.DeleteMember(ctx, ana)), false)
	check(t, "nobody", len(must(s.Members(ctx, "leaving"))), 0)
}

func again(t *testing.T, s app.Store) {
	ctx := t.Context()
	old := must(s.PutMember(ctx, member("again", "Ana", "c1")))
	_ = must(s.DeleteMember(ctx, old))
	now := must(s.PutMember(ctx, member("again", "Ana", "c2")))
	if _, err := s.PutMember(ctx, old); !errors.Is(err, app.ErrConflict) {
		t.Errorf("who was deleted came back: %v", err)
	}
	check(t, "ana", must(s.Member(ctx, "again", "ana")).Connection, now.Connection)
}

func seats(t *testing.T, s app.Store) {
	ctx := t.Context()
	check(t, "none", must(s.Seat(ctx, "s1", "go")), app.Seat{Connection: "s1", Room: "go"})
	a := app.Seat{Connection: "s1", Room: "go", Name: "Ana", Secret: "x", Asked: at(), Expires: soon()}
	b := app.Seat{Connection: "s1", Room: "rust", Name: "Ana", Lost: chat.Cursor{Epoch: 7, Seq: 40}, Expires: soon()}
	for _, seat := range []app.Seat{a, b, {Connection: "s11", Room: "go", Name: "Eve", Expires: soon()}} {
		if err := s.PutSeat(ctx, seat); err != nil {
			t.Fatal(err)
		}
	}
	check(t, "one", sameSeat(must(s.Seat(ctx, "s1", "rust"))), sameSeat(b))
	all := must(s.Seats(ctx, "s1"))
	for i := range all {
		all[i] = sameSeat(all[i])
	}
	check(t, "all", all, []app.Seat{sameSeat(a), sameSeat(b)})
	for range 2 {
		if err := s.DeleteSeat(ctx, a); err != nil {
			t.Fatal(err)
		}
	}
	check(t, "the other", len(must(s.Seats(ctx, "s1"))), 1)
	check(t, "a stranger", len(must(s.Seats(ctx, "s"))), 0)
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

package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/05-apigw-lambda/app"
)

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

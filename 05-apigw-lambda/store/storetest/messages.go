package storetest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"websocket.example/04-chat-hub/chat"
	"websocket.example/05-apigw-lambda/app"
)

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

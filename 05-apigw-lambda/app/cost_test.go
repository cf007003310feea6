package app_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"

	"websocket.example/05-apigw-lambda/app"
	"websocket.example/05-apigw-lambda/store/memory"
	"websocket.example/05-apigw-lambda/store/storetest"
)

// What the package's comment says of costs is counted here.
func TestCosts(t *testing.T) {
	var calls, posts atomic.Int64
	s := storetest.Count(memory.New(), &calls)
	a := app.New(s, posterFunc(func(string, []byte) error { posts.Add(1); return nil }), app.Options{Log: slog.New(slog.DiscardHandler)})
	ask := func(connection, body string) {
		t.Helper()
		if err := a.Handle(t.Context(), app.Client{Connection: connection}, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	ask("a", `{"action":"join","room":"go","name":"Ana"}`)
	ask("b", `{"action":"join","room":"go","name":"Rui"}`)
	for _, row := range []struct {
		body         string
		calls, posts int64
	}{
		{`{"action":"send","room":"go","id":"1","text":"hello"}`, 7, 3},
		{`{"action":"send","room":"go","id":"1","text":"hello"}`, 6, 1},
		{`{"action":"send","room":"go","id":"2","text":"hello"}`, 7, 3},
		{`{"action":"typing","room":"go"}`, 2, 1},
		{`{"action":"who","room":"go"}`, 2, 1},
		{`{"action":"history","room":"go"}`, 3, 1},
		{`{"action":"ping"}`, 3, 1}, // by its own route it needs no post, see TestPing
		{`{"action":"leave","room":"go"}`, 4, 2},
		{`{"action":"join","room":"go","name":"Ana"}`, 8, 2},
	} {
		calls.Store(0)
		posts.Store(0)
		ask("a", row.body)
		if calls.Load() != row.calls || posts.Load() != row.posts {
			t.Errorf("%s costs %d calls and %d posts, wanted %d and %d", row.body, calls.Load(), posts.Load(), row.calls, row.posts)
		}
	}
}

type posterFunc func(connection string, data []byte) error

func (f posterFunc) Post(_ context.Context, connection string, data []byte) error {
	return f(connection, data)
}

// A message in a room of one, without what a real store and posts cost.
func BenchmarkSend(b *testing.B) {
	a := app.New(memory.New(), posterFunc(func(string, []byte) error { return nil }), app.Options{})
	c := app.Client{Connection: "a"}
	if err := a.Handle(b.Context(), c, []byte(`{"action":"join","room":"go","name":"Ana"}`)); err != nil {
		b.Fatal(err)
	}
	body := []byte(`{"action":"send","room":"go","id":"0000000000000000","text":"hello"}`)
	at := len(`{"action":"send","room":"go","id":"`)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		for n, digit := i, at; digit < at+16; digit++ {
			body[digit] = 'a' + byte(n%16)
			n /= 16
		}
		if err := a.Handle(b.Context(), c, body); err != nil {
			b.Fatal(err)
		}
	}
}

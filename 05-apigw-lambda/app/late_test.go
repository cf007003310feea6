package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"websocket.example/05-apigw-lambda/app"
	"websocket.example/05-apigw-lambda/store/memory"
)

// API Gateway may run a later request first. Each row is requests in the
// order in which they are run, and who is in the room then.
func TestLateRequests(t *testing.T) {
	type request struct {
		connection string
		asked      int // milliseconds
		body       string
	}
	join := func(name string) string {
		return fmt.Sprintf(`{"action":"join","room":"go","name":%q,"key":"k"}`, name)
	}
	const leave, ping = `{"action":"leave","room":"go"}`, `{"action":"ping"}`
	for _, row := range []struct {
		name     string
		requests []request
		members  string
	}{
		{"in order", []request{{"a", 1, join("Ana")}, {"a", 2, leave}}, "[]"},
		{"renamed, the leave comes last", []request{{"a", 1, join("Ana")}, {"a", 3, join("Eve")}, {"a", 2, leave}}, "[Eve a]"},
		{"renamed within a millisecond", []request{{"a", 1, join("Ana")}, {"a", 2, join("Eve")}, {"a", 2, leave}}, "[Eve a]"},
		{"an old join comes last", []request{{"a", 2, join("Eve")}, {"a", 1, join("Ana")}}, "[Eve a]"},
		{"a new connection", []request{{"a", 1, join("Ana")}, {"b", 2, join("Ana")}}, "[Ana b]"},
		{"the old connection's join comes last", []request{{"b", 2, join("Ana")}, {"a", 1, join("Ana")}}, "[Ana b]"},
		{"the old connection pings", []request{{"a", 1, join("Ana")}, {"b", 2, join("Ana")}, {"a", 3, ping}}, "[Ana b]"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := memory.New()
			nowhere := posterFunc(func(string, []byte) error { return nil })
			a := app.New(s, nowhere, app.Options{Log: slog.New(slog.DiscardHandler)})
			start := time.Now()
			for _, r := range row.requests {
				c := app.Client{Connection: r.connection, Asked: start.Add(time.Duration(r.asked) * time.Millisecond)}
				if err := a.Handle(t.Context(), c, []byte(r.body)); err != nil {
					t.Fatal(err)
				}
			}
			if got := fmt.Sprint(list(t, s)); got != row.members {
				t.Errorf("in the room are %s, wanted %s", got, row.members)
			}
		})
	}
}

func list(t *testing.T, s app.Store) (who []string) {
	t.Helper()
	members, err := s.Members(context.Background(), "go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range members {
		who = append(who, m.Name+" "+m.Connection)
	}
	return who
}

package app_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/05-apigw-lambda/app"
	"websocket.example/05-apigw-lambda/store/memory"
)

// A post is tried again while there are too many, and everybody else is told
// meanwhile; nothing is left running when Handle returns.
func TestSlowMember(t *testing.T) { synctest.Test(t, slowMember) }

func slowMember(t *testing.T) {
	s := memory.New()
	counts := make(chan string, 1000)
	refused := 3
	p := posterFunc(func(connection string, frame []byte) error {
		if connection == "slow" && refused > 0 {
			refused--
			return app.ErrThrottled
		}
		counts <- connection
		return nil
	})
	a := app.New(s, p, app.Options{Log: slog.New(slog.DiscardHandler)})
	ask := func(connection, body string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if err := a.Handle(ctx, app.Client{Connection: connection}, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	ask("slow", `{"action":"join","room":"go","name":"Slow"}`)
	ask("quick", `{"action":"join","room":"go","name":"Quick"}`)
	refused = 3
	for len(counts) > 0 {
		<-counts
	}
	ask("quick", `{"action":"send","room":"go","id":"1","text":"hello"}`)
	if len(counts) != 3 || refused != 0 {
		t.Errorf("there were %d posts, and %d refusals are left", len(counts), refused)
	}
	refused = 1000 // for longer than one request may take
	ask("quick", `{"action":"send","room":"go","id":"2","text":"hello"}`)
	m, err := s.Member(t.Context(), "go", "slow")
	if err != nil || m.Next != 2 {
		t.Errorf("the member who could not be told is %+v, %v", m, err)
	}
	refused = 0
	ask("slow", `{"action":"ping"}`)
	if m, err = s.Member(t.Context(), "go", "slow"); err != nil || m.Next != 0 {
		t.Errorf("the member who was told is %+v, %v", m, err)
	}
}

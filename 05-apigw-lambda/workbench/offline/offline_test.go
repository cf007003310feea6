package offline

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// The function posts back what it is sent.
func TestEcho(t *testing.T) {
	if os.Getenv("CI") != "true" {
		t.Skip("starts serverless-offline, which takes long: CI=true runs it")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	s, err := Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	c, err := wsconn.Dial(ctx, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.NetConn().Close()
	for i := range 3 {
		text := fmt.Sprint("olá ", i)
		if err := c.Write(ctx, frame.Text, fmt.Appendf(nil, `{"action":"echo","text":%q}`, text)); err != nil {
			t.Fatal(err)
		}
		if op, got, err := c.Read(ctx); err != nil || op != frame.Text || string(got) != text {
			t.Fatalf("%v %q %v, want %q", op, got, err, text)
		}
	}
}

func TestTail(t *testing.T) {
	var w tail
	for i := range 3000 {
		fmt.Fprintln(&w, i)
	}
	got := w.String()
	if len(got) != kept || got[len(got)-10:] != "2998\n2999\n" {
		t.Errorf("%d bytes, ...%q", len(got), got[len(got)-10:])
	}
}

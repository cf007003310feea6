package app_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"websocket.example/05-apigw-lambda/app"
	"websocket.example/05-apigw-lambda/store/memory"
)

// A ping by its own route: the pong is what comes back, and nobody posts.
func TestPing(t *testing.T) {
	p := posterFunc(func(connection string, frame []byte) error {
		t.Errorf("%s was posted %s", connection, frame)
		return nil
	})
	if got := string(app.New(memory.New(), p, app.Options{}).Ping(t.Context(), app.Client{Connection: "a"})); got != `{"type":"pong"}` {
		t.Error(got)
	}
}

// A panic while one member is told: the others are told, the sender has its
// ack and no stack, and what the one lacks is told once it can be.
func TestPanicInFanOut(t *testing.T) {
	var mu sync.Mutex
	var log bytes.Buffer
	told := map[string]string{}
	broken := false
	a := app.New(memory.New(), posterFunc(func(connection string, frame []byte) error {
		mu.Lock()
		defer mu.Unlock()
		if broken && connection == "bia" {
			panic("a bug")
		}
		told[connection] += string(frame) + "\n"
		return nil
	}), app.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	ask := func(connection, body string) {
		t.Helper()
		if err := a.Handle(t.Context(), app.Client{Connection: connection}, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"ana", "bia", "rui"} {
		ask(name, `{"action":"join","room":"go","name":"`+name+`"}`)
	}
	broken = true
	ask("ana", `{"action":"send","room":"go","id":"1","text":"hello"}`)
	for who, wanted := range map[string]string{"ana": `"type":"ack"`, "rui": `"text":"hello"`} {
		if !strings.Contains(told[who], wanted) {
			t.Errorf("%s was told %s", who, told[who])
		}
		if strings.Contains(told[who], "bug") || strings.Contains(told[who], "goroutine") {
			t.Errorf("%s was told of the panic: %s", who, told[who])
		}
	}
	if !strings.Contains(log.String(), "panic: a bug") || !strings.Contains(log.String(), "panic_test.go") {
		t.Errorf("logged without its stack: %s", log.String())
	}
	broken = false
	a.Ping(t.Context(), app.Client{Connection: "rui"}) // it heals
	if n := strings.Count(told["bia"], `"text":"hello"`); n != 1 {
		t.Errorf("bia was told %d times: %s", n, told["bia"])
	}
}

package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"websocket.example/04-chat-hub/hub"
	"websocket.example/04-chat-hub/log/memory"
)

func TestCheckMisuse(t *testing.T) {
	for _, row := range []struct{ args, says string }{
		{"", "which server?"},
		{"http://h", "is no WebSocket URL"},
		{"ws://a ws://b", "one URL at a time"},
		{"-lang fr ws://h", "choose en or pt-BR"},
		{"-stage 8 ws://h", "choose a whole number from 0 to 7"},
		{"-hint 4 ws://h", "choose a whole number from 0 to 3"},
		{"-patience 6 ws://h", "write a time with its unit"},
		{"ws://h -nothing", "there is no flag -nothing"},
	} {
		var out, errs bytes.Buffer
		status := checkCommand(t.Context(), strings.Fields(row.args), &out, &errs)
		if status != misuse || strings.Count(errs.String(), "\n") != 1 || !strings.Contains(errs.String(), row.says) {
			t.Errorf("%s: status %d: %s", row.args, status, &errs)
		}
	}
}

// Flags may stand on both sides of the URL, and the status says how it went.
func TestCheckCommand(t *testing.T) {
	store := memory.NewServer().Open()
	defer store.Close()
	h := hub.New(hub.Options{Store: store})
	defer func() { _ = h.Shutdown(t.Context()) }() // nobody is left
	mux := http.NewServeMux()
	mux.Handle("/ws", h)
	s := httptest.NewServer(mux)
	defer s.Close()
	address := "ws" + strings.TrimPrefix(s.URL, "http")
	for _, row := range []struct {
		args   string
		status int
		says   string
	}{
		{"-stage 1 " + address + "/ws -lang pt-BR", fine, "Passou: 6 de 6 casos ok"},
		{"-stage 1 -json " + address + "/ws", fine, `"passed": true`},
		{"-patience 0 -stage 6 " + address + "/ws", fine, "Skipped with -patience 0: 2 cases"},
		{"-patience 300ms -stage 6 " + address + "/ws", failed, "-patience says how long that is"},
		{address + "/nothing", failed, "with 404 Not Found instead of 101"},
	} {
		var out, errs bytes.Buffer
		status := checkCommand(t.Context(), strings.Fields(row.args), &out, &errs)
		if status != row.status || !strings.Contains(out.String()+errs.String(), row.says) {
			t.Errorf("%s: status %d: %s%s", row.args, status, &out, &errs)
		}
	}
}

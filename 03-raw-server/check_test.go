package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/server"
	"websocket.example/03-raw-server/wsconn"
)

// echoServer serves until the test ends; what it sends back is the answer.
func echoServer(t *testing.T, answer func(message []byte) []byte) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server.Server{Compress: true, Handler: func(c *wsconn.Conn, _ *handshake.Handshake) wsconn.Handler {
		return func(op frame.Opcode, message []byte) error { return c.Write(context.Background(), op, answer(message)) }
	}}
	ended := make(chan error)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return "ws://" + l.Addr().String() + "/"
}

func itself(b []byte) []byte { return b }

func TestCheck(t *testing.T) {
	url := echoServer(t, itself)
	shouting := echoServer(t, func(b []byte) []byte { return []byte(strings.ToUpper(string(b))) })
	page := filepath.Join(t.TempDir(), "report.html")
	for _, row := range []struct {
		args   string
		status int
		want   string
	}{
		{url, fine, "Passed: 50 of 50 cases ok"},
		{"-strict -lang pt-BR " + url, fine, "Passou: 50 de 50 casos ok"},
		{"-stage 5 " + url + " -hint 1", fine, "Stage 5: control frames"},
		{shouting, failed, "The letters are right, their case is not"},
		{"-all " + shouting, failed, "Stage 8"},
		{"-full -only 2,5.7 -html " + page + " " + url, fine, "Passed: 57 of 57 cases ok"},
	} {
		t.Run(row.args, func(t *testing.T) {
			status, out, errs := invoke(t.Context(), append([]string{"check"}, strings.Fields(row.args)...)...)
			if status != row.status || errs != "" || !strings.Contains(out, row.want) {
				t.Errorf("status %d, errors %q, output:\n%s", status, errs, out)
			}
		})
	}
	written, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(written), `"id":"5.7.3"`) {
		t.Errorf("%v, %d bytes", err, len(written))
	}
}

func TestCheckJSON(t *testing.T) {
	status, out, errs := invoke(t.Context(), "check", "-json", "-stage", "1", echoServer(t, itself))
	var report struct {
		Passed bool
		Cases  []struct{ ID, Verdict string }
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || status != fine || errs != "" {
		t.Fatalf("%v, status %d, errors %q, output:\n%s", err, status, errs, out)
	}
	if !report.Passed || len(report.Cases) != 5 || report.Cases[0].ID != "echo" || report.Cases[0].Verdict != "ok" {
		t.Errorf("%+v", report)
	}
}

// A client is told where to go, and graded.
func TestCheckClient(t *testing.T) {
	var out, errs screen
	status := make(chan int)
	go func() {
		status <- run(t.Context(), strings.Fields("check -full -only 2.1,9.1 -listen 127.0.0.1:0"), strings.NewReader(""), &out, &errs)
	}()
	var url string
	for url == "" {
		if _, rest, found := strings.Cut(out.String(), "Connect to "); found {
			url, _, _ = strings.Cut(rest, " ")
		}
		time.Sleep(time.Millisecond)
	}
	for {
		c, err := wsconn.Dial(t.Context(), url, nil)
		if refused, is := err.(*handshake.RefusedError); is && refused.Response.Status == http.StatusGone { //nolint:errorlint // it is one of ours
			break
		}
		if err == nil {
			_ = c.Each(t.Context(), func(op frame.Opcode, message []byte) error { return c.Write(t.Context(), op, message) })
		}
	}
	if s := <-status; s != fine || errs.String() != "" || !strings.Contains(out.String(), "Passed: 24 of 24 cases ok") {
		t.Errorf("status %d, errors %q, output:\n%s", s, errs.String(), out.String())
	}
}

func TestCheckWrongUse(t *testing.T) {
	for _, row := range []struct{ args, want string }{
		{"", "which server? Write its URL"},
		{"http://127.0.0.1:1/", "it must start with ws:// or wss://"},
		{"ws://127.0.0.1:1/ ws://127.0.0.1:2/", "one URL at a time"},
		{"-listen 127.0.0.1:0 ws://127.0.0.1:1/", "one or the other"},
		{"-listen nonsense", "write it like 127.0.0.1:8003"},
		{"-stage 9 ws://127.0.0.1:1/", "give a number from 0 to 8"},
		{"-stage 1 -full ws://127.0.0.1:1/", "-stage is for the lesson"},
		{"-hint 4 ws://127.0.0.1:1/", "give a number from 0 to 3"},
		{"-lang de ws://127.0.0.1:1/", "choose en or pt-BR"},
		{"-only 4.2 ws://127.0.0.1:1/", `"4.2" names no case`},
		{"-only , ws://127.0.0.1:1/", "write IDs with commas between them"},
		{"-H nonsense ws://127.0.0.1:1/", "write it as 'Name: value'"},
		{"-html /nowhere/at/all ws://127.0.0.1:1/", "-html:"},
		{"-what ws://127.0.0.1:1/", "there is no flag -what"},
	} {
		t.Run(row.args, func(t *testing.T) {
			status, out, errs := invoke(t.Context(), append([]string{"check"}, strings.Fields(row.args)...)...)
			if status != misuse || out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, row.want) {
				t.Errorf("status %d, output %q, errors %q, want %q", status, out, errs, row.want)
			}
		})
	}
	if status, _, errs := invoke(t.Context(), "check", "ws://127.0.0.1:1/"); status != failed || !strings.Contains(errs, "nobody answers at ws://127.0.0.1:1/") {
		t.Errorf("status %d, errors %q", status, errs)
	}
	if status, out, _ := invoke(t.Context(), "check", "-h"); status != fine || !strings.Contains(out, "50 cases in 8 stages") || !strings.Contains(out, "-listen host:port") {
		t.Errorf("status %d, output %q", status, out)
	}
}

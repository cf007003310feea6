package bots

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"websocket.example/04-chat-hub/hub"
	"websocket.example/04-chat-hub/log/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newHub starts one hub of a chat and returns it with its URL.
func newHub(t *testing.T, chat *memory.Server) (*hub.Hub, string) {
	t.Helper()
	store := chat.Open()
	h := hub.New(hub.Options{Store: store, Log: slog.New(slog.DiscardHandler)})
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := h.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		s.Close()
		store.Close()
	})
	return h, wsURL(s)
}

func wsURL(s *httptest.Server) string { return "ws" + strings.TrimPrefix(s.URL, "http") }

// bots runs the command.
func bots(t *testing.T, args ...string) (out, errs string, status int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = Command(t.Context(), args, &stdout, &stderr)
	return stdout.String(), stderr.String(), status
}

// report runs the command with -json.
func report(t *testing.T, args ...string) (r Report, status int) {
	t.Helper()
	out, errs, status := bots(t, append([]string{"-json", "-seed", "7"}, args...)...)
	if errs != "" {
		t.Error(errs)
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if strings.Count(out, "\n") != 1 {
		t.Errorf("more than one object: %s", out)
	}
	return r, status
}

func TestExact(t *testing.T) {
	t.Parallel()
	_, url := newHub(t, memory.NewServer())
	r, status := report(t, "-n", "30", "-rooms", "3", "-rate", "20", "-duration", "500ms", url)
	if status != 0 || !r.Exact() {
		t.Errorf("status %d: %+v", status, r)
	}
	if r.Sent != 30 || r.Acked != 30 || r.Delivered != 300 || r.Reconnects != 0 {
		t.Errorf("%+v", r)
	}
	if d := r.Delay; d.P50 <= 0 || d.P99 < d.P50 || d.Max < d.P99 || r.PerSecond <= 0 {
		t.Errorf("%+v", r)
	}
}

// Three hubs, connections that are cut all the time, one hub that goes away.
func TestChaos(t *testing.T) {
	t.Parallel()
	chat := memory.NewServer()
	first, url1 := newHub(t, chat)
	_, url2 := newHub(t, chat)
	_, url3 := newHub(t, chat)
	gone := time.AfterFunc(700*time.Millisecond, func() { _ = first.Shutdown(t.Context()) })
	defer gone.Stop()
	r, status := report(t, "-n", "24", "-rooms", "3", "-rate", "50", "-duration", "1500ms", "-chaos", "-chaos-every", "20ms", "-wait", "15s", url1, url2, url3)
	if status != 0 || !r.Exact() || r.Sent != 225 || r.Delivered != 225*8 {
		t.Errorf("status %d: %+v", status, r)
	}
	if r.Cuts < 10 || r.Reconnects < r.Cuts/2 {
		t.Errorf("%d cuts, %d reconnects", r.Cuts, r.Reconnects)
	}
}

// A villain stands between bots and a hub and does one thing to what the hub
// tells its first client.
type villain struct {
	to string
	do func(messages [][]byte, message []byte) [][]byte // gets those it has held back

	mu    sync.Mutex
	taken bool
}

var upgrader = websocket.Upgrader{}

func (v *villain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bot, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer bot.Close()
	hub, _, err := websocket.DefaultDialer.Dial(v.to, nil)
	if err != nil {
		return
	}
	defer hub.Close()
	v.mu.Lock()
	mine := !v.taken
	v.taken = true
	v.mu.Unlock()
	go func() {
		defer hub.Close()
		for {
			_, message, err := bot.ReadMessage()
			if err != nil || hub.WriteMessage(websocket.TextMessage, message) != nil {
				return
			}
		}
	}()
	for n := 0; ; {
		_, message, err := hub.ReadMessage()
		if err != nil {
			return
		}
		out := [][]byte{message}
		if mine && bytes.HasPrefix(message, []byte(`{"type":"message"`)) {
			n++
			out = v.do(make([][]byte, n), message)
		}
		for _, message := range out {
			if bot.WriteMessage(websocket.TextMessage, message) != nil {
				return
			}
		}
	}
}

func TestVillainousHubs(t *testing.T) {
	t.Parallel()
	var held []byte
	for _, row := range []struct {
		name string
		do   func(messages [][]byte, message []byte) [][]byte
		want Report
	}{
		{"loses the second", func(n [][]byte, m []byte) [][]byte {
			if len(n) == 2 {
				return nil
			}
			return [][]byte{m}
		}, Report{Lost: 1}},
		{"doubles the third", func(n [][]byte, m []byte) [][]byte {
			if len(n) == 3 {
				return [][]byte{m, m}
			}
			return [][]byte{m}
		}, Report{Doubled: 1}},
		{"swaps two", func(n [][]byte, m []byte) [][]byte {
			switch len(n) {
			case 4:
				held = m
				return nil
			case 5:
				return [][]byte{m, held}
			}
			return [][]byte{m}
		}, Report{Reordered: 1}},
		{"changes a text", func(n [][]byte, m []byte) [][]byte {
			if len(n) == 6 {
				m = bytes.Replace(m, []byte("fox"), []byte("box"), 1)
			}
			return [][]byte{m}
		}, Report{Altered: 1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, url := newHub(t, memory.NewServer())
			s := httptest.NewServer(&villain{to: url, do: row.do})
			defer s.Close()
			r, status := report(t, "-n", "4", "-rate", "40", "-duration", "300ms", "-wait", "1s", wsURL(s))
			if status != 1 || r.Sent != 12 || r.Acked != 12 || len(r.Faults) != 1 {
				t.Errorf("status %d: %+v", status, r)
			}
			if r.Lost != row.want.Lost || r.Doubled != row.want.Doubled || r.Reordered != row.want.Reordered || r.Altered != row.want.Altered || r.Strange != 0 {
				t.Errorf("%+v", r)
			}
		})
	}
}

// Ctrl-C ends early, and there is a report.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	_, url := newHub(t, memory.NewServer())
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	var out, errs bytes.Buffer
	if status := Command(ctx, []string{"-n", "5", "-rate", "100", "-duration", "1h", url}, &out, &errs); status != 0 {
		t.Errorf("status %d: %s", status, errs.String())
	}
	for _, want := range []string{"bots       5 in 1 rooms", "wrong      0 lost, 0 doubled, 0 reordered\n", "Every acknowledged message reached every bot"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, out.String())
		}
	}
}

func TestHelp(t *testing.T) {
	out, errs, status := bots(t, "-h")
	if status != 0 || errs != "" || !strings.HasPrefix(out, "Usage: go run ./04-chat-hub bots") || !strings.Contains(out, "\nFlags:\n") {
		t.Errorf("status %d: %s %s", status, out, errs)
	}
}

func TestMisuse(t *testing.T) {
	for _, row := range []struct{ args, want string }{
		{"-n 0", `-n "0": give a whole number from 1`},
		{"-rate fast", `-rate "fast": give a number from`},
		{"-duration 10", `-duration "10": write a time with its unit`},
		{"-seed x", `-seed "x": give a whole number`},
		{"-n 3 -rooms 4", "-rooms 4: there are 3 bots"},
		{"-fast", "there is no flag -fast"},
		{"http://127.0.0.1:8004/ws", `"http://127.0.0.1:8004/ws" is not the URL of a hub: write it as ws://`},
		{"8004", `"8004" is not the URL of a hub`},
		{"ws://chat.example.com/ws", "chat.example.com is not this machine"},
		{"ws://10.0.0.7:8004/ws", "10.0.0.7:8004 is not this machine"},
		{"ws://127.0.0.1.example.com/ws", "127.0.0.1.example.com is not this machine"},
		{"ws://127.0.0.1/ws ws://[::1]/ws wss://localhost/ws ws://0.0.0.0/ws", "0.0.0.0 is not this machine"},
	} {
		out, errs, status := bots(t, strings.Fields(row.args)...)
		if status != 2 || out != "" || !strings.Contains(errs, row.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: status %d, %q %q", row.args, status, out, errs)
		}
	}
}

func TestNoHub(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(nil)
	s.Close() // now nobody listens there
	out, errs, status := bots(t, wsURL(s)+"/ws")
	if status != 1 || out != "" || !strings.Contains(errs, "start one with 'go run ./04-chat-hub'") || strings.Count(errs, "\n") != 1 {
		t.Errorf("status %d, %q %q", status, out, errs)
	}
}

func TestComeBack(t *testing.T) {
	for reason, want := range map[string]time.Duration{
		"reconnect in 350 ms": 350 * time.Millisecond,
		"reconnect in 1.25s":  1250 * time.Millisecond,
		"reconnect in 9000h":  time.Minute,
		"reconnect in a bit":  -1,
		"":                    -1,
	} {
		got, ok := comeBack(reason)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q is %v, want %v", reason, got, want)
		}
	}
}

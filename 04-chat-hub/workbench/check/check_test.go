package check

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/04-chat-hub/hub"
	"websocket.example/04-chat-hub/log/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func configFor(t *testing.T, address string) Config {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return Config{URL: u, Patience: 3 * time.Second, Limit: 4 * time.Second} // of a machine that may be busy
}

// This module's hub passes everything.
func TestReference(t *testing.T) {
	store := memory.NewServer().Open()
	defer store.Close()
	h := hub.New(hub.Options{Store: store, Ping: time.Second, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	s := httptest.NewServer(h)
	defer s.Close()
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = h.Shutdown(ctx) // who is left is cut off
	}()
	config := configFor(t, "ws"+strings.TrimPrefix(s.URL, "http")+"/ws")
	config.All, config.Strict, config.Floods = true, true, 14
	report, err := Run(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if r.Verdict != OK {
			t.Errorf("%s: %s, %s", r.ID, r.Verdict, whatsWrong(r))
		}
		if testing.Verbose() {
			t.Log(r.ID, r.Took)
		}
	}
	if len(report.Results) != len(Cases) {
		t.Errorf("%d cases of %d", len(report.Results), len(Cases))
	}
	t.Logf("%d cases in %v", len(Cases), report.Took)
}

func whatsWrong(r Result) string {
	if r.Finding == nil {
		return ""
	}
	return r.Finding.Key + ": " + English.Why(r.Finding)
}

var update = flag.Bool("update", false, "write testdata again")

// What a learner reads, in both languages, word for word.
func TestText(t *testing.T) {
	for _, bug := range []string{"no ack", "cursors are decimal", "slow are passed over"} {
		config := configFor(t, start(t, bug))
		config.Patience, config.Limit, config.Floods = 0, 1500*time.Millisecond, 14 // which is what is waited for
		report, err := Run(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range []*Language{English, Portuguese} {
			var out bytes.Buffer
			View{Language: l, Hints: 1}.Text(&out, report)
			got := changing.ReplaceAllString(out.String(), "?")
			file := filepath.Join("testdata", strings.ReplaceAll(bug, " ", "-")+"."+l.Tag+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil || got != strings.ReplaceAll(string(want), "\r\n", "\n") {
				t.Errorf("%s: %v, got:\n%s", file, err, got)
			}
		}
	}
}

// changing is what differs from run to run: ports, rooms, times, and who of a
// crowd was first.
var changing = regexp.MustCompile(`127\.0\.0\.1:\d+|check-[0-9a-f]{5}|\b\d+ ms\b|"at":"[^"]*"|\w{3}-\d{3}|"from":"[^"]*"`)

func TestJSON(t *testing.T) {
	config := configFor(t, start(t, "no ack"))
	config.Limit = time.Second
	report, err := Run(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (View{Language: English, Hints: 3}).JSON(&out, report); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Passed  bool
		Stopped int `json:"stopped_after_stage"`
		Cases   []struct {
			ID, Verdict string
			Finding     *struct {
				Key, Text, Wanted string
				Sent, Came, Hints []string
			}
		}
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	c := got.Cases[3]
	if got.Passed || got.Stopped != 1 || c.ID != "ack" || c.Verdict != "failed" || c.Finding.Key != "no-ack" || len(c.Finding.Sent) != 1 || len(c.Finding.Hints) != 3 {
		t.Errorf("%s", out.Bytes())
	}
}

func TestNobodyThere(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	if _, err := Run(t.Context(), configFor(t, "ws://"+address)); err == nil || !strings.Contains(err.Error(), "nobody answers at ws://"+address) {
		t.Error(err)
	}
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	if _, err := Run(t.Context(), configFor(t, "ws"+strings.TrimPrefix(s.URL, "http"))); err == nil || !strings.Contains(err.Error(), "with 404 Not Found instead of 101") {
		t.Error(err)
	}
}

// A server that falls over ends the grading, and is told so.
func TestCrash(t *testing.T) {
	address := start(t, "crashes")
	report, err := Run(t.Context(), configFor(t, address))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if r.Verdict == Failed && r.Finding.Key != "crashed" {
			t.Errorf("%s: %+v", r.ID, r.Finding)
		}
	}
	if !report.Gone || report.Stopped != 1 || report.Passed() {
		t.Errorf("%+v", report)
	}
}

// Every case, finding and hint has its text in both languages.
func TestCatalogs(t *testing.T) {
	for key := range English.texts {
		if Portuguese.texts[key] == "" {
			t.Errorf("pt-BR has no %s", key)
		}
	}
	if len(English.texts) != len(Portuguese.texts) {
		t.Errorf("en has %d texts, pt-BR %d", len(English.texts), len(Portuguese.texts))
	}
	seen, topics := map[string]bool{}, map[string]bool{}
	for i := range Cases {
		c := &Cases[i]
		for _, text := range append(English.Hints(c, HintLevels), English.Title(c)) {
			if strings.HasPrefix(text, "[no text") {
				t.Error(text)
			}
		}
		if seen[c.ID] || c.Stage < 1 || c.Stage > Stages || c.script == nil || c.Needs != "" && !seen[c.Needs] {
			t.Errorf("%+v", c)
		}
		seen[c.ID], topics[c.Topic] = true, true
	}
	for key := range English.texts {
		kind, rest, _ := strings.Cut(key, ".")
		topic, _, levels := strings.Cut(rest, ".")
		if levels && !topics[topic] || kind == "case" && !seen[rest] {
			t.Errorf("nobody needs %s", key)
		}
	}
}

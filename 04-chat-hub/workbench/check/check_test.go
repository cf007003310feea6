package check

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
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

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"websocket.example/04-chat-hub/hub"
	"websocket.example/04-chat-hub/log/memory"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "64") // nearly all of their time is waiting
	goleak.VerifyTestMain(m)
}

// Nobody waits as long as this if all goes well: the machine may be busy.
const ample = 15 * time.Second

// configFor is of a server that passes.
func configFor(t *testing.T, address string) Config {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return Config{URL: u, Patience: ample, Limit: ample}
}

// smallFloods fill the sockets of the servers of these tests, and a bit more
// than their queues.
func (c Config) smallFloods() Config {
	c.Floods, c.floodText = 14, 2<<10
	return c
}

// A narrow listener's connections are full soon.
type narrow struct{ net.Listener }

func (l narrow) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		err = conn.(*net.TCPConn).SetWriteBuffer(smallBuffer)
	}
	return conn, err
}

// This module's hub passes everything. In all stages but the one about the
// dead it takes nobody for dead.
func TestReference(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		ping     time.Duration
		stage    int
		patience time.Duration
		cases    int
		slow     int // who must have been too slow, or the floods say nothing
	}{
		{"the dead", 800 * time.Millisecond, 6, ample, 2, 0},
		{"all else", time.Minute, 0, 0, len(Cases) - 2, 3},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			metrics := prometheus.NewRegistry()
			config := configFor(t, serveHub(t, hub.Options{Behind: 128 << 10, Ping: row.ping, Registry: metrics})).smallFloods()
			config.All, config.Strict, config.Stage, config.Patience = true, true, row.stage, row.patience
			report, err := Run(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				if r.Verdict != OK && (!r.waits || row.patience > 0) {
					t.Errorf("%s: %s, %s", r.ID, r.Verdict, whatsWrong(r))
				}
			}
			if n := report.Count(OK); n != row.cases {
				t.Errorf("%d cases are ok, of %d", n, row.cases)
			}
			if n := counted(t, metrics, "chat_evictions_total"); n < row.slow {
				t.Errorf("%d were too slow, and not %d: the floods are too small", n, row.slow)
			}
		})
	}
}

// serveHub serves until the test ends.
func serveHub(t *testing.T, o hub.Options) (address string) {
	store := memory.NewServer().Open()
	o.Store, o.Log = store, slog.New(slog.DiscardHandler)
	h := hub.New(o)
	s := httptest.NewUnstartedServer(h)
	s.Listener = narrow{s.Listener}
	s.Start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = h.Shutdown(ctx) // who is left is cut off
		s.Close()
		store.Close()
	})
	return "ws" + strings.TrimPrefix(s.URL, "http") + "/ws"
}

func counted(t *testing.T, from *prometheus.Registry, name string) (n int) {
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			n = int(f.GetMetric()[0].GetCounter().GetValue())
		}
	}
	return n
}

func whatsWrong(r Result) string {
	if r.Finding == nil {
		return ""
	}
	return r.Finding.Key + ": " + English.Why(r.Finding)
}

var update = flag.Bool("update", false, "write testdata again")

// What a learner reads, in both languages, word for word, and what a program
// reads.
func TestReports(t *testing.T) {
	t.Parallel()
	for _, bug := range []string{"no ack", "cursors are decimal", "slow are passed over"} {
		t.Run(bug, func(t *testing.T) {
			t.Parallel()
			config := configFor(t, start(t, bug)).smallFloods()
			config.Patience = 0
			if bug == "no ack" {
				config.Limit = 3 * time.Second // which is what is waited for
			}
			report, err := Run(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range []*Language{English, Portuguese} {
				var out bytes.Buffer
				View{Language: l, Hints: 1}.Text(&out, report)
				compare(t, filepath.Join("testdata", strings.ReplaceAll(bug, " ", "-")+"."+l.Tag+".txt"), changing.ReplaceAllString(out.String(), "?"))
			}
			if bug == "no ack" {
				testJSON(t, report)
			}
		})
	}
}

func compare(t *testing.T, file, got string) {
	t.Helper()
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

// changing is what differs from run to run: ports, rooms, times, who of a
// crowd was first, and which message a slow one hears after a hole.
var changing = regexp.MustCompile(`127\.0\.0\.1:\d+|check-[0-9a-f]{5}|\b\d+ ms\b|"at":"[^"]*"|\w{3}-\d{3}|"from":"[^"]*"|Leo (?:heard|ouviu) \S+|Leo: {"type":"message".*"cursor".*`)

func testJSON(t *testing.T, report *Report) {
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

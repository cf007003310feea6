package check

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/02-handshake/handshake"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// listen serves every connection until the test ends.
func listen(t *testing.T, serve func(net.Conn)) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var conns []net.Conn
	var work sync.WaitGroup
	work.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			work.Go(func() { serve(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		mu.Lock()
		for _, conn := range conns {
			conn.Close()
		}
		mu.Unlock()
		work.Wait()
	})
	return "ws://" + listener.Addr().String() + "/chat"
}

func configFor(t *testing.T, address string) Config {
	u, err := handshake.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	return Config{URL: u}
}

// This module's server passes everything, in both of its forms.
func TestReference(t *testing.T) {
	options := &handshake.Options{Subprotocols: []string{"chat"}}
	bare := listen(t, func(conn net.Conn) {
		defer conn.Close()
		if _, err := options.Accept(context.Background(), conn); err == nil {
			_, _ = conn.Read(make([]byte, 1))
		}
	})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, _, err := options.Upgrade(w, r); err == nil {
			_, _ = conn.Read(make([]byte, 1))
			conn.Close()
		}
	})
	plain, secure := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	defer plain.Close()
	defer secure.Close()
	for _, row := range []struct {
		name, url string
		fails     []string // net/http joins folded lines before we see them
	}{
		{"bare", bare, nil},
		{"net/http", "ws" + strings.TrimPrefix(plain.URL, "http"), []string{"folded-line"}},
		{"TLS", "wss" + strings.TrimPrefix(secure.URL, "https"), []string{"folded-line"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			config := configFor(t, row.url)
			config.All, config.Strict = true, true
			config.TLS = secure.Client().Transport.(*http.Transport).TLSClientConfig
			report, err := Run(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				if (r.Verdict != OK) != slices.Contains(row.fails, r.ID) {
					t.Errorf("%s: %s, %v", r.ID, r.Verdict, r.Finding)
				}
			}
			if len(report.Results) != len(Cases) {
				t.Errorf("%d cases of %d", len(report.Results), len(Cases))
			}
			t.Logf("%d cases in %v", len(Cases), report.Took)
		})
	}
}

var update = flag.Bool("update", false, "write testdata again")

// What a learner reads, in both languages, word for word.
func TestText(t *testing.T) {
	for _, name := range []string{"hex in base64", "GUID misspelt", "keeps its version to itself"} {
		i := slices.IndexFunc(mutants, func(m mutant) bool { return m.name == name })
		config := configFor(t, mutants[i].start(t))
		report, err := Run(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range []*Language{English, Portuguese} {
			var out bytes.Buffer
			View{Language: l, Hints: 1}.Text(&out, report)
			got := changing.ReplaceAllString(out.String(), "?")
			file := filepath.Join("testdata", strings.ReplaceAll(name, " ", "-")+"."+l.Tag+".txt")
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

// changing is what differs from run to run: ports, keys, milliseconds.
var changing = regexp.MustCompile(`127\.0\.0\.1:\d+|[0-9A-Za-z+/]{22}==|\b\d+ ms\b`)

func TestJSON(t *testing.T) {
	m := mutants[slices.IndexFunc(mutants, func(m mutant) bool { return m.name == "key echoed" })]
	config := configFor(t, m.start(t))
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
				Key, Text, Line, Wanted string
				Caret                   *int
				Hints                   []string
			}
		}
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Passed || got.Stopped != 1 || len(got.Cases) != 7 {
		t.Fatalf("%s", out.Bytes())
	}
	c := got.Cases[3]
	if c.ID != "accept" || c.Verdict != "failed" || c.Finding.Key != "accept-key" || *c.Finding.Caret != len("Sec-WebSocket-Accept: ") || len(c.Finding.Hints) != 3 {
		t.Errorf("%+v", c.Finding)
	}
	if c := got.Cases[4]; c.Verdict != "skipped" {
		t.Errorf("the second look at the same fault is %s", c.Verdict)
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
}

// A server that falls over ends the grading, and is told so.
func TestCrash(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for { // the first who asks for something is one too many
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if n, _ := conn.Read(make([]byte, 1)); n > 0 {
				listener.Close()
			}
			conn.Close()
		}
	}()
	report, err := Run(t.Context(), configFor(t, "ws://"+listener.Addr().String()))
	<-ended
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if r.Verdict != Skipped && (r.Verdict != Failed || r.Finding.Key != "crashed") {
			t.Errorf("%s: %s, %v", r.ID, r.Verdict, r.Finding)
		}
	}
	if !report.Gone || report.Stopped != 1 || report.Passed() {
		t.Errorf("%+v", report)
	}
	for _, l := range []*Language{English, Portuguese} {
		var out bytes.Buffer
		View{Language: l}.Text(&out, report)
		if !strings.Contains(out.String(), l.Say("summary.gone", "n", report.Count(Skipped))) || strings.Contains(out.String(), "[no text") {
			t.Error(out.String())
		}
	}
}

// A server that never answers costs one time limit for a stage of up to eight cases.
func TestSilentServer(t *testing.T) {
	address := listen(t, func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1<<20)); _, _ = conn.Read(make([]byte, 1)) })
	config := configFor(t, address)
	config.Limit = time.Second
	report, err := Run(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	if report.Results[0].Finding.Key != "silence" || report.Count(Failed) != 1 || report.Stopped != 1 || report.Took > 10*time.Second {
		t.Errorf("%d failed, stopped after %d, in %v", report.Count(Failed), report.Stopped, report.Took)
	}
}

// Every case, finding and hint has its text in both languages.
func TestCatalogs(t *testing.T) {
	for _, l := range []*Language{English, Portuguese} {
		for i := range Cases {
			c := &Cases[i]
			for _, text := range append(l.Hints(c, HintLevels), l.Title(c)) {
				if strings.HasPrefix(text, "[no text") {
					t.Errorf("%s: %s", l.Tag, text)
				}
			}
		}
	}
	seen := map[string]bool{}
	for _, c := range Cases {
		if seen[c.ID] || c.Stage < 1 || c.Stage > Stages || c.judge == nil || c.Needs != "" && !seen[c.Needs] {
			t.Errorf("%+v", c)
		}
		seen[c.ID] = true
	}
}

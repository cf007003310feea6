package bench

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"websocket.example/03-raw-server/workbench/load"
)

// fixed is a report of figures that were made up: whoever changes how they are
// shown sees it in testdata.
func fixed() *report {
	server, clients := 0, 1
	library := func(name, module string) Peer {
		return Peer{Name: name, Module: module, How: "its loop", Compresses: true, Command: func(Deflate) ([]string, error) { return nil, nil }}
	}
	r := &report{
		Began: time.Date(2026, 11, 23, 14, 13, 0, 0, time.UTC), Machine: "Abacus", OS: "linux/amd64", Go: "go1.26.0",
		Versions: map[string]string{"example.com/gorilla": "v1.5.3"}, ServerCPU: &server, ClientsCPU: &clients,
		Command: "go run ./03-raw-server bench -rounds 3", workloads: []string{"ping-pong", "pipelined", "deflate-takeover", idleName},
		peers: peers{Raw, library("gorilla", "example.com/gorilla"), library("slow", "example.com/slow"), Limit},
	}
	r.note("missing", "peer", "nobody", "why", "it is <not> there")
	for round := 1; round <= 3; round++ {
		for name, ms := range map[string]int{"raw": 5, "gorilla": 10, "slow": 20, "limit": 4} {
			cost := time.Duration(ms+round) * time.Millisecond
			r.Slots = append(r.Slots, slot{Round: round, Workload: "ping-pong", Peer: name, Wall: time.Second, Messages: 1000,
				CPU: cost, LoadCPU: 6 * time.Millisecond, Reads: 2000, Writes: 1000})
			if name == "raw" {
				cost = time.Millisecond
			}
			r.Slots = append(r.Slots, slot{Round: round, Workload: "pipelined", Peer: name, Wall: time.Second, Messages: 1000,
				CPU: cost, LoadCPU: 6 * time.Millisecond, Reads: 31, Writes: 31})
		}
		r.Slots = append(r.Slots,
			slot{Round: round, Workload: "deflate-takeover", Peer: "raw", Wall: time.Second, Messages: 10, CPU: time.Millisecond},
			slot{Round: round, Workload: idleName, Peer: "raw", Idle: &idle{Conns: 1000, Before: 8 << 20, Connected: 10 << 20, Freed: 9 << 20, Echoed: 11 << 20, FreedLast: 9 << 20, Handshake: 90 * time.Millisecond}},
			slot{Round: round, Workload: idleName, Peer: "gorilla", Idle: &idle{Conns: 1000, Before: 8 << 20, Connected: int64(23+round) << 20, Freed: 24 << 20, Echoed: 26 << 20, FreedLast: 24 << 20, Handshake: 140 * time.Millisecond}})
	}
	r.Slots = append(r.Slots, slot{Round: 1, Workload: idleName, Peer: "slow", Error: "no message came back"})
	slices.SortStableFunc(r.Slots, func(a, b slot) int { return a.Round - b.Round })
	return r
}

func TestReport(t *testing.T) {
	r := fixed()
	var text, plot strings.Builder
	r.markdown(&text)
	golden(t, "report.md", text.String())
	r.plot(&plot)
	golden(t, "plot.txt", plot.String())
	page := r.page("en")
	page.Words = nil // TestCatalogs
	data, err := json.MarshalIndent(page, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "page.json", string(data)+"\n")
}

func TestIdleReport(t *testing.T) {
	r := &crowdReport{
		Began: time.Date(2026, 11, 23, 14, 13, 0, 0, time.UTC), Machine: "Abacus", OS: "linux/amd64", Go: "go1.26.0", CPUs: 2,
		Peer: "raw", Servers: 1, Wanted: 100000, Opened: 80000, Lost: 3, Why: "the server closed it: bye", Took: 8 * time.Second, Pings: 1234, Stopped: "memory runs out",
		Handshakes: 8 * time.Second, Server: resident{8 << 20, 208 << 20, 200 << 20}, Clients: resident{9 << 20, 19 << 20, 0},
		Before: system{Free: 8 << 30, Slab: 1 << 30, Sockets: 1 << 20}, After: system{Free: 7 << 30, Slab: 3 << 29, Sockets: 2 << 20},
		Echo: &echoes{Rate: 1000, Time: 10 * time.Second, Answered: 9990, Unanswered: 10, P50: 120 * time.Microsecond, P90: 250 * time.Microsecond, P99: 3 * time.Millisecond, Max: 40 * time.Millisecond, CPU: time.Second},
	}
	var text strings.Builder
	r.markdown(&text)
	golden(t, "idle.md", text.String())
}

func TestSpread(t *testing.T) {
	if got, want := spreadOf([]float64{4, 1, 2, 3, 5}), (spread{2, 3, 4}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := spreadOf([]float64{2, 1}), (spread{1.25, 1.5, 1.75}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	for f, want := range map[float64]string{0.0312: "0.031", 1.234: "1.23", 12.34: "12.3", 123.4: "123", 12345: "12,345", 1234567: "1,234,567", math.NaN(): "-"} {
		if got := three(f); got != want {
			t.Errorf("%v: got %q, want %q", f, got, want)
		}
	}
}

func TestPercentile(t *testing.T) {
	var delays []time.Duration
	for i := range 200 {
		delays = append(delays, time.Duration(i+1))
	}
	for percent, want := range map[int]time.Duration{50: 100, 90: 180, 99: 198} {
		if got := percentile(delays, percent); got != want {
			t.Errorf("p%d: %d, want %d", percent, got, want)
		}
	}
	if got := percentile(delays[:1], 50); got != 1 {
		t.Errorf("of one: %d", got)
	}
}

func TestAxis(t *testing.T) {
	for _, test := range []struct {
		figures []float64
		want    string
	}{
		{[]float64{0.8, 1.3}, "false [0 0.5 1]"},
		{[]float64{0.6, 23}, "true [0.5 1 2 5 10 20]"},
		{[]float64{3, 4, 17}, "false [0 5 10 15]"},
		{nil, "false [0 0.5 1]"},
	} {
		a := axisOf(nil, test.figures...)
		if got := fmt.Sprint(a.Log, " ", a.Ticks); got != test.want {
			t.Errorf("%v: %s, want %s", test.figures, got, test.want)
		}
		for _, f := range test.figures {
			if at := a.at(f); at <= 0 || at > 1 {
				t.Errorf("%v: %v is at %v", test.figures, f, at)
			}
		}
	}
}

// In each round everybody comes once, except where he can't or need not.
func TestTurns(t *testing.T) {
	seen := map[string]int{}
	for _, turn := range turns(peers{Raw, Limit}, []string{"ping-pong", "deflate", idleName}, 5) {
		seen[turn.workload+" "+turn.peer.Name]++
	}
	want := map[string]int{"ping-pong raw": 5, "ping-pong limit": 5, "deflate raw": 5, "idle raw": idleRounds, "idle limit": idleRounds}
	if !maps.Equal(seen, want) {
		t.Errorf("got %v, want %v", seen, want)
	}
}

// What is left takes as long as what there was.
func TestForecast(t *testing.T) {
	f := forecast{p: &place{warmUp: time.Second, time: time.Second}}
	ping, pipe := turn{1, "ping-pong", &Raw}, turn{1, "pipelined", &Raw}
	todo := []turn{ping, ping, pipe, {1, "pipelined", &Limit}}
	if got, want := f.of(todo, nil), 4*2300*time.Millisecond; got != want {
		t.Errorf("at first %v, want %v", got, want)
	}
	f.took(ping, 2*time.Second)
	f.took(ping, 4*time.Second)
	if got, want := f.of(todo, map[string]bool{"limit": true}), 2*3*time.Second+2300*time.Millisecond; got != want {
		t.Errorf("then %v, want %v", got, want)
	}
}

// Both languages have the same texts with the same gaps, and what stands in
// the code in English is there in Portuguese.
func TestCatalogs(t *testing.T) {
	gaps := func(text string) (names []string) {
		for _, part := range strings.Split(text, "{")[1:] {
			name, _, _ := strings.Cut(part, "}")
			names = append(names, name)
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	for key, text := range english.texts {
		other, ok := portuguese.texts[key]
		if !ok || !slices.Equal(gaps(text), gaps(other)) {
			t.Errorf("%s: %q, %q", key, text, other)
		}
	}
	for _, w := range load.Workloads {
		if english.texts["workload."+w.Name] != w.Title {
			t.Errorf("the catalog has another title for the workload %s", w.Name)
		}
	}
	for _, p := range Own {
		if english.texts["how."+p.Name] != p.How {
			t.Errorf("the catalog says otherwise how %s is written", p.Name)
		}
	}
}

package grade

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"websocket.example/05-apigw-lambda/gateway/lambda"
)

var update = flag.Bool("update", false, "write testdata again")

// report is the one of a bug, in the stage where it shows.
func report(t *testing.T, c Config, stage int) *Report {
	t.Helper()
	c.Stage = stage
	r, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What is read, word by word.
func TestText(t *testing.T) {
	t.Parallel()
	for bug, stage := range map[string]int{"echo is returned": 2, "a variable has the names": 4, "a body must be JSON": 3, "it greets in $connect": 1} {
		r := report(t, startNaive(t, bug), stage)
		for _, l := range []*Language{English, Portuguese} {
			var b bytes.Buffer
			View{Language: l, Hints: HintLevels}.Text(&b, r)
			compare(t, strings.NewReplacer(" ", "-", "$", "").Replace(bug)+"."+l.Tag+".txt", b.String())
		}
	}
}

// A connection's ID and how long it took are another each time.
var varies = regexp.MustCompile(`[0-9A-Za-z_-]{15}=|\d+ ms`)

func compare(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	got = varies.ReplaceAllString(strings.ReplaceAll(got, "../../", ""), "?")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(want), "\r\n", "\n") != got {
		t.Errorf("%s is\n%s\nand it was\n%s", name, want, got)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	r := report(t, startNaive(t, "echo is returned"), 2)
	var b bytes.Buffer
	if err := (View{Language: English, Hints: 1}).JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Passed bool
		Counts counts
		Cases  []jsonResult
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Passed || got.Counts != (counts{Failed: 1, Skipped: 1}) || got.Cases[0].Finding.Key != "one-way" || len(got.Cases[0].Finding.Hints) != 1 {
		t.Error(b.String())
	}
}

// A gateway that runs already is graded too, with less of a look.
func TestURL(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		bug   string
		fails found
	}{
		{"none", found{}},
		{"statusCode is forgotten", found{"open": "bad-gateway"}},
		{"echo fails", found{"echo": "internal"}},
		{"echo is returned", found{"echo": "silence"}},
		{"every event has a route", found{"push": "invoke-failed"}},
	} {
		c := startNaive(t, row.bug)
		running, err := c.open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer running.close()
		r, err := Run(t.Context(), Config{URL: running.ws, All: row.fails["open"] == ""})
		if err != nil {
			t.Fatal(err)
		}
		if got := findings(r); written(got) != written(row.fails) {
			t.Errorf("%s: it fails %v, want %v", row.bug, got, row.fails)
		}
		if row.bug == "none" && (r.Count(Unseen) != 2 || r.Count(OK) != len(Cases)-2) {
			t.Errorf("%d ok, %d unseen", r.Count(OK), r.Count(Unseen))
		}
	}
}

// Without $default the gateway itself says Forbidden.
func TestForbidden(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../exercise/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := startNaive(t, "none")
	c.Template, c.All = filepath.Join(t.TempDir(), "template.yaml"), true
	text := strings.Replace(string(b), "$default:", "other:", 1)
	if err := os.WriteFile(c.Template, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	want := found{"unknown": "forbidden", "not-json": "forbidden"}
	if got := findings(report(t, c, 3)); written(got) != written(want) {
		t.Errorf("it fails %v, want %v", got, want)
	}
}

// What cannot be graded is told in one line.
func TestNothing(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.yaml")
	if err := os.WriteFile(empty, []byte("Resources: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		c    Config
		says string
	}{
		{Config{Template: "nothing.yaml"}, "nothing.yaml"},
		{Config{Template: empty}, "there is no WebSocket API in this template"},
		{Config{Template: "../../exercise/template.yaml", Code: t.TempDir()}, "has no file named bootstrap"},
	} {
		if _, err := Run(t.Context(), row.c); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%v, want %s", err, row.says)
		}
	}
}

// Both languages have the same texts, and each is needed.
func TestCatalogs(t *testing.T) {
	for key, english := range English.texts {
		if gaps(Portuguese.texts[key]) != gaps(english) {
			t.Errorf("%s: %q and %q", key, english, Portuguese.texts[key])
		}
	}
	if len(Portuguese.texts) != len(English.texts) {
		t.Errorf("%d texts and %d", len(English.texts), len(Portuguese.texts))
	}
	needed := map[string]bool{}
	for _, it := range Cases {
		needed["case."+it.ID] = true
		for _, level := range []string{"1", "2", "3"} {
			needed["hint."+it.Topic+"."+level] = true
		}
	}
	source, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range source {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(file, "_test.go") {
			for _, word := range regexp.MustCompile(`"([a-z-]+)"`).FindAllStringSubmatch(string(b), -1) {
				needed["found."+word[1]] = true
			}
		}
	}
	for key := range English.texts {
		kind, _, dotted := strings.Cut(key, ".")
		if dotted && (kind == "case" || kind == "hint" || kind == "found") && !needed[key] {
			t.Errorf("nobody needs %s", key)
		}
	}
	for key := range needed {
		if kind, _, _ := strings.Cut(key, "."); kind != "found" && English.texts[key] == "" {
			t.Errorf("there is no %s", key)
		}
	}
}

// gaps are those of a text, as a set.
func gaps(text string) string {
	set := map[string]bool{}
	for _, gap := range regexp.MustCompile(`\{[a-z]+\}`).FindAllString(text, -1) {
		set[gap] = true
	}
	return written(set)
}

// Two environments take turns: that is what finds a variable.
func TestTurns(t *testing.T) {
	s := &stand{lost: map[string]bool{"gone": true}}
	f := &seen{stand: s, environments: []lambda.Function{broken{}, broken{}}}
	turns := map[int]int{}
	for range 4 {
		f.begin([]byte(`{"requestContext":{"routeKey":"send"}}`))
		turns[f.turn%environments]++
	}
	if turns[0] != 2 || turns[1] != 2 {
		t.Error(turns)
	}
	if _, run := f.begin([]byte(`{"requestContext":{"routeKey":"$disconnect","connectionId":"gone"}}`)); run != nil {
		t.Error("a $disconnect that is lost was delivered")
	}
}

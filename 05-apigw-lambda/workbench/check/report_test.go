package check

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata again")

// An unlucky report has one of each verdict.
func unlucky(t *testing.T) *Report {
	t.Helper()
	c := start(t, bend{down: mutantCalled(t, "another space in Forbidden").down, options: nil})
	c.Bare = nil
	c.Only = regexp.MustCompile(`^(route-match|route-none|route-number|default-no-match|default-not-json)$`)
	return ask(t, c)
}

func mutantCalled(t *testing.T, name string) bend {
	t.Helper()
	for _, m := range mutants {
		if m.name == name {
			return m.bend
		}
	}
	t.Fatalf("there is no mutant %q", name)
	return bend{}
}

// changing is what differs from run to run.
var changing = regexp.MustCompile(`127\.0\.0\.1:\d+|[A-Za-z0-9_-]{15}=|\d+[.,]\d+ s\b|":[0-9]{13}\b|\d\d/[A-Z][a-z]+/\d{4}:[\d:]+|"apiId":"[a-z0-9]+"|"domainName":"[a-z0-9]+|"integrationLatency":\d+|\(\d+ bytes\)`)

// What a reader sees, in both languages, word for word.
func TestText(t *testing.T) {
	report := unlucky(t)
	for _, l := range []*Language{English, Portuguese} {
		for _, verbose := range []bool{false, true} {
			var out bytes.Buffer
			View{Language: l, Verbose: verbose}.Text(&out, report)
			name := "report." + l.Tag + ".txt"
			if verbose {
				name = "verbose." + l.Tag + ".txt"
			}
			golden(t, name, out.String())
		}
	}
	var out bytes.Buffer
	View{Language: English, Colour: true}.Text(&out, report)
	if !strings.Contains(out.String(), "\x1b[1;31mFAILS") {
		t.Errorf("no red in %q", out.String())
	}
}

func golden(t *testing.T, name, text string) {
	t.Helper()
	got := changing.ReplaceAllString(text, "?")
	file := filepath.Join("testdata", name)
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

func TestJSON(t *testing.T) {
	report := unlucky(t)
	var out bytes.Buffer
	if err := (View{Language: English}).JSON(&out, report); err != nil {
		t.Fatal(err)
	}
	var got jsonReport
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Passed || got.Counts != (jsonCounts{Holds: 1, Fails: 1, Answers: 1, NotAsked: 2}) || len(got.Rows) != 5 {
		t.Errorf("%s", out.Bytes())
	}
	for _, r := range got.Rows {
		if r.ID != "route-none" {
			continue
		}
		f := r.Finding
		if f == nil || f.Key != "other" || r.Verdict != Fails || r.Mark != Observed || r.Source != chatApp24 ||
			f.Lines[len(f.Lines)-1] != `< {"message": "Forbidden", "connectionId": "ID", "requestId":"ID"}` ||
			f.Wanted != `{"message": "Forbidden", "connectionId":"{connectionId}", "requestId":"{requestId}"}` {
			t.Errorf("%+v\n%s", f, out.Bytes())
		}
	}
}

func TestVisible(t *testing.T) {
	for text, want := range map[string]string{"é ✓": "é ✓", "\x1b[31m\x00\r": `\x1b[31m\x00\r`} {
		if got := visible(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

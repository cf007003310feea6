package check

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata again")

// golden compares with a file of testdata, or writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines, wanted := strings.Split(got, "\n"), strings.Split(strings.ReplaceAll(string(want), "\r\n", "\n"), "\n")
	for i := range max(len(lines), len(wanted)) {
		if i >= len(lines) || i >= len(wanted) || lines[i] != wanted[i] {
			t.Errorf("%s differs at line %d: go test -update writes it again; got:\n%s\nat %q", file, i+1, got, lines[min(i, len(lines)-1)])
			return
		}
	}
}

// changing is what differs from run to run: ports and milliseconds.
var changing = regexp.MustCompile(`127\.0\.0\.1:\d+|\b[\d.,]+ ms\b`)

// findings is what every mutant is told, one line each.
func findings(l *Language, names []string, reports []*Report) string {
	var b strings.Builder
	for i, r := range reports {
		for j := range r.Results {
			if x := &r.Results[j]; x.Finding != nil && x.Verdict != Skipped {
				fmt.Fprintf(&b, "%s: %s\n  %s (%s)\n", names[i], x.ID, changing.ReplaceAllString(l.Say(x.Finding.Text), "?"), x.rule())
				if len(x.Finding.Wanted) > 0 {
					fmt.Fprintf(&b, "  %s\n", View{Language: l}.bytes(x.Finding.Wanted))
				}
			}
		}
	}
	return b.String()
}

// What a learner reads, in both languages, word for word.
func TestText(t *testing.T) {
	for _, name := range []string{"does not restart the mask", "little-endian lengths", "hangs up at wrong text", "pings for pings"} {
		m := &mutants[slices.IndexFunc(mutants, func(m mutant) bool { return m.name == name })]
		r, err := Run(t.Context(), m.start(t), Options{Limit: patient, Stage: stageOf(m.id)})
		if err != nil {
			t.Fatal(err)
		}
		goldenReport(t, name, View{Hints: 1}, r)
	}
	m := &mutant{name: "RSV1 on any frame", packs: true}
	r, err := Run(t.Context(), m.start(t), Options{Full: true, Limit: patient, Only: []string{"8.4", "7.1.2", "5.8"}})
	if err != nil {
		t.Fatal(err)
	}
	goldenReport(t, "full", View{}, r)
}

func stageOf(id string) int {
	for _, c := range lesson {
		if c.ID == id {
			return c.Stage
		}
	}
	return 0
}

func goldenReport(t *testing.T, name string, v View, r *Report) {
	t.Helper()
	for _, l := range languages {
		v.Language = l
		var out bytes.Buffer
		v.Text(&out, r)
		golden(t, strings.ReplaceAll(name, " ", "-")+"."+l.Tag+".txt", changing.ReplaceAllString(out.String(), "?"))
	}
}

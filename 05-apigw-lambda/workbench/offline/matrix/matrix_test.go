package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"websocket.example/05-apigw-lambda/workbench/check"
)

// What is committed has every row, and nobody's hand has been in it.
func TestCommitted(t *testing.T) {
	verdicts := Parse(committed)
	if got := Text(verdicts); got != committed {
		t.Errorf("verdicts.txt is not as it is written:\n%s", got)
	}
	for _, row := range check.Rows {
		v := verdicts[row.ID]
		if !slices.Contains(all, v) {
			t.Errorf("%s: %q", row.ID, v)
		}
		if (v == Answers) != (row.Mark == check.Unsure) && v != EndsIt && v != CannotSay && v != Varies {
			t.Errorf("%s is %s, and was said to be %s", row.ID, v, row.Mark)
		}
	}
	for _, id := range unsayable {
		if verdicts[id] != CannotSay {
			t.Errorf("%s: %s", id, verdicts[id])
		}
	}
}

// A few rows are asked anew, in two processes. All of them take half a minute:
// .ci/run does that.
func TestFresh(t *testing.T) {
	if os.Getenv("CI") != "true" {
		t.Skip("takes long: CI=true runs it")
	}
	few := pass{rounds: []round{
		{only: exactly("connect-accepts", "subprotocol-none", "two-way-body", "frame-40k", "gone-post", "sdk-post", "delete-closes", "names")},
		{only: exactly(uninvited), bare: "bare"},
		{only: exactly("text-not-utf8"), last: true},
	}}
	fresh, err := compared(t.Context(), Parse(committed), []pass{few}, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range fresh {
		t.Error(line)
	}
}

// Each row is asked by one pass, and all are.
func TestPasses(t *testing.T) {
	for _, row := range check.Rows {
		asked := 0
		for _, p := range passes() {
			for _, r := range p.rounds {
				if (r.only == nil || r.only.MatchString(row.ID)) && (r.skip == nil || !r.skip.MatchString(row.ID)) {
					asked++
				}
			}
		}
		if wanted := 1; slices.Contains(unsayable, row.ID) && asked != 0 || !slices.Contains(unsayable, row.ID) && asked != wanted {
			t.Errorf("%s is asked %d times", row.ID, asked)
		}
	}
}

func TestDifferences(t *testing.T) {
	old := map[string]Verdict{"a": Holds, "b": Fails, "c": Varies}
	got := Differences(old, []Row{{"a", Fails}, {"b", Fails}, {"c", Holds}, {"d", Holds}})
	if want := []string{`a: was "holds", is "fails"`, `d: was "", is "holds"`}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestMerged(t *testing.T) {
	var first []Row
	for _, row := range check.Rows {
		if !slices.Contains(unsayable, row.ID) {
			first = append(first, Row{row.ID, Holds})
		}
	}
	second := slices.Clone(first)
	second[0].Verdict = Fails
	verdicts, err := Merged([][]Row{first, second, first})
	if err != nil || verdicts[first[0].ID] != Varies || verdicts[first[1].ID] != Holds {
		t.Errorf("%v, %v", verdicts[first[0].ID], err)
	}
	if _, err := Merged([][]Row{first[1:]}); err == nil || !strings.Contains(err.Error(), first[0].ID) {
		t.Errorf("a row that was not asked: %v", err)
	}
}

// The lesson's table names every row that is not as on AWS, and no other; and
// its figures are those of the file.
func TestLesson(t *testing.T) {
	verdicts := Parse(committed)
	counts := map[Verdict]int{}
	wanted := map[string]bool{}
	for id, v := range verdicts {
		counts[v]++
		if v == Fails || v == EndsIt {
			wanted[id] = true
		}
	}
	figures := regexp.MustCompile(`<!-- offline: (\d+) (\d+) (\d+) (\d+) (\d+) -->`)
	for _, file := range []string{"README.md", "README.pt-BR.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		_, after, found := bytes.Cut(text, []byte("<!-- offline: "))
		table, _, end := bytes.Cut(after, []byte("<!-- end of offline -->"))
		if !found || !end {
			t.Errorf("%s has no table", file)
			continue
		}
		named := map[string]bool{}
		for line := range strings.Lines(string(table)) {
			if cells := strings.Split(line, "|"); len(cells) > 3 {
				for _, m := range regexp.MustCompile("`([a-z0-9-]+)`").FindAllStringSubmatch(cells[len(cells)-2], -1) {
					if named[m[1]] {
						t.Errorf("%s names %s twice", file, m[1])
					}
					named[m[1]] = true
				}
			}
		}
		if !maps.Equal(named, wanted) {
			for id := range wanted {
				if !named[id] {
					t.Errorf("%s does not name %s", file, id)
				}
			}
			for id := range named {
				if !wanted[id] {
					t.Errorf("%s names %s, which is %q", file, id, verdicts[id])
				}
			}
		}
		got := figures.FindStringSubmatch(string(text))
		for i, v := range []Verdict{Holds, Fails, EndsIt, Answers, CannotSay} {
			if got == nil || got[i+1] != strconv.Itoa(counts[v]) || !strings.Contains(string(text), strconv.Itoa(counts[v])) {
				t.Errorf("%s: %q of %s is not %d", file, got, v, counts[v])
			}
		}
	}
}

func TestUsage(t *testing.T) {
	for _, row := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"-h"}, 0, "Starts serverless-offline"},
		{[]string{"now"}, 2, `"now" is one word too many`},
		{[]string{"-runs", "0"}, 2, "give a number from 1"},
		{[]string{"-nosuch"}, 2, "-nosuch"},
	} {
		var out bytes.Buffer
		if status := run(t.Context(), row.args, &out, &out); status != row.status || !strings.Contains(out.String(), row.says) {
			t.Errorf("%q: %d %s", row.args, status, out.String())
		}
	}
}

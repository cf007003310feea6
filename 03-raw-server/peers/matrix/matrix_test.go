package matrix

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"websocket.example/03-raw-server/workbench/check"
)

// some are the groups of the full check that are graded here: the refusals,
// closing, and what only clients can be asked. The command grades all.
var some = []string{"1.7", "1.11", "3.5", "5.5", "9.1"}

// What is committed is what the peers do.
func TestVerdicts(t *testing.T) {
	old, err := Committed()
	if err != nil {
		t.Fatal(err)
	}
	sheets := slices.DeleteFunc(Sheets(), func(s Sheet) bool { return raced && s.Peer == ofNbio.Name })
	fresh, missing, err := Run(t.Context(), old, sheets, some, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range Differences(old, fresh, some) {
		t.Error(line)
	}
	if len(missing) > 0 && os.Getenv("CI") == "true" {
		t.Error("not installed: ", missing)
	} else if len(missing) > 0 {
		t.Skip("the others are as they were; not installed: ", missing)
	}
}

// The tables of verdicts.txt say what its lists say.
func TestText(t *testing.T) {
	sheets, err := Committed()
	if err != nil {
		t.Fatal(err)
	}
	const first = "Servers, the lesson"
	_, want, _ := strings.Cut(Text(sheets), first)
	_, got, found := strings.Cut(committed, first)
	if !found || got != want {
		t.Error("verdicts.txt is not as the command writes it: go run ./03-raw-server/peers matrix")
	}
}

func TestReadme(t *testing.T) {
	sheets, err := Committed()
	if err != nil {
		t.Fatal(err)
	}
	for name, language := range readmes {
		text, err := os.ReadFile(filepath.Join(folder(), name))
		if err != nil {
			t.Fatal(err)
		}
		want, err := WithTables(string(text), sheets, language)
		if err != nil {
			t.Fatal(name, err)
		}
		if string(text) != want {
			t.Errorf("the tables of %s are not those of verdicts.txt: go run ./03-raw-server/peers matrix", name)
		}
	}
}

// Ours is all ok, but for what nobody has to offer.
func TestOurs(t *testing.T) {
	sheets, err := Committed()
	if err != nil {
		t.Fatal(err)
	}
	for i := range sheets {
		for _, b := range sheets[i].Bad {
			if sheets[i].Peer == ours.Name && b.Verdict != check.NotOffered {
				t.Errorf("%s %s: %s", sheets[i].Name(), b.ID, &b)
			}
		}
	}
}

func TestShort(t *testing.T) {
	for _, test := range []struct {
		ids  []string
		want string
	}{
		{[]string{"7.1.12"}, "7.1.12"},
		{[]string{"7.1.1", "7.1.2", "7.1.3", "7.1.9", "7.1.11", "7.1.12"}, "7.1.1-3,9,11-12"},
		{[]string{"rsv1", "rsv2", "ping-126"}, "rsv1,rsv2,ping-126"},
		{[]string{"opcode-3"}, "opcode-3"},
	} {
		got := short(test.ids)
		if got != test.want {
			t.Errorf("%v: %q, want %q", test.ids, got, test.want)
		}
		if back := long(got); !slices.Equal(back, test.ids) {
			t.Errorf("%q: %v, want %v", got, back, test.ids)
		}
	}
}

func TestDifferences(t *testing.T) {
	late := Bad{"echo", check.Failed, "Nothing came within the time limit."}
	old := []Sheet{{Peer: "raw"}, {Peer: "raw", Full: true, Bad: []Bad{{"1.1.1", check.NotStrict, ""}}}}
	fresh := []Sheet{{Peer: "raw", Bad: []Bad{late}}, {Peer: "raw", Full: true}}
	got := Differences(old, fresh, []string{"1.1"})
	want := []string{
		"raw server lesson echo: was ok, is failed (Nothing came within the time limit.)",
		"raw server full 1.1.1: was not strict, is ok",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := Differences(old[1:], fresh[1:2], []string{"1.2"}); got != nil {
		t.Errorf("of other cases: %q", got)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"== nobody server full\n", "== raw server full\nperhaps      1.1.1  x\n", "== raw server full\nfailed\n"} {
		if _, err := Parse(text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

package pacing

import (
	"reflect"
	"strings"
	"testing"
)

const document = "# For whoever teaches\n\n" +
	"| step | minutes |\n|---|---|\n| 01 | 5 |\n\n" +
	"| block | 45 min | 3 h 30 | what happens |\n" +
	"|---|--:|--:|:-:|\n" +
	"| `opening` | 40 | 100 | hello |\n" +
	"| `cost` | - | 60 | |\n" +
	"| `closing` |  | 40 | bye |\n" +
	"\nAnd more.\n"

func TestParse(t *testing.T) {
	got, err := Parse([]byte(document))
	want := &Table{Lengths: []int{45, 210}, Blocks: []Block{
		{"opening", []int{40, 100}}, {"cost", []int{0, 60}}, {"closing", []int{0, 40}},
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%v, %v", got, err)
	}
	if err := got.Check(); err != nil {
		t.Error(err)
	}
	if ids := strings.Join(got.IDs(), " "); ids != "opening cost closing" {
		t.Error(ids)
	}
	// The same in Portuguese, with the line ends of Windows.
	portuguese := strings.ReplaceAll(strings.Replace(document, "| block", "| bloco", 1), "\n", "\r\n")
	if got, err := Parse([]byte(portuguese)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestWrong(t *testing.T) {
	for _, row := range []struct{ old, new, want string }{
		{"| block |", "| part |", "there is no table of blocks"},
		{"| 45 min | 3 h 30 |", "| long | longer |", "is no length"},
		{"| 45 min | 3 h 30 |", "| 45 min | 90 min | 3 h 30 |", "line 9: block opening: \"hello\" is no number of minutes"},
		{"`opening`", "opening", `line 9: "opening" is no block: write its id in backticks`},
		{"`cost`", "`opening`", "line 10: block opening is there twice"},
		{"| 40 | 100 |", "| 40m | 100 |", `block opening: "40m" is no number`},
		{"| 40 | 100 |", "| 0 | 100 |", `block opening: "0" is no number`},
		{"| 40 | 100 | hello |", "| 40 |", "line 9: block opening has no minutes for each of the 2 lengths"},
		{"And more.", document, "a second table of blocks"},
	} {
		table, err := Parse([]byte(strings.Replace(document, row.old, row.new, 1)))
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%q: %v, %v, want %q", row.new, table, err, row.want)
		}
	}
	for cell, want := range map[string]string{"| 46 | 100 |": "for 45 minutes take 46", "| 40 | 60 |": "for 210 minutes take 160"} {
		table, err := Parse([]byte(strings.Replace(document, "| 40 | 100 |", cell, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if err := table.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", cell, err)
		}
	}
}

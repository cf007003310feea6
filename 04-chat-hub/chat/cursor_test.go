package chat

import (
	"math"
	"strings"
	"testing"
)

func TestCursor(t *testing.T) {
	for _, row := range []struct {
		cursor Cursor
		text   string
	}{
		{Cursor{0, 0}, "1010"},
		{Cursor{0, 1}, "1011"},
		{Cursor{35, 36}, "1z210"},
		{Cursor{math.MaxUint64, math.MaxUint64}, "d3w5e11264sgsfd3w5e11264sgsf"},
	} {
		if got := row.cursor.String(); got != row.text {
			t.Errorf("%+v is %q, want %q", row.cursor, got, row.text)
		}
		if got, err := ParseCursor(row.text); got != row.cursor || err != nil {
			t.Errorf("%q is %+v, %v", row.text, got, err)
		}
	}
}

func TestNoCursor(t *testing.T) {
	for name, text := range map[string]string{
		"empty":             "",
		"one number":        "11",
		"half of it":        "1z2",
		"more":              "101011",
		"no digits":         "0010",
		"a leading zero":    "20010",
		"a capital":         "1Z10",
		"a sign":            "2+110",
		"an underscore":     "31_110",
		"more than 64 bits": "d3w5e11264sgsg10",
		"14 digits":         "e1000000000000010",
		"a space":           "1010 ",
		"another script":    "１0１0",
	} {
		if got, err := ParseCursor(text); err == nil {
			t.Errorf("%s: %q is %+v", name, text, got)
		}
	}
}

// What parses is what was written, and text grows as the cursor does.
func FuzzCursor(f *testing.F) {
	for _, s := range []string{"", "1010", "1z12", "d3w5e11264sgsfd3w5e11264sgsf", "d3w5e11264sgsg10"} {
		f.Add(s, uint64(1), uint64(2))
	}
	f.Fuzz(func(t *testing.T, s string, epoch, seq uint64) {
		c := Cursor{epoch, seq}
		if got, err := ParseCursor(c.String()); got != c || err != nil {
			t.Fatalf("%+v came back as %+v, %v", c, got, err)
		}
		d, err := ParseCursor(s)
		if err != nil {
			return
		}
		if d.String() != s {
			t.Fatalf("%q and %q are one cursor", s, d.String())
		}
		if got := strings.Compare(d.String(), c.String()); got != d.Compare(c) {
			t.Fatalf("%q and %q compare as %d, %+v and %+v as %d", d, c, got, d, c, d.Compare(c))
		}
	})
}

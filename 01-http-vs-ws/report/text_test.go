package report

import (
	"bytes"
	"strings"
	"testing"
)

func TestTextFits(t *testing.T) {
	for _, f := range fixtures {
		s := f.read(t)
		for _, lang := range []string{"en", "pt-BR"} {
			var plain, coloured bytes.Buffer
			Text(&plain, s, TextOptions{Lang: lang})
			Text(&coloured, s, TextOptions{Lang: lang, Color: true})
			for line := range strings.Lines(plain.String()) {
				line = strings.TrimSuffix(line, "\n")
				if length(line) > widest {
					t.Errorf("%s, %s: %d columns: %s", f.name, lang, length(line), line)
				}
				if strings.TrimRight(line, " ") != line {
					t.Errorf("%s, %s: spaces at the end of %q", f.name, lang, line)
				}
			}
			if strings.ContainsAny(plain.String(), "\x1b\u00a0") {
				t.Errorf("%s, %s: a plain text has escapes or no-break spaces", f.name, lang)
			}
			if without := uncoloured.Replace(coloured.String()); without != plain.String() {
				t.Errorf("%s, %s: colours change more than the colour", f.name, lang)
			}
		}
	}
}

var uncoloured = strings.NewReplacer("\x1b[0m", "", "\x1b[1m", "", "\x1b[2m", "", "\x1b[36m", "")

func TestWrap(t *testing.T) {
	got := strings.Join(wrap("one two three four", 8), "|")
	if want := "one two|three|four"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPointer(t *testing.T) {
	a := axis{1, 1000}
	for v, want := range map[float64]string{
		0:   "◂ 0",
		1:   "▲ 1.00",
		999: strings.Repeat(" ", columns-5) + "999 ▲",
	} {
		if got := pointer(a, v, english); got != want {
			t.Errorf("%g: got %q, want %q", v, got, want)
		}
	}
}

package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew: go test ./report -update")

// TestGolden compares every report of every fixture with testdata/.
func TestGolden(t *testing.T) {
	for _, f := range fixtures {
		t.Run(f.name, func(t *testing.T) {
			s := f.read(t)
			golden(t, f.name+".en.txt", func(b *bytes.Buffer) error {
				Text(b, s, TextOptions{Lang: "en"})
				return nil
			})
			golden(t, f.name+".pt-BR.txt", func(b *bytes.Buffer) error {
				Text(b, s, TextOptions{Lang: "pt-BR", Color: f.name == "plain"})
				return nil
			})
			golden(t, f.name+".json", func(b *bytes.Buffer) error { return JSON(b, s) })
			golden(t, f.name+".html", func(b *bytes.Buffer) error {
				_, err := b.Write(f.page(t))
				return err
			})
		})
	}
}

func golden(t *testing.T, name string, write func(*bytes.Buffer) error) {
	t.Helper()
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s is not what was written: look at it with go test ./report -update and git diff.\n%s",
			path, difference(got.Bytes(), want))
	}
	if len(want) > 200_000 {
		t.Errorf("%s has %d bytes: too many to read a change of it", path, len(want))
	}
}

// difference is the first line that differs.
func difference(got, want []byte) string {
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(g), len(w)) {
		if !bytes.Equal(g[i], w[i]) {
			return "got:    " + string(g[i]) + "\nwanted: " + string(w[i])
		}
	}
	return "one is longer than the other"
}

// TestSame: the same summary makes the same bytes.
func TestSame(t *testing.T) {
	var b bytes.Buffer
	if err := HTML(&b, fixtures[1].make(t), HTMLOptions{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), fixtures[1].page(t)) {
		t.Error("two pages of one summary differ")
	}
}

package nodejs

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata again, and the lesson's blocks from it")

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := readText(file); err != nil || got != want {
		t.Errorf("%s differs (go test ./nodejs -update writes it again). Got:\n%s\nwant:\n%s", file, got, want)
	}
}

func readText(file string) (string, error) {
	text, err := os.ReadFile(file)
	return strings.ReplaceAll(string(text), "\r\n", "\n"), err // a checkout on Windows
}

// A quote is a block of the lesson: a comment that names a file of testdata,
// and the file.
var quote = regexp.MustCompile("(?m)^<!-- (testdata/[\\w.-]+\\.txt) -->\n```text\n((?s:.*?))```$")

var lessons = []string{"README.md", "README.pt-BR.md"}

// mended is a lesson with today's testdata in its blocks, and the files that
// it shows.
func mended(lesson string) (text, now string, shown map[string]bool, err error) {
	text, err = readText(lesson)
	shown = map[string]bool{}
	now = quote.ReplaceAllStringFunc(text, func(block string) string {
		file := quote.FindStringSubmatch(block)[1]
		shown[file] = true
		quoted, wrong := readText(file)
		err = errors.Join(err, wrong)
		return "<!-- " + file + " -->\n```text\n" + quoted + "```"
	})
	return text, now, shown, err
}

// mendLessons comes after all tests that write testdata.
func mendLessons() error {
	for _, lesson := range lessons {
		_, now, _, err := mended(lesson)
		if err != nil {
			return err
		}
		if err := os.WriteFile(lesson, []byte(now), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// The lesson shows what the tests saw, word for word, and all of it.
func TestLesson(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	for _, lesson := range lessons {
		text, now, shown, err := mended(lesson)
		switch {
		case err != nil:
			t.Error(err)
		case text != now && !*update:
			t.Errorf("%s shows something else than testdata: go test ./nodejs -update mends it", lesson)
		}
		for _, file := range files {
			if !shown[filepath.ToSlash(file)] {
				t.Errorf("%s does not show %s", lesson, file)
			}
		}
	}
}

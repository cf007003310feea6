package unsure

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each switch has a name of its own, something to choose, and a reason.
func TestAll(t *testing.T) {
	seen := map[string]bool{}
	name := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, w := range All {
		if seen[w.Name] || !name.MatchString(w.Name) || len(w.Values) < 2 || len(w.Fact) < 20 {
			t.Errorf("%+v", w)
		}
		seen[w.Name] = true
	}
}

// What is not chosen is the default, and who asks for what is not there has
// made a mistake.
func TestSettings(t *testing.T) {
	s, err := Parse([]string{"dispatch=serial"})
	if err != nil || s.Get("dispatch") != "serial" || !s.Is("last-active", "any") {
		t.Errorf("%v, %v", s, err)
	}
	for _, text := range []string{"dispatch", "nosuch=1", "dispatch=fast"} {
		if _, err := Parse([]string{text}); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", text, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a switch that is not there has a value")
		}
	}()
	s.Get("nosuch")
}

// Every switch turns something: it is read where the gateway, or the program
// around it, is made.
func TestUsed(t *testing.T) {
	var code strings.Builder
	files, err := filepath.Glob("../../local/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "../options.go", "../gateway.go", "../connect.go", "../message.go", "../../serve.go") {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(b)
	}
	for _, w := range All {
		if !strings.Contains(code.String(), `"`+w.Name+`"`) {
			t.Errorf("nobody reads %s", w.Name)
		}
	}
}

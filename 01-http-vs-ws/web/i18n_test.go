package web

import (
	"encoding/json"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func texts(t *testing.T, language string) map[string]string {
	t.Helper()
	content, err := static.ReadFile("static/i18n/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]string
	if err := json.Unmarshal(content, &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

func TestLanguagesHaveTheSameTexts(t *testing.T) {
	en, pt := texts(t, "en"), texts(t, "pt-BR")
	placeholder := regexp.MustCompile(`\{\w+\}`)
	for _, key := range slices.Sorted(maps.Keys(en)) {
		text, found := pt[key]
		if !found {
			t.Errorf("%q is missing in pt-BR", key)
			continue
		}
		want, got := placeholder.FindAllString(en[key], -1), placeholder.FindAllString(text, -1)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Errorf("%q: pt-BR has the placeholders %v, en has %v", key, got, want)
		}
	}
	for key := range pt {
		if _, found := en[key]; !found {
			t.Errorf("%q is missing in en", key)
		}
	}
}

// Every key that the page asks for is there, and every one that is there is
// asked for. A key with a variable end, like `lane.${name}`, asks for all
// that begin like it.
func TestTextsAreThoseThePageAsksFor(t *testing.T) {
	asks := regexp.MustCompile("(?:data-text|data-label)=\"([^\"]+)\"|'([a-z]+\\.[a-z.]+)'|`([a-z]+\\.)\\$")
	en := texts(t, "en")
	asked := make(map[string]bool)
	err := fs.WalkDir(static, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".html", ".js"}, path.Ext(name)) {
			return err
		}
		content, err := static.ReadFile(name)
		for _, match := range asks.FindAllStringSubmatch(string(content), -1) {
			key := strings.Join(match[1:], "")
			if strings.HasSuffix(key, ".js") { // the name of a module
				continue
			}
			if _, found := en[key]; !found && !strings.HasSuffix(key, ".") {
				t.Errorf("%s asks for %q, which there is not", name, key)
			}
			asked[key] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for key := range en {
		family, _, _ := strings.Cut(key, ".")
		if !asked[key] && !asked[family+"."] {
			t.Errorf("nobody asks for %q", key)
		}
	}
}

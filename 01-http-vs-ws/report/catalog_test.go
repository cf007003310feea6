package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var placeholder = regexp.MustCompile(`\{[a-z0-9]+\}`)

// TestCatalogs: the same keys in the same order, the same placeholders.
func TestCatalogs(t *testing.T) {
	en, pt := keys(t, "en"), keys(t, "pt-BR")
	if !slices.Equal(en, pt) {
		t.Errorf("keys differ:\nen    %v\npt-BR %v", en, pt)
	}
	for _, key := range en {
		a, b := placeholder.FindAllString(english.texts[key], -1), placeholder.FindAllString(portuguese.texts[key], -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s has placeholders %v in English, %v in Portuguese", key, a, b)
		}
	}
}

// keys reads the keys of a catalog in their order, each once.
func keys(t *testing.T, tag string) []string {
	t.Helper()
	data, err := files.ReadFile("i18n/" + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	decoder := json.NewDecoder(bytes.NewReader(data))
	if _, err := decoder.Token(); err != nil {
		t.Fatal(err)
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(list, key.(string)) {
			t.Errorf("%s has the key %q twice", tag, key)
		}
		list = append(list, key.(string))
		if _, err := decoder.Token(); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// TestCatalogUsed writes every report with the keys in place of the texts:
// no key is missing, and none is there for nothing.
func TestCatalogUsed(t *testing.T) {
	own := english.texts
	t.Cleanup(func() { english.texts = own })
	marked := make(map[string]string)
	for key, text := range own {
		marked[key] = "⟦" + key + "⟧" + strings.Join(placeholder.FindAllString(text, -1), " ")
	}

	var all bytes.Buffer
	for _, f := range fixtures {
		s := f.make(t)
		english.texts = marked
		write := func() {
			Text(&all, s, TextOptions{})
			if err := HTML(&all, s, HTMLOptions{When: time.Unix(0, 0)}); err != nil {
				t.Fatal(err)
			}
		}
		write()
		s.Network, s.Link.RTT, s.Link.Bandwidth = "custom", time.Second, 0
		s.TLS = true
		s.Err = errors.New("upstream died during the run")
		write()
	}
	for _, f := range everyFinding(t) {
		for _, runs := range []int{1, 5} {
			all.WriteString(english.finding(f, runs))
		}
	}

	used := make(map[string]bool)
	for _, match := range regexp.MustCompile(`⟦([^⟧]+)⟧`).FindAllStringSubmatch(all.String(), -1) {
		used[strings.ToLower(match[1])] = true
	}
	for _, key := range slices.Sorted(maps.Keys(own)) {
		if !used[strings.ToLower(key)] {
			t.Errorf("nothing says %q", key)
		}
	}
	for _, missing := range regexp.MustCompile(`\[no text [^\]]*\]`).FindAllString(all.String(), -1) {
		t.Error(missing)
	}
}

func TestSpeak(t *testing.T) {
	for tag, want := range map[string]*language{
		"": english, "en": english, "en-GB": english, "pt": portuguese, "pt-BR": portuguese, "PT-pt": portuguese, "fr": english,
	} {
		if got := speak(tag); got != want {
			t.Errorf("%q is answered in %s", tag, got.Tag)
		}
	}
}

package live

import (
	"bytes"
	"encoding/json"
	"image/png"
	"io/fs"
	"maps"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"websocket.example/slides/live/pictures"
)

// Every text is there in both languages, and is used.
func TestTexts(t *testing.T) {
	var all string
	if err := fs.WalkDir(own, "page", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := own.ReadFile(name)
		all += string(text)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var first []string
	for _, lang := range languages {
		text, err := own.ReadFile("i18n/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		if err := json.Unmarshal(text, &texts); err != nil {
			t.Fatal(err)
		}
		keys := slices.Sorted(maps.Keys(texts))
		if first == nil {
			first = keys
		}
		if !slices.Equal(keys, first) {
			t.Errorf("%s has other texts than %s", lang, languages[0])
		}
		for _, key := range keys {
			family, _, _ := strings.Cut(key, ".")
			if !strings.Contains(all, `t "`+key+`"`) && !strings.Contains(all, `(print "`+family+`."`) {
				t.Errorf("nobody says %s", key)
			}
		}
	}
}

func TestLanguage(t *testing.T) {
	for _, row := range []struct{ query, header, want string }{
		{"", "", "en"}, {"?lang=pt", "", "pt-BR"}, {"?lang=en", "pt-BR", "en"}, {"?lang=fr", "pt-BR", "en"},
		{"", "pt-PT,en;q=0.8", "pt-BR"}, {"", "fr, pt;q=0.4, en;q=0.6", "en"},
	} {
		r := httptest.NewRequest("GET", "/"+row.query, nil)
		r.Header.Set("Accept-Language", row.header)
		if got := language(r); got != row.want {
			t.Errorf("%s %s: %s", row.query, row.header, got)
		}
	}
}

// There is a picture of every pane, and all of them are small.
func TestPictures(t *testing.T) {
	total := 0
	for _, p := range Start(t.Context(), Options{}).list {
		for _, lang := range languages {
			for _, scheme := range []string{"light", "dark"} {
				name := p.name + "." + lang + "." + scheme + ".png"
				picture, err := fs.ReadFile(pictures.FS, name)
				if err != nil {
					t.Error(err)
					continue
				}
				total += len(picture)
				config, err := png.DecodeConfig(bytes.NewReader(picture))
				if err != nil || config.Width != 1280 || config.Height != 720 {
					t.Errorf("%s: %dx%d, %v", name, config.Width, config.Height, err)
				}
			}
		}
	}
	if total > 1_500_000 {
		t.Errorf("the pictures are %d bytes together", total)
	}
}

// No page brings its own script or style, and no address leaves the deck.
func TestPagesAreStrict(t *testing.T) {
	forbidden := regexp.MustCompile(`<style|style=|<script>|\son\w+=|https?://|src="/|href="/`)
	for name, data := range map[string]any{
		"chat": stage{Room, "http://192.0.2.7:8000/live/chat/", "../../qr.svg?for=chat"}, "failed": failed{"lanes", "why", true, ""}, "elsewhere": "lanes",
	} {
		w := httptest.NewRecorder()
		show(w, httptest.NewRequest("GET", "/", nil), 200, name, data)
		body := strings.ReplaceAll(w.Body.String(), "<code>http://192.0.2.7:8000/live/chat/</code>", "")
		if found := forbidden.FindString(body); found != "" || w.Code != 200 {
			t.Errorf("%s: %d, %q in\n%s", name, w.Code, found, body)
		}
	}
}

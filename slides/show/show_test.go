package show

import (
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"websocket.example/slides/deck"
)

// decks are those of package deck's tests, with one of each thing.
func decks(t *testing.T) map[string]*deck.Deck {
	t.Helper()
	all := map[string]*deck.Deck{}
	for _, lang := range []string{"en", "pt-BR"} {
		source, err := os.ReadFile("../deck/testdata/deck." + lang + ".slide")
		if err != nil {
			t.Fatal(err)
		}
		if all[lang], err = deck.Parse(source, lang, os.DirFS("../deck/testdata/figures")); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func get(t *testing.T, o Options, address, accept string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest("GET", address, nil)
	r.Header.Set("Accept-Language", accept)
	w := httptest.NewRecorder()
	Handler(o).ServeHTTP(w, r)
	return w.Result(), w.Body.String()
}

func TestLanguage(t *testing.T) {
	o := Options{Decks: decks(t)}
	for _, test := range []struct{ address, accept, want string }{
		{"/", "", "en"},
		{"/", "pt-BR,pt;q=0.9,en;q=0.8", "pt-BR"},
		{"/", "pt-PT", "pt-BR"},
		{"/", "de, EN-gb;q=0.5", "en"},
		{"/", "de", "en"},
		{"/?lang=pt-BR", "en", "pt-BR"},
		{"/?lang=tlh", "pt", "pt-BR"},
	} {
		response, page := get(t, o, test.address, test.accept)
		if got := response.Header.Get("Content-Language"); got != test.want || !strings.Contains(page, `<html lang="`+test.want+`"`) {
			t.Errorf("%s for %q: in %q, wanted %q", test.address, test.accept, got, test.want)
		}
	}
}

// The policy of the page forbids what stands within it; so there is nothing.
func TestPageKeepsItsPolicy(t *testing.T) {
	response, page := get(t, Options{Decks: decks(t), Panes: "live/", Follow: "stage/follow.js"}, "/", "")
	policy := response.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %q", policy)
	}
	if inline := regexp.MustCompile(`<style| style="| on[a-z]+="|<script(?:>| [^>]*[^"]>)|https?://[^"<]*\.js`).FindString(page); inline != "" {
		t.Errorf("the page has %q", inline)
	}
	for _, link := range regexp.MustCompile(`(?:src|href)="(show/[^"]*)"`).FindAllStringSubmatch(page, -1) {
		file, _ := get(t, Options{}, "/"+link[1], "")
		if file.StatusCode != http.StatusOK || file.Header.Get("Content-Type") == "" {
			t.Errorf("%s: %s, of type %q", link[1], file.Status, file.Header.Get("Content-Type"))
		}
	}
	if !strings.Contains(page, `src="stage/follow.js"`) {
		t.Error("the page follows nobody")
	}
	if _, preview := get(t, Options{Decks: decks(t), Follow: "stage/follow.js"}, "/?preview", ""); strings.Contains(preview, "stage/follow.js") {
		t.Error("a preview follows")
	}
}

// A page that is a file asks for nothing but the pictures beside it.
func TestStaticPage(t *testing.T) {
	var b strings.Builder
	err := Page(&b, "en", Options{
		Decks: decks(t), Static: true, Panes: "live/", Follow: "stage/follow.js", Pictures: "../pictures/",
		Pages: map[string]string{"pt-BR": "../pt-BR/index.html"},
	})
	if err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, wanted := range []string{"../pictures/handshake.en.dark.png", `href="../pt-BR/index.html"`} {
		if !strings.Contains(page, wanted) {
			t.Errorf("no %s", wanted)
		}
	}
	for _, unwanted := range []string{`type="module"`, "<iframe", `src="show/`, "stage/follow.js", "\nimport ", "\nexport "} {
		if strings.Contains(page, unwanted) {
			t.Errorf("there is %q", unwanted)
		}
	}
}

func TestEveryScriptIsBundledAfterWhatItImports(t *testing.T) {
	imports := regexp.MustCompile(`(?m)^import .*"\./(.*)";$`)
	for i, name := range scripts {
		for _, match := range imports.FindAllStringSubmatch(asset(name), -1) {
			if !slices.Contains(scripts[:i], match[1]) {
				t.Errorf("%s comes before %s, which it imports", name, match[1])
			}
		}
	}
	files, err := fs.Glob(embedded, "static/*.js")
	if err != nil || len(files) != len(scripts)+1 { // begin.js is no module
		t.Errorf("%d scripts in static, %d in the bundle (%v)", len(files)-1, len(scripts), err)
	}
}

func TestCatalogsAreTwins(t *testing.T) {
	keys := map[string][]string{}
	for _, lang := range []string{"en", "pt-BR"} {
		texts, err := catalog(lang)
		if err != nil {
			t.Fatal(err)
		}
		keys[lang] = slices.Sorted(maps.Keys(texts))
		for _, match := range regexp.MustCompile(`\.T(?:\.| ")(\w+)`).FindAllStringSubmatch(pageSource, -1) {
			if texts[match[1]] == "" {
				t.Errorf("%s has no word for %s", lang, match[1])
			}
		}
	}
	if !slices.Equal(keys["en"], keys["pt-BR"]) {
		t.Errorf("keys differ: %v and %v", keys["en"], keys["pt-BR"])
	}
}

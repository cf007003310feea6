package web

import (
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func get(handler http.Handler, method, target string, header http.Header) *http.Response {
	request := httptest.NewRequest(method, target, http.NoBody)
	maps.Copy(request.Header, header)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder.Result()
}

// files are all that is embedded, by their names below static.
func files(t *testing.T) map[string]string {
	t.Helper()
	found := make(map[string]string)
	err := fs.WalkDir(static, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := static.ReadFile(name)
		found[strings.TrimPrefix(name, "static")] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestEveryFileIsServed(t *testing.T) {
	page := New(Options{})
	defer page.Close()
	for name := range files(t) {
		response := get(page, http.MethodGet, "http://127.0.0.1:8003"+name, nil)
		h := response.Header
		if response.StatusCode != http.StatusOK || h.Get("Content-Type") == "" || h.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %s %v", name, response.Status, h)
		}
	}
}

func TestStatusOfAnswers(t *testing.T) {
	page := New(Options{})
	defer page.Close()
	etag := get(page, http.MethodGet, "/", nil).Header.Get("ETag")
	for _, row := range []struct {
		method, target string
		header         http.Header
		want           int
	}{
		{http.MethodGet, "/", nil, http.StatusOK},
		{http.MethodHead, "/", nil, http.StatusOK},
		{http.MethodGet, "/?lang=pt-BR", nil, http.StatusOK},
		{http.MethodGet, "/", http.Header{"If-None-Match": {etag}}, http.StatusNotModified},
		{http.MethodPost, "/", nil, http.StatusMethodNotAllowed},
		{http.MethodGet, "/nothing", nil, http.StatusNotFound},
		{http.MethodGet, "/view/", nil, http.StatusNotFound},
		{http.MethodGet, "/echo", nil, http.StatusUpgradeRequired}, // not a WebSocket
	} {
		if response := get(page, row.method, row.target, row.header); response.StatusCode != row.want {
			t.Errorf("%s %s: %s, want %d", row.method, row.target, response.Status, row.want)
		}
	}
}

func TestPolicy(t *testing.T) {
	for host, want := range map[string]string{
		"127.0.0.1:8003":  "connect-src 'self' ws://127.0.0.1:8003 wss://127.0.0.1:8003;",
		"talk.example":    "connect-src 'self' ws://talk.example wss://talk.example;",
		"[::1]:8003":      "connect-src 'self' ws: wss:;",
		"x; script-src *": "connect-src 'self' ws: wss:;",
		"":                "connect-src 'self' ws: wss:;",
	} {
		if got := policy(host); !strings.Contains(got, want) || strings.Contains(got, "*") {
			t.Errorf("%q: %s", host, got)
		}
	}
}

// The page may stand behind a prefix, and it is whole: no address in it is
// absolute, none is of another site, and the policy forbids no part of it.
func TestAddressesAreRelative(t *testing.T) {
	absolute := regexp.MustCompile("(?:href|src)=\"/|(?:import|from|fetch\\(|url\\()\\s*['\"`]/|url\\(/")
	foreign := regexp.MustCompile(`(?:https?|wss?):?//[a-z]`)
	inline := regexp.MustCompile(`<style|\sstyle=|\son[a-z]+=|<script(?:>|[^>]*[^>]>[^<])|javascript:`)
	for name, text := range files(t) {
		text = strings.ReplaceAll(text, "http://www.w3.org/2000/svg", "the namespace of SVG")
		for what, pattern := range map[string]*regexp.Regexp{"absolute": absolute, "foreign": foreign} {
			if found := pattern.FindString(text); found != "" {
				t.Errorf("%s has an address that is %s: %q", name, what, found)
			}
		}
		if found := inline.FindString(text); path.Ext(name) == ".html" && found != "" {
			t.Errorf("%s has something inline: %q", name, found)
		}
	}
}

func texts(t *testing.T, language string) (texts map[string]string, order []string) {
	t.Helper()
	content := files(t)["/i18n/"+language+".json"]
	if err := json.Unmarshal([]byte(content), &texts); err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(`(?m)^  "([^"]+)":`).FindAllStringSubmatch(content, -1) {
		order = append(order, match[1])
	}
	return texts, order
}

func TestLanguagesHaveTheSameTexts(t *testing.T) {
	en, inEnglish := texts(t, "en")
	pt, inPortuguese := texts(t, "pt-BR")
	if !slices.Equal(inEnglish, inPortuguese) || len(en) != len(inEnglish) {
		t.Errorf("the keys, or their order, differ:\n%q\n%q", inEnglish, inPortuguese)
	}
	placeholder := regexp.MustCompile(`\{\w+\}`)
	for key := range en {
		want, got := placeholder.FindAllString(en[key], -1), placeholder.FindAllString(pt[key], -1)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Errorf("%q: pt-BR has the placeholders %v, en has %v", key, got, want)
		}
	}
}

// Every key that the page asks for is there, and every one that is there is
// asked for. A key with a variable end, like `opcode.${name}`, asks for all
// that begin like it.
func TestTextsAreThoseThePageAsksFor(t *testing.T) {
	asks := regexp.MustCompile("(?:data-text|data-label)=\"([^\"]+)\"|'([a-z]+\\.[a-z0-9.]+)'|\\bt\\('([a-z]+)'|`([a-z]+\\.)\\$")
	en, _ := texts(t, "en")
	asked := make(map[string]bool)
	for name, content := range files(t) {
		if !slices.Contains([]string{".html", ".js"}, path.Ext(name)) {
			continue
		}
		for _, match := range asks.FindAllStringSubmatch(content, -1) {
			key := strings.Join(match[1:], "")
			if regexp.MustCompile(`^[0-9.]+$|\.js$|^cont\.$`).MatchString(key) { // a section, a module, an opcode
				continue
			}
			if _, found := en[key]; !found && !strings.HasSuffix(key, ".") {
				t.Errorf("%s asks for %q, which there is not", name, key)
			}
			asked[key] = true
		}
	}
	for key := range en {
		family, _, _ := strings.Cut(key, ".")
		if !asked[key] && !asked[family+"."] {
			t.Errorf("nobody asks for %q", key)
		}
	}
}

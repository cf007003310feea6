package web

import (
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func get(handler http.Handler, method, target string, header http.Header) *http.Response {
	request := httptest.NewRequest(method, target, http.NoBody)
	maps.Copy(request.Header, header)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
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
	page := Handler(Options{})
	for name := range files(t) {
		name = strings.TrimSuffix(name, "index.html")
		r := get(page, http.MethodGet, "http://127.0.0.1:8004"+name, nil)
		h := r.Header
		if r.StatusCode != http.StatusOK || h.Get("Content-Type") == "" || h.Get("X-Content-Type-Options") != "nosniff" ||
			h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cache-Control") != "no-cache" ||
			!strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'; style-src 'self'; ") {
			t.Errorf("%s: %s %v", name, r.Status, h)
		}
	}
}

func TestStatusOfAnswers(t *testing.T) {
	page := Handler(Options{})
	etag := get(page, http.MethodGet, "/", nil).Header.Get("ETag")
	for _, row := range []struct {
		method, target string
		header         http.Header
		want           int
	}{
		{http.MethodGet, "/", nil, http.StatusOK},
		{http.MethodHead, "/", nil, http.StatusOK},
		{http.MethodGet, "/?lang=en&name=Ana", nil, http.StatusOK},
		{http.MethodGet, "/", http.Header{"If-None-Match": {etag}}, http.StatusNotModified},
		{http.MethodGet, "/?lang=pt", http.Header{"If-None-Match": {etag}}, http.StatusOK},
		{http.MethodPost, "/", nil, http.StatusMethodNotAllowed},
		{http.MethodGet, "/index.html", nil, http.StatusNotFound}, // it has a language
		{http.MethodGet, "/nothing", nil, http.StatusNotFound},
		{http.MethodGet, "/view/", nil, http.StatusNotFound},
	} {
		if r := get(page, row.method, row.target, row.header); r.StatusCode != row.want {
			t.Errorf("%s %s: %s, want %d", row.method, row.target, r.Status, row.want)
		}
	}
}

func TestLanguage(t *testing.T) {
	page := Handler(Options{})
	for _, row := range []struct{ query, accept, want string }{
		{"", "", "en"},
		{"", "pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7", "pt-BR"},
		{"", "en-US,en;q=0.9,pt-BR;q=0.8", "en"},
		{"", "de, pt-PT;q=0.5, en;q=0.4", "pt-BR"},
		{"", "pt;q=0, en;q=0.1", "en"},
		{"", "de,*;q=0.5", "en"},
		{"", ";q=,,;;q=x", "en"},
		{"?lang=pt", "en", "pt-BR"},
		{"?lang=PT-br", "en", "pt-BR"},
		{"?lang=en", "pt", "en"},
		{"?lang=xx", "pt", "en"},
	} {
		r := get(page, http.MethodGet, "/"+row.query, http.Header{"Accept-Language": {row.accept}})
		if got := body(t, r); !strings.Contains(got, `<html lang="`+row.want+`">`) || r.Header.Get("Vary") != "Accept-Language" {
			t.Errorf("%q, %q: %.60q, want %s", row.query, row.accept, got, row.want)
		}
	}
}

func TestPolicy(t *testing.T) {
	for _, row := range []struct {
		host    string
		options Options
		want    string
	}{
		{"127.0.0.1:8004", Options{}, "connect-src 'self' ws://127.0.0.1:8004 wss://127.0.0.1:8004;"},
		{"talk.example", Options{URL: "../ws"}, "connect-src 'self' ws://talk.example wss://talk.example;"},
		{"[::1]:8004", Options{}, "connect-src 'self' ws: wss:;"},
		{"x; script-src *", Options{}, "connect-src 'self' ws: wss:;"},
		{"talk.example", Options{URL: "wss://abc.execute-api.example/dev"}, "connect-src 'self' wss://abc.execute-api.example;"},
		{"talk.example", Options{URL: "ws://127.0.0.1:8005/"}, "connect-src 'self' ws://127.0.0.1:8005;"},
		{"talk.example", Options{}, "frame-ancestors 'none';"},
		{"talk.example", Options{FrameAncestors: []string{"http://127.0.0.1:8000", "https://a.example"}}, "frame-ancestors http://127.0.0.1:8000 https://a.example;"},
		{"talk.example", Options{FrameAncestors: []string{"'self'"}}, "frame-ancestors 'self';"},
		{"talk.example", Options{}, "base-uri 'none'; form-action 'none';"},
		{"talk.example", Options{}, "require-trusted-types-for 'script'; trusted-types 'none'"},
	} {
		request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		request.Host = row.host
		recorder := httptest.NewRecorder()
		Handler(row.options).ServeHTTP(recorder, request)
		if policy := recorder.Header().Get("Content-Security-Policy"); !strings.Contains(policy, row.want) || strings.Contains(policy, "*") || strings.Contains(policy, "unsafe") {
			t.Errorf("%q, %+v: %s", row.host, row.options, policy)
		}
	}
}

func TestThePageKnowsItsServer(t *testing.T) {
	for url, want := range map[string]string{
		"":                             `content="ws"`,
		"wss://abc.example/dev":        `content="wss://abc.example/dev"`,
		"/04/ws":                       `content="/04/ws"`,
		`a"><script>alert(1)</script>`: `content="a&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"`,
	} {
		if got := body(t, get(Handler(Options{URL: url}), http.MethodGet, "/", nil)); !strings.Contains(got, `<meta name="chat-url" `+want+`>`) {
			t.Errorf("%q: %.400s", url, got)
		}
	}
}

func TestHeartbeat(t *testing.T) {
	for wanted, o := range map[string]Options{"25000": {}, "540000": {Heartbeat: 9 * time.Minute}} {
		if got := body(t, get(Handler(o), http.MethodGet, "/", nil)); !strings.Contains(got, `<meta name="chat-heartbeat" content="`+wanted+`">`) {
			t.Errorf("%v: %.500s", o.Heartbeat, got)
		}
	}
}

func TestWrongOptions(t *testing.T) {
	for _, o := range []Options{
		{URL: "https://abc.example"},
		{URL: "wss://"},
		{URL: "wss://a b"},
		{URL: "ws://x;script-src"},
		{Heartbeat: time.Millisecond},
		{FrameAncestors: []string{"127.0.0.1:8000"}},
		{FrameAncestors: []string{"http://127.0.0.1:8000/"}},
		{FrameAncestors: []string{"*"}},
		{FrameAncestors: []string{"http://a; script-src *"}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v is taken", o)
				}
			}()
			Handler(o)
		}()
	}
}

// The page may stand behind a prefix, and it is whole: no address in it is
// absolute, none is of another site, and the policy forbids no part of it.
func TestAddressesAreRelative(t *testing.T) {
	absolute := regexp.MustCompile("(?:href|src)=\"/|(?:import|from|fetch\\(|url\\()\\s*['\"`]/|url\\(/")
	foreign := regexp.MustCompile(`(?:https?|wss?):?//[a-z]`)
	inline := regexp.MustCompile(`<style|\sstyle=|\son[a-z]+=|<script(?:>|[^>]*[^>]>[^<])|javascript:`)
	markup := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function`)
	for name, text := range files(t) {
		text = strings.ReplaceAll(text, "http://www.w3.org/2000/svg", "the namespace of SVG")
		for what, pattern := range map[string]*regexp.Regexp{"an absolute address": absolute, "a foreign address": foreign, "text that becomes markup": markup} {
			if found := pattern.FindString(text); found != "" {
				t.Errorf("%s has %s: %q", name, what, found)
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
// asked for. A key with a variable end, like `error.${code}`, asks for all
// that begin like it.
func TestTextsAreThoseThePageAsksFor(t *testing.T) {
	asks := regexp.MustCompile("(?:data-text|data-label|data-hint)=\"([^\"]+)\"|'([a-z]+\\.[a-z.]+)'|\\bt\\('([a-z]+)'|`([a-z]+\\.)\\$|count\\('([a-z]+)'")
	en, _ := texts(t, "en")
	asked := make(map[string]bool)
	for name, content := range files(t) {
		if !slices.Contains([]string{".html", ".js"}, path.Ext(name)) {
			continue
		}
		for _, match := range asks.FindAllStringSubmatch(content, -1) {
			keys := []string{strings.Join(match[1:5], "")}
			if match[5] != "" {
				keys = []string{match[5] + ".one", match[5] + ".many"}
			}
			for _, key := range keys {
				if strings.HasSuffix(key, ".js") { // a module
					continue
				}
				if _, found := en[key]; !found && !strings.HasSuffix(key, ".") {
					t.Errorf("%s asks for %q, which there is not", name, key)
				}
				asked[key] = true
			}
		}
	}
	for key := range en {
		family, _, _ := strings.Cut(key, ".")
		if !asked[key] && !asked[family+"."] {
			t.Errorf("nobody asks for %q", key)
		}
	}
}

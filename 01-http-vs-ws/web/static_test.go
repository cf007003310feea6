package web

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"
)

func get(handler http.Handler, method, target string, header http.Header) *http.Response {
	request := httptest.NewRequest(method, target, http.NoBody)
	for name, values := range header {
		request.Header[name] = values
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder.Result()
}

func TestEveryFileIsServed(t *testing.T) {
	page, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	err = fs.WalkDir(static, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		response := get(page, http.MethodGet, "http://127.0.0.1:8001"+strings.TrimPrefix(name, "static"), nil)
		h := response.Header
		if response.StatusCode != http.StatusOK || h.Get("Content-Type") == "" || h.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %s %v", name, response.Status, h)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestStatusOfAnswers(t *testing.T) {
	page, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
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
		{http.MethodGet, "/lanes/", nil, http.StatusNotFound},
		{http.MethodGet, "/control", nil, http.StatusBadRequest}, // not a WebSocket
	} {
		if response := get(page, row.method, row.target, row.header); response.StatusCode != row.want {
			t.Errorf("%s %s: %s, want %d", row.method, row.target, response.Status, row.want)
		}
	}
}

func TestPolicyNamesTheLanes(t *testing.T) {
	for _, row := range []struct{ host, want string }{
		{"127.0.0.1:8001", "connect-src 'self' http://127.0.0.1:* ws://127.0.0.1:*;"},
		{"localhost:8001", "connect-src 'self' http://127.0.0.1:* ws://127.0.0.1:*;"},
		{"talk.example", "connect-src 'self' http://talk.example:* ws://talk.example:*;"},
		{"[::1]:8001", "connect-src 'self' http: ws:;"},
		{"x; script-src *", "connect-src 'self' http: ws:;"},
		{"", "connect-src 'self' http: ws:;"},
	} {
		if got := policy(row.host); !strings.Contains(got, row.want) || strings.Contains(got, "*; script") {
			t.Errorf("%q: %s", row.host, got)
		}
	}
}

// The page may stand behind a prefix, and it is whole: no address in it is
// absolute, none is of another site, and the policy forbids no part of it.
func TestAddressesAreRelative(t *testing.T) {
	absolute := regexp.MustCompile("(?:href|src)=\"/|(?:import|from|fetch\\(|url\\()\\s*['\"`]/|url\\(/")
	foreign := regexp.MustCompile(`(?:https?|wss?):?//[a-z]`)
	inline := regexp.MustCompile(`<style|\sstyle=|\son[a-z]+=|<script(?:>|[^>]*[^>]>[^<])|javascript:`)
	err := fs.WalkDir(static, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := static.ReadFile(name)
		text := strings.ReplaceAll(string(content), "http://www.w3.org/2000/svg", "the namespace of SVG")
		for what, pattern := range map[string]*regexp.Regexp{"absolute": absolute, "foreign": foreign} {
			if found := pattern.FindString(text); found != "" {
				t.Errorf("%s has an address that is %s: %q", name, what, found)
			}
		}
		if found := inline.FindString(text); path.Ext(name) == ".html" && found != "" {
			t.Errorf("%s has something inline: %q", name, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestBehindAPrefix(t *testing.T) {
	page, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	handler := http.StripPrefix("/01/live", page.Handler())
	for _, target := range []string{"/01/live/", "/01/live/main.js", "/01/live/i18n/pt-BR.json"} {
		if response := get(handler, http.MethodGet, target, nil); response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", target, response.Status)
		}
	}
}

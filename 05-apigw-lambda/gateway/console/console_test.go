package console

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

	"websocket.example/05-apigw-lambda/gateway/lambda"
	"websocket.example/05-apigw-lambda/gateway/trace"
)

func page(o Options) http.Handler {
	o.Feed, o.API = &trace.Feed{}, chatAPI()
	return Handler(o)
}

func ask(handler http.Handler, method, target, body string, header http.Header) *http.Response {
	request := httptest.NewRequest(method, target, strings.NewReader(body))
	maps.Copy(request.Header, header)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder.Result()
}

func read(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAnswers(t *testing.T) {
	handler := page(Options{Invoke: map[string]lambda.Function{"AnnounceFunction": say{}}})
	const here = "http://127.0.0.1:8005"
	etag := ask(handler, http.MethodGet, here+"/", "", nil).Header.Get("ETag")
	for _, row := range []struct {
		method, target, body string
		header               http.Header
		want                 int
	}{
		{"GET", here + "/", "", nil, 200},
		{"HEAD", here + "/", "", nil, 200},
		{"GET", here + "/", "", http.Header{"If-None-Match": {etag}}, 304},
		{"GET", here + "/?lang=pt", "", http.Header{"If-None-Match": {etag}}, 200},
		{"GET", "http://localhost:8005/", "", nil, 200},
		{"GET", "http://[::1]:8005/", "", nil, 200},
		{"GET", "http://stranger.example:8005/", "", nil, 421}, // a name that leads here
		{"GET", "http://stranger.example:8005/events", "", nil, 421},
		{"POST", here + "/", "", nil, 405},
		{"GET", here + "/index.html", "", nil, 404}, // it has a language
		{"GET", here + "/style/", "", nil, 404},
		{"GET", here + "/nothing", "", nil, 404},
		{"HEAD", here + "/events", "", nil, 200},
		{"POST", here + "/events", "", nil, 405},
		{"GET", here + "/gateway.json", "", nil, 200},
		{"POST", here + "/invoke/AnnounceFunction", "{}", nil, 200},
		{"POST", here + "/invoke/AnnounceFunction", "{", nil, 400},
		{"POST", here + "/invoke/AnnounceFunction", `"` + strings.Repeat("x", mostPayload) + `"`, nil, 400},
		{"POST", here + "/invoke/Another", "{}", nil, 404},
		{"GET", here + "/invoke/AnnounceFunction", "", nil, 404},
		{"POST", here + "/invoke/AnnounceFunction", "{}", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403},
		{"POST", here + "/invoke/AnnounceFunction", "{}", http.Header{"Origin": {"http://stranger.example"}}, 403},
	} {
		if r := ask(handler, row.method, row.target, row.body, row.header); r.StatusCode != row.want {
			t.Errorf("%s %s %.20s %v: %s, want %d", row.method, row.target, row.body, row.header, r.Status, row.want)
		}
	}
}

func TestInvoke(t *testing.T) {
	handler := page(Options{Invoke: map[string]lambda.Function{"AnnounceFunction": say{}}})
	got := read(t, ask(handler, http.MethodPost, "http://127.0.0.1/invoke/AnnounceFunction", `{"text": "<hello>"}`, nil))
	want := `{"payload":{"text":"\u003chello\u003e"},"log":"START\nannounced to 2\nEND","micros":1500,"environment":1,"cold":true}`
	if strings.TrimSpace(got) != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestDescription(t *testing.T) {
	handler := page(Options{Chat: "chat/", WebSocketURL: "ws://127.0.0.1:8005/prod", Invoke: map[string]lambda.Function{"B": say{}, "A": say{}}})
	var got gateway
	if err := json.Unmarshal([]byte(read(t, ask(handler, http.MethodGet, "http://127.0.0.1/gateway.json", "", nil))), &got); err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, r := range got.Routes {
		order = append(order, r.Key)
	}
	if want := "$connect empty join leave ping send typing weather who $default $disconnect"; strings.Join(order, " ") != want {
		t.Errorf("the routes are %v", order)
	}
	for i, want := range map[int]route{
		0: {Key: "$connect", Integration: "AWS_PROXY", Target: "ChatFunction", Authorizer: "AuthorizerFunction"},
		1: {Key: "empty"},
		4: {Key: "ping", Integration: "MOCK", TwoWay: true},
		7: {Key: "weather", Integration: "HTTP_PROXY", Target: "https://weather.example/now", KeyRequired: true},
	} {
		if got.Routes[i] != want {
			t.Errorf("%+v, want %+v", got.Routes[i], want)
		}
	}
	got.Routes = nil
	want := gateway{Name: "chat", Stage: "prod", Selection: "$request.body.action", Socket: "ws://127.0.0.1:8005/prod", Chat: "chat/", Functions: []string{"A", "B"}}
	if g, w := mustJSON(t, got), mustJSON(t, want); g != w {
		t.Errorf("%s\nwant\n%s", g, w)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLanguage(t *testing.T) {
	handler := page(Options{})
	for _, row := range []struct{ query, accept, want string }{
		{"", "", "en"},
		{"", "pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7", "pt-BR"},
		{"", "de, pt-PT;q=0.5, en;q=0.4", "pt-BR"},
		{"", "pt;q=0, en;q=0.1", "en"},
		{"", ";q=,,;;q=x", "en"},
		{"?lang=pt", "en", "pt-BR"},
		{"?lang=en", "pt", "en"},
		{"?lang=xx", "pt", "en"},
	} {
		r := ask(handler, http.MethodGet, "http://127.0.0.1/"+row.query, "", http.Header{"Accept-Language": {row.accept}})
		if got := read(t, r); !strings.Contains(got, `<html lang="`+row.want+`">`) || r.Header.Get("Vary") != "Accept-Language" {
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
		{"127.0.0.1:8005", Options{}, "connect-src 'self' ws://127.0.0.1:8005 wss://127.0.0.1:8005;"},
		{"[::1]:8005", Options{}, "connect-src 'self' ws: wss:;"},
		{"localhost", Options{WebSocketURL: "wss://abc.execute-api.example/dev"}, "connect-src 'self' wss://abc.execute-api.example;"},
		{"localhost", Options{}, "frame-ancestors 'none';"},
		{"localhost", Options{FrameAncestors: []string{"http://127.0.0.1:8000"}}, "frame-ancestors http://127.0.0.1:8000;"},
		{"localhost", Options{FrameAncestors: []string{"'self'"}}, "frame-ancestors 'self';"},
		{"localhost", Options{}, "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self';"},
	} {
		got := ask(page(row.options), http.MethodGet, "http://"+row.host+"/", "", nil).Header.Get("Content-Security-Policy")
		if !strings.Contains(got, row.want) || strings.Contains(got, "unsafe") {
			t.Errorf("%q, %+v: %s", row.host, row.options, got)
		}
	}
}

func TestWrongOptions(t *testing.T) {
	for name, o := range map[string]Options{
		"no feed":    {API: chatAPI()},
		"no API":     {Feed: &trace.Feed{}},
		"https":      {Feed: &trace.Feed{}, API: chatAPI(), WebSocketURL: "https://abc.example"},
		"no host":    {Feed: &trace.Feed{}, API: chatAPI(), WebSocketURL: "wss://"},
		"a policy":   {Feed: &trace.Feed{}, API: chatAPI(), WebSocketURL: "ws://x;script-src"},
		"any page":   {Feed: &trace.Feed{}, API: chatAPI(), FrameAncestors: []string{"*"}},
		"not a page": {Feed: &trace.Feed{}, API: chatAPI(), FrameAncestors: []string{"127.0.0.1:8000"}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: it is taken", name)
				}
			}()
			Handler(o)
		}()
	}
}

// embedded are all files, by their names below static.
func embedded(t *testing.T) map[string]string {
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

// The page may stand behind a prefix, and it is whole: every file is served
// with the policy, no address is absolute or of another site, and the policy
// forbids no part of it.
func TestFiles(t *testing.T) {
	handler := page(Options{})
	wrong := map[string]*regexp.Regexp{
		"an absolute address":      regexp.MustCompile("(?:href|src)=\"/|(?:import|from|fetch\\(|url\\()\\s*['\"`]/|EventSource\\('/"),
		"a foreign address":        regexp.MustCompile(`(?:https?|wss?):?//[a-z]`),
		"something inline":         regexp.MustCompile(`<style|<[^>]*\sstyle=|<[^>]*\son[a-z]+=|<script(?:>|[^>]*[^>]>[^<])|javascript:`),
		"text that becomes markup": regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function`),
	}
	for name, text := range embedded(t) {
		r := ask(handler, http.MethodGet, "http://127.0.0.1"+strings.TrimSuffix(name, "index.html"), "", nil)
		h := r.Header
		if r.StatusCode != http.StatusOK || h.Get("Content-Type") == "" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %s %v", name, r.Status, h)
		}
		text = strings.ReplaceAll(text, "http://www.w3.org/2000/svg", "the namespace of SVG")
		for what, pattern := range wrong {
			if found := pattern.FindString(text); found != "" {
				t.Errorf("%s has %s: %q", name, what, found)
			}
		}
	}
}

var keyLine = regexp.MustCompile(`(?m)^  "([^"]+)":`)

// The catalogs have the same keys in the same order; every text that the page
// asks for is there, and every one that is there is asked for.
func TestTexts(t *testing.T) {
	all, order := make(map[string]map[string]string), make(map[string][]string)
	for _, lang := range languages {
		content := embedded(t)["/i18n/"+lang+".json"]
		var texts map[string]string
		if err := json.Unmarshal([]byte(content), &texts); err != nil {
			t.Fatal(err)
		}
		all[lang] = texts
		for _, match := range keyLine.FindAllStringSubmatch(content, -1) {
			order[lang] = append(order[lang], match[1])
		}
	}
	if !slices.Equal(order["en"], order["pt-BR"]) {
		t.Errorf("the keys, or their order, differ:\n%q\n%q", order["en"], order["pt-BR"])
	}
	asks := regexp.MustCompile(`data-(?:text|label)="([^"]+)"|'([a-z]+(?:\.[a-z]+)+)'|\bt\('([a-z]+)'|\? '([a-z]+)' : '([a-z]+)'`)
	asked := make(map[string]bool)
	for name, content := range embedded(t) {
		if ext := path.Ext(name); ext != ".html" && ext != ".js" {
			continue
		}
		for _, match := range asks.FindAllStringSubmatch(content, -1) {
			for _, key := range match[1:] {
				asked[key] = true
				if _, found := all["en"][key]; !found && strings.Contains(key, ".") && !strings.HasSuffix(key, ".json") {
					t.Errorf("%s asks for %q, which there is not", name, key)
				}
			}
		}
	}
	for key := range all["en"] {
		if !asked[key] {
			t.Errorf("nobody asks for %q", key)
		}
	}
}

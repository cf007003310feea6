package page

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/workbench/tap"
	"websocket.example/03-raw-server/wsconn"
)

// dial opens the page's connection, as a page of an origin.
func dial(t *testing.T, address, origin string) (*wsconn.Conn, error) {
	t.Helper()
	c, err := wsconn.Dial(t.Context(), "ws://"+address+"/events", &wsconn.DialOptions{
		Compress:  true,
		Handshake: handshake.DialOptions{Header: http.Header{"Origin": {origin}}},
	})
	if err == nil {
		t.Cleanup(func() { c.NetConn().Close() })
	}
	return c, err
}

// read reads what a page is told, until it is told so many things.
func read(t *testing.T, c *wsconn.Conn, n int) (all []map[string]any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for len(all) < n {
		_, message, err := c.Read(ctx)
		if err != nil {
			t.Fatalf("%v after %d of %d", err, len(all), n)
		}
		var some []map[string]any
		if err := json.Unmarshal(message, &some); err != nil {
			t.Fatal(err)
		}
		all = append(all, some...)
	}
	return all
}

// A page is told what was seen before it came, and what is seen later.
func TestTold(t *testing.T) {
	p, address := serve(t)
	talk(p, 1, conversation...)
	c, err := dial(t, address, "http://"+address)
	if err != nil {
		t.Fatal(err)
	}
	all := read(t, c, 1+17)
	if all[0]["kind"] != "hello" || all[0]["target"] != "ws://server.example/chat" {
		t.Errorf("first %v", all[0])
	}
	telling := all[4]["telling"].(map[string]any)
	if all[4]["kind"] != "handshake" || telling["en"] == nil || telling["pt-BR"] == nil {
		t.Errorf("the handshake: %v", all[4])
	}
	if f := all[5]; f["text"] != "Hello" || f["mask"] != "37fa213d" || f["from"] != "client" {
		t.Errorf("the first frame: %v", f)
	}
	if f := all[6]; f["inflated"].(map[string]any)["text"] != "Hello" {
		t.Errorf("the second frame: %v", f)
	}
	talk(p, 2)
	if later := read(t, c, 4); later[len(later)-1]["conn"] != 2.0 {
		t.Errorf("later: %v", later)
	}
}

// Pages of strangers learn nothing, by whatever name they come.
func TestStrangers(t *testing.T) {
	_, address := serve(t)
	if _, err := dial(t, address, "http://stranger.example"); err == nil {
		t.Error("a page of another origin is told everything")
	}
	_, port, _ := strings.Cut(address, ":")
	rebound := "stranger.example:" + port // a name that leads to this machine
	_, err := wsconn.Dial(t.Context(), "ws://"+address+"/events", &wsconn.DialOptions{
		Handshake: handshake.DialOptions{Header: http.Header{"Origin": {"http://" + rebound}, "Host": {rebound}}},
	})
	if err == nil {
		t.Error("a page whose name leads here is told everything")
	}
	request := httptest.NewRequest(http.MethodGet, "http://"+rebound+"/", http.NoBody)
	recorder := httptest.NewRecorder()
	withPolicy(files()).ServeHTTP(recorder, request)
	if recorder.Code != http.StatusMisdirectedRequest {
		t.Errorf("the page itself is answered with %d", recorder.Code)
	}
}

// The feed forgets what is old, and says how much a reader has missed.
func TestFeed(t *testing.T) {
	var f feed
	f.init()
	if message, missed, to, wait := f.next(0); message != nil || missed != 0 || to != 0 || wait == nil {
		t.Errorf("%s, %d, %d, %v", message, missed, to, wait)
	}
	for i := range mostLines + 5 {
		f.add(fmt.Append(nil, i))
	}
	message, missed, to, wait := f.next(3)
	if missed != 2 || wait != nil || !strings.HasPrefix(string(message), "[5,6,7,") || !strings.HasSuffix(string(message), fmt.Sprintf(",%d]", to-1)) {
		t.Errorf("%d missed, up to %d: %.20s", missed, to, message)
	}
	if len(message) > batch+20 {
		t.Errorf("a message of %d bytes", len(message))
	}
	big := make([]byte, mostBytes/2+1)
	for range 3 {
		f.add(big)
	}
	if len(f.lines) != 1 || f.bytes != len(big) || f.first != mostLines+5+2 {
		t.Errorf("%d lines of %d bytes from %d on", len(f.lines), f.bytes, f.first)
	}
}

// A page that does not read holds nobody up.
func TestSlowPage(t *testing.T) {
	p, address := serve(t)
	c, err := wsconn.Dial(t.Context(), "ws://"+address+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 10_000 { // 20 MB, and nobody reads
			p.See(tap.Event{Kind: tap.Bytes, Raw: make([]byte, Keep)})
		}
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Error("a page that does not read holds the tap up")
	}
	c.NetConn().Close()
	<-done
}

// embedded are all that is embedded, by their names below static.
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

func TestFiles(t *testing.T) {
	get := func(method, target string) *http.Response {
		recorder := httptest.NewRecorder()
		withPolicy(files()).ServeHTTP(recorder, httptest.NewRequest(method, target, http.NoBody))
		return recorder.Result()
	}
	inline := regexp.MustCompile(`<style|\sstyle=|\son[a-z]+=|<script(?:>|[^>]*[^>]>[^<])|javascript:|innerHTML|outerHTML|insertAdjacentHTML|document\.write`)
	for name, text := range embedded(t) {
		response := get(http.MethodGet, "http://127.0.0.1:9005"+name)
		h := response.Header
		if response.StatusCode != http.StatusOK || h.Get("Content-Type") == "" || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self';") {
			t.Errorf("%s: %s %v", name, response.Status, h)
		}
		if found := inline.FindString(text); found != "" {
			t.Errorf("%s has %q", name, found)
		}
	}
	for target, want := range map[string]int{
		"/": 200, "/?lang=pt-BR": 200, "/nothing": 404, "/style/": 404,
		"/drawing?header=818537fa213d&payload=48656c6c6f": 200, "/drawing?header=81850001&payload=": 400,
		"/drawing?header=8100&payload=00": 400, "/drawing?header=8200ff": 400, "/drawing?header=zz": 400, "/drawing": 400,
	} {
		if response := get(http.MethodGet, "http://localhost:9005"+target); response.StatusCode != want {
			t.Errorf("%s: %s", target, response.Status)
		}
	}
	if response := get(http.MethodPost, "http://[::1]:9005/"); response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %s", response.Status)
	}
	if p := policy("[::1]:9005"); !strings.Contains(p, "connect-src 'self' ws:;") {
		t.Error(p)
	}
}

// Every key that the page asks for is there, in both languages, and every one
// that is there is asked for.
func TestTexts(t *testing.T) {
	texts := make(map[string]map[string]string)
	for _, language := range []string{"en", "pt-BR"} {
		var all map[string]string
		if err := json.Unmarshal([]byte(embedded(t)["/i18n/"+language+".json"]), &all); err != nil {
			t.Fatal(err)
		}
		texts[language] = all
	}
	asks := regexp.MustCompile("(?:data-text|data-label|data-hint)=\"([^\"]+)\"|'([a-z]+\\.[a-z0-9.]+)'|\\bt\\('([a-z]+)'|`([a-z]+\\.)\\$|\\? '([a-z]+)' : '([a-z]+)'")
	asked := make(map[string]bool)
	for name, content := range embedded(t) {
		if !slices.Contains([]string{".html", ".js"}, path.Ext(name)) {
			continue
		}
		for _, match := range asks.FindAllStringSubmatch(content, -1) {
			for _, key := range match[1:] {
				if key == "" || strings.HasSuffix(key, ".js") {
					continue
				}
				asked[key] = true
				for language, all := range texts {
					if _, found := all[key]; !found && !strings.HasSuffix(key, ".") && strings.Contains(key, ".") {
						t.Errorf("%s asks for %q, which there is not in %s", name, key, language)
					}
				}
			}
		}
	}
	for key, text := range texts["en"] {
		family, _, _ := strings.Cut(key, ".")
		if !asked[key] && !asked[family+"."] {
			t.Errorf("nobody asks for %q", key)
		}
		if _, found := texts["pt-BR"][key]; !found || text == "" {
			t.Errorf("%q is not in pt-BR", key)
		}
	}
	if len(texts["en"]) != len(texts["pt-BR"]) {
		t.Errorf("%d texts, and %d", len(texts["en"]), len(texts["pt-BR"]))
	}
}

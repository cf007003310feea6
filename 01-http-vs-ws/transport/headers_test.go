package transport

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"websocket.example/01-http-vs-ws/internal/browser"
)

func TestParseHeaderSet(t *testing.T) {
	for _, name := range []string{"browser", "bare"} {
		if set, err := ParseHeaderSet(name); err != nil || string(set) != name {
			t.Errorf("%s: %v, %v", name, set, err)
		}
	}
	if _, err := ParseHeaderSet("Chrome"); err == nil || !strings.Contains(err.Error(), "browser or bare") {
		t.Errorf("an unknown set: %v", err)
	}
}

// A page that asks in every way there is.
const asksEveryWay = `<!doctype html><script>
fetch('/short-poll?after=0')
fetch('/long-poll?after=0')
new EventSource('/sse?after=0')
new WebSocket('ws://' + location.host + '/websocket?after=0')
fetch('/upstream', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'})
</script>`

// What -headers browser sends is what a browser sends: the same names, and
// about as many bytes. The values differ with its version and language.
func TestBrowserHeadersAreABrowsers(t *testing.T) {
	type seen struct {
		path   string
		header http.Header
	}
	asked := make(chan seen, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			_, _ = w.Write([]byte(asksEveryWay))
			return
		}
		asked <- seen{r.URL.Path, r.Header}
	}))
	defer server.Close()
	if err := chromedp.Do(browser.Start(t), chromedp.Navigate(server.URL)); err != nil {
		t.Fatal(err)
	}
	// The connection's own business, and compression, which is left out.
	own := []string{"Connection", "Upgrade", "Sec-Websocket-Key", "Sec-Websocket-Version", "Sec-Websocket-Extensions", "Content-Length"}
	compared := make(map[string]bool)
	for len(compared) < 5 {
		select {
		case <-time.After(20 * time.Second):
			t.Fatalf("the browser asked for %v only", slices.Collect(maps.Keys(compared)))
		case real := <-asked:
			if compared[real.path] || real.path == "/favicon.ico" {
				continue
			}
			compared[real.path] = true
			name := strings.TrimPrefix(real.path, "/")
			if name == "upstream" {
				name = upstreamPost
			}
			ours := Browser.request(server.URL, name)
			for _, header := range own {
				real.header.Del(header)
			}
			if want, got := slices.Sorted(maps.Keys(real.header)), slices.Sorted(maps.Keys(ours)); !slices.Equal(want, got) {
				t.Errorf("%s: a browser sends %v, we send %v", real.path, want, got)
			}
			if want, got := size(real.header), size(ours); got < want*8/10 || got > want*12/10 {
				t.Errorf("%s: a browser sends %d bytes, we send %d", real.path, want, got)
			}
		}
	}
}

func size(h http.Header) (bytes int) {
	for name, values := range h {
		for _, value := range values {
			bytes += len(name) + len(": ") + len(value) + len("\r\n")
		}
	}
	return bytes
}

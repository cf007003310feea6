package live

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// A house is the panes behind a real server, as the deck has them.
type house struct {
	t      *testing.T
	panes  *Panes
	url    string // of the deck
	client *http.Client
}

func open(t *testing.T, panes *Panes) *house {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/live/", http.StripPrefix("/live/", panes.Handler()))
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		panes.Close()
		server.Close()
	})
	return &house{t, panes, server.URL, server.Client()}
}

func start(t *testing.T) *house { return open(t, Start(t.Context(), Options{})) }

// get asks for live/PATH, and follows where it is sent.
func (h *house) get(path string) (*http.Response, string) {
	h.t.Helper()
	return h.read(h.client.Get(h.url + "/live/" + path))
}

func (h *house) read(r *http.Response, err error) (*http.Response, string) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return r, string(body)
}

// dial opens a WebSocket at an address that may be relative to live/.
func (h *house) dial(address string) *wsconn.Conn {
	h.t.Helper()
	base, err := url.Parse(strings.Replace(h.url, "http", "ws", 1) + "/live/")
	if err != nil {
		h.t.Fatal(err)
	}
	there, err := base.Parse(address)
	if err != nil {
		h.t.Fatal(err)
	}
	c, err := wsconn.Dial(h.t.Context(), there.String(), nil)
	if err != nil {
		h.t.Fatalf("%s: %v", there, err)
	}
	return c
}

// Nothing runs before it is asked for; then every pane answers in both
// languages, with and without its slash, and may be framed by the deck alone.
func TestPanes(t *testing.T) {
	h := start(t)
	var names []string
	for _, p := range h.panes.List() {
		names = append(names, p.Name)
		if p.Err != nil || h.panes.find(p.Name).now != nil {
			t.Errorf("%s: %v, or it runs already", p.Name, p.Err)
		}
		for _, path := range []string{p.Name + "?lang=en", p.Name + "/?lang=en", p.Name + "/?lang=pt-BR"} {
			r, body := h.get(path)
			if r.StatusCode != http.StatusOK || !strings.Contains(body, "<html") {
				t.Errorf("%s: %s\n%s", path, r.Status, body)
			}
			if csp := r.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'self'") || !strings.Contains(csp, "script-src 'self'") {
				t.Errorf("%s: its policy is %q", path, csp)
			}
			if lang := r.Request.URL.Query().Get("lang"); !strings.Contains(path, lang) || lang == "" {
				t.Errorf("%s: it led to %s", path, r.Request.URL)
			}
		}
	}
	if got := strings.Join(names, " "); got != "lanes handshake frames chat gateway cost" {
		t.Errorf("the panes are %s", got)
	}
	for _, path := range []string{"", "nosuch/", "static/", "static/nosuch.js", "pictures/pictures.go", "chat/room/metrics"} {
		if r, _ := h.get(path); r.StatusCode != http.StatusNotFound {
			t.Errorf("live/%s: %s", path, r.Status)
		}
	}
}

// WebSockets work through the prefix, and end with the panes.
func TestWebSockets(t *testing.T) {
	h := start(t)
	_, text := h.get("gateway/gateway.json")
	var gateway struct{ Socket string }
	if err := json.Unmarshal([]byte(text), &gateway); err != nil {
		t.Fatal(err)
	}
	_, page := h.get("gateway/chat/")
	_, token, _ := strings.Cut(page, "?token=")
	token, _, _ = strings.Cut(token, `"`)

	var open []*wsconn.Conn
	for _, row := range []struct{ name, address, send, want string }{
		{"lanes", "lanes/control", "", `"type":`},
		{"handshake", "handshake/chat?id=1", "", ""},
		{"frames", "frames/echo", "Olá", "Olá"},
		{"chat", "chat/room/ws", `{"action":"ping"}`, `"type":"pong"`},
		{"gateway", gateway.Socket + "?token=" + token, `{"action":"ping"}`, `"type":"pong"`},
	} {
		c := h.dial(row.address)
		open = append(open, c)
		if row.send != "" {
			if err := c.Write(t.Context(), frame.Text, []byte(row.send)); err != nil {
				t.Errorf("%s: %v", row.name, err)
			}
		}
		if row.want == "" {
			continue
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		if _, answer, err := c.Read(ctx); err != nil || !strings.Contains(string(answer), row.want) {
			t.Errorf("%s: %q, %v", row.name, answer, err)
		}
		cancel()
	}
	events, err := h.client.Get(h.url + "/live/gateway/events")
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()

	// Clients answer the close frame, as browsers do.
	ended := make(chan error, len(open))
	for _, c := range open {
		go func() {
			for {
				if _, _, err := c.Read(context.Background()); err != nil {
					ended <- err
					return
				}
			}
		}()
	}
	began := time.Now()
	h.panes.Close()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("closing takes %v", took)
	}
	for range open {
		if err := <-ended; !errors.As(err, new(*wsconn.CloseError)) {
			t.Errorf("a connection ended without goodbye: %v", err)
		}
	}
	if _, err := io.Copy(io.Discard, events.Body); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if r, body := h.get("frames/?lang=en"); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, errOver.Error()) {
		t.Errorf("a pane that was closed: %s", r.Status)
	}
}

// Who does not answer a close frame is not waited for long.
func TestCloseDoesNotHang(t *testing.T) {
	h := start(t)
	for _, address := range []string{"frames/echo", "handshake/chat", "chat/room/ws", "lanes/control"} {
		defer h.dial(address).Abort()
	}
	began := time.Now()
	h.panes.Close()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("closing takes %v", took)
	}
}

// from asks as somebody at an address.
func from(panes *Panes, address, method, path, origin string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.RemoteAddr = address
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	w := httptest.NewRecorder()
	panes.Handler().ServeHTTP(w, r)
	return w
}

// The audience may join the chat, and see pictures; all else is for the
// machine that the deck runs on.
func TestElsewhere(t *testing.T) {
	panes := Start(t.Context(), Options{})
	defer panes.Close()
	for _, row := range []struct {
		address, path string
		status        int
		says          string // in the page, or where it leads
	}{
		{"192.0.2.9:4711", "/lanes/?lang=en", 403, "big screen"},
		{"192.0.2.9:4711", "/handshake/chat?lang=pt-BR", 403, "máquina de quem apresenta"},
		{"192.0.2.9:4711", "/frames/main.js", 403, "frames.en.dark.png"},
		{"192.0.2.9:4711", "/gateway/events", 403, ""},
		{"192.0.2.9:4711", "/cost/", 403, ""},
		{"[2001:db8::1]:4711", "/cost/", 403, ""},
		{"[fe80::1%eth0]:4711", "/cost/", 403, ""},
		{"", "/cost/", 403, ""},
		{"@", "/cost/", 403, ""},
		{"127.0.0.1:4711", "/cost/", 200, ""},
		{"127.9.9.9:4711", "/cost/", 200, ""},
		{"[::1]:4711", "/cost/", 200, ""},
		{"[::ffff:127.0.0.1]:4711", "/cost/", 200, ""},
		{"[::ffff:192.0.2.9]:4711", "/cost/", 403, ""},
		{"192.0.2.9:4711", "/chat/?lang=pt-BR", 303, "room/?lang=pt-BR&room=" + Room},
		{"192.0.2.9:4711", "/chat/room/?lang=en", 200, "<html"},
		{"192.0.2.9:4711", "/chat/again", 404, ""},
		{"127.0.0.1:4711", "/chat/", 200, "<iframe"},
		{"192.0.2.9:4711", "/static/base.css", 200, ""},
	} {
		w := from(panes, row.address, "GET", row.path, "")
		if w.Code != row.status || !strings.Contains(w.Body.String()+w.Header().Get("Location"), row.says) {
			t.Errorf("%s for %s: %d %s\n%s", row.path, row.address, w.Code, w.Header().Get("Location"), w.Body)
		}
	}
	for _, p := range panes.list[:3] {
		if p.now != nil {
			t.Errorf("%s runs because of somebody elsewhere", p.name)
		}
	}
}

// A pane that can't run says why, in the reader's language, and is started
// anew by whoever sits at the machine; the others go on.
func TestFailure(t *testing.T) {
	var tries int
	broken := &pane{name: "lanes", open: func(context.Context) (*running, error) {
		if tries++; tries < 3 {
			return nil, errors.New("no port is <free>")
		}
		return &running{http.NotFoundHandler(), func(context.Context) {}}, nil
	}}
	h := open(t, prepare(t.Context(), Options{}.logger(), broken, &pane{name: "frames", open: openFrames}))

	for range 2 { // it is tried only when it is asked for
		r, body := h.get("lanes/?lang=pt-BR")
		if r.StatusCode != http.StatusServiceUnavailable || tries != 1 {
			t.Errorf("%s after %d tries", r.Status, tries)
		}
		for _, want := range []string{`lang="pt-BR"`, "Isto não roda agora", "no port is &lt;free&gt;", `method="post" action="again?lang=pt-BR"`, "Tentar de novo"} {
			if !strings.Contains(body, want) {
				t.Errorf("the page does not say %q:\n%s", want, body)
			}
		}
	}
	if list := h.panes.List(); list[0].Err == nil || list[1].Err != nil {
		t.Errorf("of those that can't run: %v, %v", list[0].Err, list[1].Err)
	}
	if r, _ := h.get("frames/"); r.StatusCode != http.StatusOK {
		t.Errorf("the other pane: %s", r.Status)
	}
	if w := from(h.panes, "127.0.0.1:4711", "POST", "/lanes/again", "https://evil.example"); w.Code != http.StatusForbidden || tries != 1 {
		t.Errorf("a stranger's page starts it: %d, %d tries", w.Code, tries)
	}
	if w := from(h.panes, "192.0.2.9:4711", "POST", "/lanes/again", ""); w.Code != http.StatusForbidden || tries != 1 {
		t.Errorf("somebody elsewhere starts it: %d, %d tries", w.Code, tries)
	}
	for _, want := range []int{http.StatusServiceUnavailable, http.StatusNotFound} { // still, and no more
		r, _ := h.read(h.client.Post(h.url+"/live/lanes/again?lang=pt-BR", "", nil))
		if r.StatusCode != want || r.Request.URL.Path != "/live/lanes/" || r.Request.URL.RawQuery != "lang=pt-BR" {
			t.Errorf("started anew: %s at %s", r.Status, r.Request.URL)
		}
	}
	if list := h.panes.List(); list[0].Err != nil {
		t.Errorf("it runs, and says %v", list[0].Err)
	}
}

package stage

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/03-raw-server/wsconn"
)

// serve puts a stage behind a real listener, below a prefix as in the program.
func serve(t *testing.T, s *Stage) (url string) {
	server := httptest.NewServer(http.StripPrefix("/stage", s.Handler()))
	t.Cleanup(func() {
		end(s)
		server.Close()
	})
	return "ws" + strings.TrimPrefix(server.URL, "http") + "/stage/ws"
}

// Who may connect, and as what.
func TestUpgrade(t *testing.T) {
	s := New(Options{Slides: slides.Slides, Key: "the-right-key"})
	url := serve(t, s)
	tunnel := http.Header{"X-Forwarded-For": {"192.0.2.7"}}
	for _, row := range []struct {
		name, query string
		header      http.Header
		role        Role // empty: refused
		status      int
	}{
		{"this machine", "", nil, Driver, 0},
		{"this machine, as the audience", "?audience", nil, Audience, 0},
		{"from elsewhere", "", tunnel, Audience, 0},
		{"from elsewhere, by another proxy", "", http.Header{"Forwarded": {"for=192.0.2.7"}}, Audience, 0},
		{"from elsewhere, with the key", "?key=the-right-key", tunnel, Driver, 0},
		{"from elsewhere, with a wrong key", "?key=the-right-kex", tunnel, Audience, 0},
		{"from elsewhere, with an empty key", "?key=", tunnel, Audience, 0},
		{"by another name", "", http.Header{"Host": {"talk.example:8000"}}, Audience, 0},
		{"by the name localhost", "", http.Header{"Host": {"localhost:8000"}}, Driver, 0},
		{"a page of this server", "", http.Header{"Host": {"127.0.0.1:8000"}, "Origin": {"http://127.0.0.1:8000"}}, Driver, 0},
		{"a page of another site", "", http.Header{"Origin": {"https://evil.example"}}, "", 403},
		{"a page of another port", "", http.Header{"Host": {"127.0.0.1:8000"}, "Origin": {"http://127.0.0.1:8001"}}, "", 403},
	} {
		t.Run(row.name, func(t *testing.T) {
			conn, err := wsconn.Dial(t.Context(), url+row.query, &wsconn.DialOptions{Handshake: handshake.DialOptions{Header: row.header}})
			if refused, is := errors.AsType[*handshake.RefusedError](err); is && row.role == "" {
				if refused.Response.Status != row.status {
					t.Errorf("refused with %d", refused.Response.Status)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Abort()
			var now at
			_, message, err := conn.Read(t.Context())
			if err := errors.Join(err, json.Unmarshal(message, &now)); err != nil || now.Role != row.role {
				t.Errorf("%s, %v", message, err)
			}
		})
	}
}

// One phone can't fill the room for the others, and nobody keeps a driver out.
func TestFull(t *testing.T) {
	s := New(Options{Slides: slides.Slides, Key: "the-right-key"})
	defer end(s)
	request := func(from, query string) *http.Request {
		r := httptest.NewRequest("GET", "/ws"+query, nil)
		r.RemoteAddr = from
		return r
	}
	s.mu.Lock()
	for range maxPerAddress {
		s.followers[&follower{role: Audience, from: "192.0.2.7"}] = true
	}
	s.mu.Unlock()
	if s.full(request("192.0.2.7:1234", "")) == nil {
		t.Error("one more from that address")
	}
	if s.full(request("192.0.2.8:1234", "")) != nil {
		t.Error("somebody else is refused")
	}
	s.mu.Lock()
	for i := range maxFollowers {
		s.followers[&follower{role: Audience, from: "10.0.0." + string(rune(i))}] = true
	}
	s.mu.Unlock()
	if refusal := s.full(request("192.0.2.8:1234", "")); refusal == nil || refusal.Status != 503 {
		t.Errorf("the room is full: %v", refusal)
	}
	if s.full(request("192.0.2.8:1234", "?key=the-right-key")) != nil || s.full(request("127.0.0.1:1234", "")) == nil {
		t.Error("a driver is refused, or who comes through a tunnel is not")
	}
	s.mu.Lock()
	clear(s.followers)
	s.mu.Unlock()
}

func TestStatic(t *testing.T) {
	s := New(slides)
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	for path, want := range map[string]string{
		"/static/follow.js":         "text/javascript; charset=utf-8",
		"/static/follow.css":        "text/css; charset=utf-8",
		"/static/i18n/pt-BR.json":   "application/json",
		"/static/favicon.svg":       "image/svg+xml",
		"/static/":                  "",
		"/static/../stage.go":       "",
		"/static/%2e%2e/stage.go":   "",
		"/templates/presenter.html": "",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		request, err := http.NewRequestWithContext(ctx, "GET", server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		kind := response.Header.Get("Content-Type")
		if want == "" && response.StatusCode != 404 || want != "" && (response.StatusCode != 200 || kind != want || len(body) == 0) {
			t.Errorf("%s: %d %s", path, response.StatusCode, kind)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// The texts of both languages are all used, and all there.
func TestTexts(t *testing.T) {
	en, err := catalog("en")
	if err != nil {
		t.Fatal(err)
	}
	pt, err := catalog("pt-BR")
	if err != nil {
		t.Fatal(err)
	}
	var sources strings.Builder
	for folder, files := range map[string]interface {
		ReadFile(string) ([]byte, error)
	}{
		"static/":    static,
		"templates/": templates,
	} {
		for _, name := range []string{"follow.js", "notes.js", "presenter.js", "presenter.html", "remote.html", "notes.html", "languages.html", "stranger.html"} {
			content, err := files.ReadFile(folder + name)
			if err == nil {
				sources.Write(content)
			}
		}
	}
	for key := range en {
		if pt[key] == "" {
			t.Errorf("%s is not there in Portuguese", key)
		}
		family := strings.HasPrefix(key, "pace.") || strings.HasPrefix(key, "state.") || strings.HasPrefix(key, "block.") || strings.HasPrefix(key, "audience.")
		if !family && !strings.Contains(sources.String(), `"`+key+`"`) && !strings.Contains(sources.String(), `'`+key+`'`) {
			t.Errorf("nobody uses %s", key)
		}
	}
}

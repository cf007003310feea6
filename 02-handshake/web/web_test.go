package web

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"websocket.example/02-handshake/handshake"
	"websocket.example/02-handshake/narrate"
)

func wsURL(url, path string) string { return "ws" + strings.TrimPrefix(url, "http") + path }

// tellingOf asks for what the server has seen.
func tellingOf(t *testing.T, url, id string) (telling narrate.Telling) {
	t.Helper()
	response, err := http.Get(url + "/handshakes/" + id + "?lang=en")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&telling); err != nil || response.StatusCode != 200 {
		t.Fatalf("%d, %v", response.StatusCode, err)
	}
	return telling
}

// Each attempt gets its answer, and its story, from both kinds of server.
func TestAttempts(t *testing.T) {
	fronted, _ := front(t, Options{})
	for name, url := range map[string]string{"own listener": fronted, "behind a prefix": mount(t, Options{})} {
		for _, row := range []struct {
			try          string
			subprotocols []string
			status       int
			rule         string // that the client finds broken
			chosen       string
			verdict      string
		}{
			{"", nil, 101, "", "", "Accepted with 101"},
			{"", []string{"soap", "chat"}, 101, "", "chat", "Accepted with 101"},
			{"", []string{"soap"}, 101, "", "", "Accepted with 101"},
			{"401", nil, 401, "", "", "Refused with 401 Unauthorized."},
			{"403", nil, 403, "", "", "Refused with 403 Forbidden."},
			{"302", nil, 302, "", "", "Refused with 302 Found."},
			{"proof", nil, 101, "response-accept", "", "a wrong proof, on purpose"},
		} {
			t.Run(name+" "+row.try+strings.Join(row.subprotocols, ","), func(t *testing.T) {
				id := "id-" + strings.ToLower(strings.NewReplacer("+", "", "/", "", "=", "").Replace(handshake.NewKey()))
				conn, h, err := handshake.Dial(t.Context(), wsURL(url, "/chat?id="+id+"&try="+row.try), &handshake.DialOptions{Subprotocols: row.subprotocols})
				refused, _ := errors.AsType[*handshake.RefusedError](err)
				broken, _ := errors.AsType[*handshake.Error](err)
				switch {
				case err == nil:
					defer conn.Close()
					if row.status != 101 || row.rule != "" || h.Subprotocol != row.chosen {
						t.Errorf("accepted: %+v", h)
					}
				case refused != nil:
					if refused.Response.Status != row.status || len(refused.Body) == 0 {
						t.Errorf("refused: %v", refused)
					}
				case broken == nil || broken.Rule != row.rule:
					t.Errorf("%v", err)
				}
				telling := tellingOf(t, url, id)
				if telling.Status != row.status || !strings.Contains(telling.Verdict, row.verdict) || telling.Accepted != (err == nil) {
					t.Errorf("%+v", telling)
				}
				if telling.Proof == nil || (telling.Proof.Came != "") != (row.rule != "") {
					t.Errorf("the proof: %+v", telling.Proof)
				}
				if sorted := telling.Note != ""; sorted != (name == "behind a prefix") {
					t.Errorf("the note is %q", telling.Note)
				}
			})
		}
	}
}

// The front shows what comes byte for byte, and however wrong it is.
func TestFrontTellsEverything(t *testing.T) {
	url, told := front(t, Options{})
	for _, row := range []struct{ name, wire, rule, answer string }{
		{"a plain request", "GET /chat HTTP/1.1\r\nHost: x\r\n\r\n", "request-upgrade", "HTTP/1.1 426 "},
		{"not HTTP", "\x16\x03\x01\x00", "syntax-bytes", "HTTP/1.1 400 "},
		{"LF only", "GET /chat HTTP/1.1\nHost: x\n\n", "syntax-line", "HTTP/1.1 400 "},
		{"another path", "GET /else HTTP/1.1\r\nHost: x\r\nupgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", "server-decides", "HTTP/1.1 404 "},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, row.wire); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(conn).ReadString('\n')
		conn.Close()
		if err != nil || !strings.HasPrefix(line, row.answer) {
			t.Errorf("%s: %q, %v", row.name, line, err)
		}
		story := <-told
		e, is := errors.AsType[*handshake.Error](story.Err)
		if string(story.Request) != row.wire || !is || e.Rule != row.rule || !bytes.HasPrefix(story.Answer, []byte(row.answer)) {
			t.Errorf("%s: %q, %v, %q", row.name, story.Request, story.Err, story.Answer)
		}
	}
}

// An accepted connection stays open, and ends with a goodbye: the client's,
// or the server's when its time is up, or when the server stops.
func TestHold(t *testing.T) {
	const hold = 50 * time.Millisecond
	for _, row := range []struct {
		name string
		hold time.Duration
		send []byte
		want []byte
	}{
		{"the time is up", hold, nil, goodbye},
		{"the client closes", time.Hour, []byte{0x88, 0x82, 1, 2, 3, 4, 0x03 ^ 1, 0xe8 ^ 2}, goodbye},
		{"the server stops", time.Hour, nil, goingAway},
	} {
		t.Run(row.name, func(t *testing.T) {
			page := NewPage(Options{Hold: row.hold})
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan error)
			go func() { done <- page.Serve(t.Context(), listener) }()
			conn, _, err := handshake.Dial(t.Context(), "ws://"+listener.Addr().String()+"/chat", nil)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case row.send != nil:
				if _, err := conn.Write(row.send); err != nil {
					t.Fatal(err)
				}
			case row.hold == time.Hour:
				go page.Close()
			}
			_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			got := make([]byte, 4)
			if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, row.want) {
				t.Errorf("% x, %v, want % x", got, err, row.want)
			}
			conn.Close()
			page.Close()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestStatic(t *testing.T) {
	url, _ := front(t, Options{})
	for path, kind := range map[string]string{
		"/": "text/html", "/main.js": "text/javascript", "/style/page.css": "text/css", "/i18n/pt-BR.json": "application/json", "/favicon.svg": "image/svg+xml",
	} {
		response, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		h := response.Header
		if response.StatusCode != 200 || !strings.HasPrefix(h.Get("Content-Type"), kind) || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %d, %v", path, response.StatusCode, h)
		}
	}
	for path, want := range map[string]int{"/none": 404, "/handshakes/12345678901234567890": 404, "/handshakes/X": 404} {
		response, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %d", path, response.StatusCode)
		}
	}
}

// Nobody fills the memory with stories, nor overwrites somebody else's.
func TestStoriesAreBounded(t *testing.T) {
	s := stories{byID: map[string]*narrate.Story{}, changed: make(chan struct{})}
	first := &narrate.Story{ID: "00000000"}
	s.put(first)
	s.put(&narrate.Story{ID: "00000000"})
	s.put(&narrate.Story{ID: "no"})
	if s.byID["00000000"] != first || len(s.byID) != 1 {
		t.Errorf("%v", s.byID)
	}
	for i := range 1000 {
		s.put(&narrate.Story{ID: "id-" + strings.Repeat("x", 5+i%50) + string(rune('a'+i/50))})
	}
	if len(s.byID) != mostStories || len(s.order) != mostStories || s.byID["00000000"] != nil {
		t.Errorf("%d stories", len(s.byID))
	}
}

// The page's texts: the same keys in both languages, and none without use.
func TestPageTexts(t *testing.T) {
	keys := func(tag string) []string {
		data, err := static.ReadFile("static/i18n/" + tag + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		decoder := json.NewDecoder(bytes.NewReader(data))
		for i := 0; ; i++ {
			token, err := decoder.Token()
			if err != nil {
				return list
			}
			if key, is := token.(string); is && i%2 == 1 {
				list = append(list, key)
			}
		}
	}
	en, pt := keys("en"), keys("pt-BR")
	if !reflect.DeepEqual(en, pt) || len(en) < 40 {
		t.Errorf("%v\n%v", en, pt)
	}
	var sources []byte
	for _, name := range []string{"index.html", "main.js", "draw.js", "connect.js"} {
		data, err := static.ReadFile("static/" + name)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, data...)
	}
	for _, key := range en {
		family := strings.HasPrefix(key, "try.") || strings.HasPrefix(key, "mark.")
		if !family && !bytes.Contains(sources, []byte(`"`+key+`"`)) && !bytes.Contains(sources, []byte(`'`+key+`'`)) {
			t.Errorf("nobody uses %s", key)
		}
	}
}

package web

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"websocket.example/01-http-vs-ws/feed"
	"websocket.example/01-http-vs-ws/link"
	"websocket.example/01-http-vs-ws/transport"
)

func TestSessionSaysWhatThePageNeeds(t *testing.T) {
	_, server := serve(t, Options{
		Rate: 7, Poll: 400 * time.Millisecond, Keepalive: 9 * time.Second,
		Link: link.Settings{RTT: 60 * time.Millisecond, Jitter: 20 * time.Millisecond, Bandwidth: 1_000_000},
	})
	tab := openTab(t, server)
	h := tab.hello
	if h.Rate != 7 || h.KeepaliveMS != 9000 || h.BandwidthBPS != 1_000_000 || h.Settings != (settings{400, 60, 20}) {
		t.Errorf("the session is %+v", h)
	}
	if h.Limits["poll_ms"] != [2]int64{50, 5000} || h.Limits["rtt_ms"] != [2]int64{0, 1000} {
		t.Errorf("limits are %v", h.Limits)
	}
	if len(h.Presets) != len(link.Presets) || h.Presets[3].Name != "4g" || h.Presets[3].RTTMS != 70 {
		t.Errorf("presets are %+v", h.Presets)
	}
	if len(h.Lanes) != len(transport.All)+2 {
		t.Errorf("lanes are %v", h.Lanes)
	}
	var model modelMessage
	tab.await("model", &model)
	if model.Settings != h.Settings || len(model.Transports) != len(transport.All) || model.Transports["sse"].MeanMS != 30 {
		t.Errorf("the model is %+v", model)
	}
	var counters countersMessage
	tab.await("counters", &counters)
	if len(counters.Lanes) != len(h.Lanes) || counters.At == 0 {
		t.Errorf("counters are %+v", counters)
	}
}

// What the program was started with is within the limits, whatever it is.
func TestLimitsIncludeTheStart(t *testing.T) {
	got := limitsWith(settings{PollMS: 20.5, RTTMS: 2500})
	if got["poll_ms"] != [2]int64{20, 5000} || got["rtt_ms"] != [2]int64{0, 2500} {
		t.Errorf("limits are %v", got)
	}
}

func TestTime(t *testing.T) {
	_, server := serve(t, Options{})
	tab := openTab(t, server)
	before := time.Now().UnixMicro()
	tab.send(`{"type":"time","c":12345.678}`)
	var answer timeMessage
	tab.await("time", &answer)
	if string(answer.C) != "12345.678" || answer.S < before || answer.S > time.Now().UnixMicro() {
		t.Errorf("the answer is %+v", answer)
	}
}

func TestSet(t *testing.T) {
	_, server := serve(t, Options{Link: link.Settings{RTT: 50 * time.Millisecond, Jitter: 30 * time.Millisecond}})
	one, other := openTab(t, server), openTab(t, server)
	for _, row := range []struct {
		text string
		want settings
	}{
		{`{"type":"set"}`, settings{1000, 50, 30}},
		{`{"type":"set","poll_ms":250}`, settings{250, 50, 30}},
		{`{"type":"set","rtt_ms":20}`, settings{250, 20, 20}}, // jitter shrinks with it
		{`{"type":"set","rtt_ms":300,"jitter_ms":60,"something":"new"}`, settings{250, 300, 60}},
		{`{"type":"set","poll_ms":5000,"rtt_ms":0}`, settings{5000, 0, 0}},
	} {
		one.await("model", new(modelMessage)) // that of the last change, or of the start
		one.send(row.text)
		var got modelMessage
		one.await("model", &got)
		if got.Settings != row.want {
			t.Errorf("after %s: %+v, want %+v", row.text, got.Settings, row.want)
		}
		one.send(`{"type":"set"}`) // the next row begins with an answer
	}

	// Another tab has settings of its own.
	other.await("model", new(modelMessage))
	other.send(`{"type":"set"}`)
	var got modelMessage
	other.await("model", &got)
	if got.Settings != (settings{1000, 50, 30}) {
		t.Errorf("one tab set another one's: %+v", got.Settings)
	}
}

func TestBadRequests(t *testing.T) {
	_, server := serve(t, Options{})
	tab := openTab(t, server)
	for _, row := range []struct{ text, code, says string }{
		{`{`, "bad_json", "JSON"},
		{`[1]`, "bad_json", "JSON"},
		{`hello`, "bad_json", "JSON"},
		{`{"type":"fly"}`, "unknown_type", `"fly"`},
		{`{}`, "unknown_type", `""`},
		{`{"type":"time"}`, "bad_value", "c:"},
		{`{"type":"set","poll_ms":49}`, "bad_value", "poll_ms: 49 is not from 50 to 5000"},
		{`{"type":"set","poll_ms":5001}`, "bad_value", "poll_ms"},
		{`{"type":"set","rtt_ms":-1}`, "bad_value", "rtt_ms"},
		{`{"type":"set","rtt_ms":1e9}`, "bad_value", "rtt_ms"},
		{`{"type":"set","rtt_ms":1e999}`, "bad_value", "rtt_ms"},
		{`{"type":"set","rtt_ms":"70"}`, "bad_value", "rtt_ms"},
		{`{"type":"set","jitter_ms":1}`, "bad_value", "jitter_ms"}, // the round trip is 0
		{`{"type":"quiet","on":"yes"}`, "bad_value", "on"},
	} {
		tab.send(row.text)
		var got errorMessage
		tab.await("error", &got)
		if got.Code != row.code || !strings.Contains(got.Message, row.says) {
			t.Errorf("%s: %+v, want %s about %s", row.text, got, row.code, row.says)
		}
	}
	// None of that ended the session, or changed it.
	tab.send(`{"type":"set"}`)
	var model modelMessage
	tab.await("model", &model)
	if model.Settings != (settings{PollMS: 1000}) {
		t.Errorf("settings are %+v", model.Settings)
	}
	// Only what is far too long does.
	tab.send(`{"type":"set","padding":"` + strings.Repeat("x", maxRequest) + `"}`)
	for {
		if _, _, err := tab.conn.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
				t.Errorf("too long a message ends the session with %v", err)
			}
			return
		}
	}
}

func TestOtherSitesGetNoSession(t *testing.T) {
	_, server := serve(t, Options{})
	_, response, err := dialTab(t, server, "http://elsewhere.example")
	if err == nil || response == nil || response.StatusCode != http.StatusForbidden {
		t.Errorf("a page of another site got %v, %v", response, err)
	}
}

// The lanes are other origins than the page, and must let this page in and
// no other.
func TestLanesKnowThePage(t *testing.T) {
	_, server := serve(t, Options{Rate: 100})
	tab := openTab(t, server)
	for origin, want := range map[string]string{server.URL: server.URL, "http://elsewhere.example": ""} {
		for _, name := range []string{transport.ShortPoll, transport.LongPoll} {
			request, err := http.NewRequest(http.MethodGet, tab.lane("http", name, "/"+name+"?after=0"), http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Origin", origin)
			request.Close = true
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if got := response.Header.Get("Access-Control-Allow-Origin"); got != want {
				t.Errorf("%s from %s: Access-Control-Allow-Origin %q, want %q", name, origin, got, want)
			}
		}
		conn, response, err := websocket.DefaultDialer.Dial(
			tab.lane("ws", transport.WebSocket, "/websocket?after=0"), http.Header{"Origin": {origin}})
		if response != nil {
			_ = response.Body.Close()
		}
		if (err == nil) != (want != "") {
			t.Errorf("websocket from %s: %v", origin, err)
		}
		if err != nil {
			continue
		}
		var e feed.Event
		if err := conn.ReadJSON(&e); err != nil || e.N != 1 {
			t.Errorf("the first event is %+v, %v", e, err)
		}
		_ = conn.Close()
	}
}

func TestQuiet(t *testing.T) {
	_, server := serve(t, Options{Rate: 200})
	tab := openTab(t, server)
	url := tab.lane("http", transport.ShortPoll, "/short-poll?after=0")
	length := func() int64 {
		response, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		n, _ := io.Copy(io.Discard, response.Body)
		return n
	}
	defer http.DefaultClient.CloseIdleConnections()
	eventually(t, "there are events", func() bool { return length() > 100 })

	var answer quietMessage
	tab.send(`{"type":"quiet","on":true}`)
	if tab.await("quiet", &answer); !answer.On {
		t.Error("it is not quiet")
	}
	// From the second batch of counters on, nothing has come since the answer.
	tab.await("counters", new(countersMessage))
	before := length()
	tab.await("counters", new(countersMessage))
	if after := length(); after != before {
		t.Errorf("in the silence the events grew from %d to %d bytes", before, after)
	}

	tab.send(`{"type":"quiet","on":false}`)
	if tab.await("quiet", &answer); answer.On {
		t.Error("it is still quiet")
	}
	eventually(t, "there are more events", func() bool { return length() > before })
}

func TestUpstreamNumbersTheRequests(t *testing.T) {
	_, server := serve(t, Options{})
	tab := openTab(t, server)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for _, row := range []struct{ lane, path, want string }{
		{upstreamKept, "/upstream", "1"}, {upstreamKept, "/upstream", "2"}, {upstreamKept, "/upstream", "3"},
		{upstreamNew, "/upstream?close", "1"}, {upstreamNew, "/upstream?close", "1"},
	} {
		request, err := http.NewRequest(http.MethodPost, tab.lane("http", row.lane, row.path), strings.NewReader("vote"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Origin", tab.origin)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if got := response.Header.Get(requestNumber); got != row.want || string(body) != "vote" ||
			response.Header.Get("Access-Control-Expose-Headers") != requestNumber {
			t.Errorf("POST %s: number %q, want %q; %q, %v", row.path, got, row.want, body, response.Header)
		}
	}
}

func TestNoMoreSessionsThanMayBe(t *testing.T) {
	_, server := serve(t, Options{Sessions: 2})
	first := openTab(t, server)
	openTab(t, server)

	conn, _, err := dialTab(t, server, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	var got errorMessage
	if err := conn.ReadJSON(&got); err != nil || got.Code != "too_many_pages" || !strings.Contains(got.Message, "2 pages") {
		t.Errorf("the third page is told %+v, %v", got, err)
	}
	if _, _, err := conn.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseTryAgainLater) {
		t.Errorf("and then %v", err)
	}

	_ = first.conn.Close()
	eventually(t, "another page takes the place", func() bool {
		conn, _, err := dialTab(t, server, server.URL)
		if err != nil {
			return false
		}
		var hello sessionMessage
		return conn.ReadJSON(&hello) == nil && hello.Type == "session"
	})
}

// Close ends sessions and lanes, says so, and lets nobody in after that.
func TestClose(t *testing.T) {
	page, err := New(Options{Rate: 50})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(page)
	defer server.Close()
	tab := openTab(t, server)
	lane, response, err := websocket.DefaultDialer.Dial(tab.lane("ws", transport.WebSocket, "/websocket?after=0"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer lane.Close()
	_ = response.Body.Close()

	page.Close()
	for err = error(nil); err == nil; {
		_, _, err = tab.conn.ReadMessage()
	}
	if !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("the page is told %v", err)
	}
	for err = error(nil); err == nil; {
		_, _, err = lane.ReadMessage()
	}
	if _, response, err := dialTab(t, server, server.URL); err == nil || response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("after Close: %v, %v", response, err)
	}
}

// A session ends with its page, and its lanes with it.
func TestSessionEndsWithThePage(t *testing.T) {
	page, server := serve(t, Options{})
	tab := openTab(t, server)
	url := tab.lane("http", transport.ShortPoll, "/short-poll")
	_ = tab.conn.Close()
	eventually(t, "the lanes are closed", func() bool {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		response, err := client.Get(url)
		if err == nil {
			_ = response.Body.Close()
		}
		return err != nil
	})
	page.mu.Lock()
	defer page.mu.Unlock()
	if page.open > 1 {
		t.Errorf("%d sessions are open", page.open)
	}
}

var errAny = errors.New("")

func TestChange(t *testing.T) {
	start := settings{PollMS: 1000, RTTMS: 70, JitterMS: 20}
	at := func(ms float64) *float64 { return &ms }
	for _, row := range []struct {
		name string
		r    request
		want settings
		err  error
	}{
		{"nothing", request{}, start, nil},
		{"poll at its least", request{PollMS: at(50)}, settings{50, 70, 20}, nil},
		{"poll at its most", request{PollMS: at(5000)}, settings{5000, 70, 20}, nil},
		{"jitter as long as the round trip", request{JitterMS: at(70)}, settings{1000, 70, 70}, nil},
		{"jitter longer than the new round trip", request{RTTMS: at(10), JitterMS: at(11)}, start, errAny},
		{"poll too short", request{PollMS: at(49.9)}, start, errAny},
		{"round trip too long", request{RTTMS: at(1000.1)}, start, errAny},
	} {
		got, err := start.change(row.r, limits)
		if (err != nil) != (row.err != nil) || err == nil && got != row.want {
			t.Errorf("%s: %+v, %v; want %+v, %v", row.name, got, err, row.want, row.err)
		}
	}
}

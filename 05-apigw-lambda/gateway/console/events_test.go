package console

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/05-apigw-lambda/gateway/trace"
)

// A reader is a page's line: it reads only when it is let, and may break.
type reader struct {
	http.ResponseWriter
	mu       sync.Mutex
	text     strings.Builder
	holds    chan struct{} // if there is one, writing waits for it to be closed
	deadline time.Time
}

func newReader() *reader { return &reader{ResponseWriter: httptest.NewRecorder()} }

func (r *reader) SetWriteDeadline(at time.Time) error {
	r.deadline = at
	return nil
}

func (r *reader) FlushError() error { return nil }

func (r *reader) Write(b []byte) (int, error) {
	if r.holds != nil {
		select {
		case <-r.holds:
		case <-time.After(time.Until(r.deadline)):
			return 0, errors.New("timeout")
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(b)
}

// said is what was read since the last time.
func (r *reader) said() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := r.text.String()
	r.text.Reset()
	return text
}

// watch serves a reader until stop is called.
func watch(t *testing.T, s *events, r *reader, lastID string) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	request := httptest.NewRequest(http.MethodGet, "/events", http.NoBody).WithContext(ctx)
	request.Header.Set("Last-Event-ID", lastID)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.ServeHTTP(r, request)
	}()
	synctest.Wait()
	return func() { cancel(); <-done }
}

func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var feed trace.Feed
		s, r := newEvents(&feed), newReader()
		stop := watch(t, s, r, "")
		if got := r.said(); got != "retry: 1000\n\n" || r.Header().Get("Content-Type") != "text/event-stream" {
			t.Errorf("at first %q, %v", got, r.Header())
		}
		feed.Tell(trace.Event{Kind: trace.Message, Text: "a\nb", Connection: ana})
		synctest.Wait()
		want := fmt.Sprintf(`id: %s.1`+"\n"+`data: {"number":1,"at":"2000-01-01T00:00:00Z","kind":"message","connection":%q,"text":"a\nb"}`+"\n\n", s.run, ana)
		if got := r.said(); got != want {
			t.Errorf("told %q,\nwant %q", got, want)
		}
		time.Sleep(heartbeat)
		synctest.Wait()
		if got := r.said(); got != ": still here\n\n" {
			t.Errorf("after a while: %q", got)
		}
		stop()
		if feed.On() {
			t.Error("who has gone still watches")
		}

		// Whoever comes late is told what was, whoever comes back what is new.
		for _, row := range []struct {
			last string
			want bool
		}{{"", true}, {s.run + ".0", true}, {s.run + ".1", false}, {"another.1", true}, {s.run + ".x", true}} {
			r := newReader()
			watch(t, s, r, row.last)()
			if got := strings.Contains(r.said(), "event: past\ndata: {\"number\":1,"); got != row.want {
				t.Errorf("with %q it is told again: %v", row.last, got)
			}
		}
	})
}

// Whoever comes back too late is told how much is forgotten.
func TestForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var feed trace.Feed
		s := newEvents(&feed)
		keeps := watch(t, s, newReader(), "")
		for range 250 {
			feed.Tell(trace.Event{Kind: trace.Opened})
		}
		r := newReader()
		watch(t, s, r, s.run+".10")()
		if got := r.said(); !strings.HasPrefix(got, "retry: 1000\n\nevent: lost\ndata: 40\n\nid: "+s.run+".51\nevent: past\n") {
			t.Errorf("%.200q", got)
		}
		keeps()
	})
}

// A page that does not read holds nobody up. When it reads again it is told
// how much it has missed; if it never does, it is left.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var feed trace.Feed
		s, slow, quick := newEvents(&feed), newReader(), newReader()
		stopQuick := watch(t, s, quick, "")
		stopSlow := watch(t, s, slow, "")
		slow.holds = make(chan struct{})
		start := time.Now()
		for range 50 {
			for range 100 {
				feed.Tell(trace.Event{Kind: trace.Opened, Text: "x"})
			}
			synctest.Wait()
		}
		if took := time.Since(start); took > 0 {
			t.Errorf("the feed waited %v", took)
		}
		if n := strings.Count(quick.said(), "data: {"); n != 5000 {
			t.Errorf("the quick one is told of %d", n)
		}
		close(slow.holds)
		synctest.Wait()
		told := slow.said()
		var lost int
		for rest := told; ; {
			_, after, found := strings.Cut(rest, "event: lost\ndata: ")
			if !found {
				break
			}
			var n int
			_, _ = fmt.Sscan(after, &n)
			lost, rest = lost+n, after
		}
		if n := strings.Count(told, "data: {"); lost == 0 || n+lost != 5000 {
			t.Errorf("the slow one is told of %d, and that %d are lost", n, lost)
		}
		slow.holds = make(chan struct{})
		feed.Tell(trace.Event{Kind: trace.Opened})
		time.Sleep(writeTimeout + time.Second)
		synctest.Wait()
		stopQuick()
		if feed.On() {
			t.Error("who never reads is still waited for")
		}
		stopSlow()
	})
}

// The same over the network, and with the server's end.
func TestEventsOverHTTP(t *testing.T) {
	var feed trace.Feed
	url := serve(t, Options{Feed: &feed})
	response, err := http.Get(url + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	all := life()
	tell(t, &feed, all...)
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for n := 0; n < len(all) && lines.Scan(); {
		data, is := strings.CutPrefix(lines.Text(), "data: ")
		if !is {
			continue
		}
		var e trace.Event
		if err := json.Unmarshal([]byte(data), &e); err != nil || e.Kind != all[n].Kind || e.Number != uint64(n+1) {
			t.Fatalf("%d: %v, %s", n, err, data)
		}
		n++
	}
	if err := lines.Err(); err != nil {
		t.Error(err)
	}
}

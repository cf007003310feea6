package transport

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"websocket.example/01-http-vs-ws/feed"
	"websocket.example/01-http-vs-ws/internal/virtualnet"
)

const (
	rtt    = 80 * time.Millisecond
	oneWay = rtt / 2
)

// A world is a server and a client with an exact round trip between them.
type world struct {
	t      *testing.T
	feed   *feed.Feed
	client *Client
	stop   func()
	start  time.Time
}

// serve starts a server in a bubble of virtual time, and stops it at the end.
func serve(t *testing.T, handler http.Handler, test func(t *testing.T, client *Client, stop func())) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := virtualnet.Listen(rtt)
		ctx, cancel := context.WithCancel(context.Background())
		server := &http.Server{Handler: handler, BaseContext: func(net.Listener) context.Context { return ctx }}
		go func() { _ = server.Serve(network) }()
		stop := func() {
			cancel()
			server.Close()
		}
		client := NewClient("http://virtual", network.Dial, nil)
		test(t, client, stop)
		client.Close()
		stop()
		time.Sleep(rtt) // virtual: until both ends know; whoever is left then is a leak
	})
}

// within builds a world: a server with a feed and a client.
func within(t *testing.T, keepalive time.Duration, test func(w *world)) {
	t.Helper()
	f := &feed.Feed{}
	serve(t, (&Server{Feed: f, Keepalive: keepalive}).Handler(), func(t *testing.T, client *Client, stop func()) {
		test(&world{t: t, feed: f, client: client, stop: stop, start: time.Now()})
	})
}

// arrivals plays events at the moments given, follows them for a time, and
// returns when each arrived, from the start.
func (w *world) arrivals(transport Transport, due []time.Duration, lasts time.Duration) []time.Duration {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), lasts)
	defer cancel()
	go feed.Play(ctx, w.feed, w.start, slices.Values(due), 0)
	var came []time.Duration
	err := transport.Follow(ctx, w.client, 0, func(e feed.Event) {
		if e.N != int64(len(came)+1) {
			w.t.Errorf("event %d came as number %d", e.N, len(came)+1)
		}
		came = append(came, time.Since(w.start))
	})
	if ctx.Err() == nil {
		w.t.Errorf("the client gave up: %v", err)
	}
	return came
}

func ms(values ...int) []time.Duration {
	var list []time.Duration
	for _, v := range values {
		list = append(list, time.Duration(v)*time.Millisecond)
	}
	return list
}

// With a round trip of 80 ms and a poll every second, to the millisecond.
func TestArrivals(t *testing.T) {
	for _, row := range []struct {
		name      string
		due, want []time.Duration
	}{
		// The connection takes 80 ms, so the first poll is at the server at
		// 120 ms. The next one starts at 1000 and is there at 1040.
		{ShortPoll, ms(110, 500, 1030, 1041), ms(160, 1080, 1080, 2080)},
		// 500 finds a request waiting. Its answer and the next request travel
		// until 580: 550 and 570 wait for that one and share it. 700 does not wait.
		{LongPoll, ms(500, 550, 570, 700), ms(540, 620, 620, 740)},
		// Nothing ever waits, however close together.
		{SSE, ms(500, 501, 550, 1041), ms(540, 541, 590, 1081)},
		{WebSocket, ms(500, 501, 550, 1041), ms(540, 541, 590, 1081)},
	} {
		t.Run(row.name, func(t *testing.T) {
			within(t, time.Minute, func(w *world) {
				i := slices.IndexFunc(All, func(t Transport) bool { return t.Name == row.name })
				if got := w.arrivals(All[i], row.due, 3*time.Second); !slices.Equal(got, row.want) {
					t.Errorf("events due at %v came at %v, want %v", row.due, got, row.want)
				}
			})
		})
	}
}

// Events that happened before a client came are delivered to it all the same.
func TestEveryTransportCatchesUp(t *testing.T) {
	for _, transport := range All {
		t.Run(transport.Name, func(t *testing.T) {
			within(t, time.Minute, func(w *world) {
				for range 1000 {
					w.feed.Publish(time.Now(), "x")
				}
				if got := len(w.arrivals(transport, nil, 3*time.Second)); got != 1000 {
					t.Errorf("%d of 1000 events came", got)
				}
			})
		})
	}
}

// A quiet hour ends no connection: that is what keep-alives are for.
func TestKeepalive(t *testing.T) {
	for _, transport := range All {
		t.Run(transport.Name, func(t *testing.T) {
			within(t, 30*time.Second, func(w *world) {
				w.client.Poll = 10 * time.Second
				if got := w.arrivals(transport, []time.Duration{time.Hour}, time.Hour+time.Minute); len(got) != 1 {
					t.Errorf("%d events came after an hour, want 1", len(got))
				}
			})
		})
	}
}

// Polls never overlap: when an answer takes longer than the interval, the
// next question follows at once.
func TestShortPollSlowerThanItsInterval(t *testing.T) {
	within(t, time.Minute, func(w *world) {
		w.client.Poll = 10 * time.Millisecond
		// Polls start at 80 (the connection stands), 160, 240, ... and are at the server 40 later.
		got := w.arrivals(All[0], ms(121, 199, 201), time.Second)
		if want := ms(240, 240, 320); !slices.Equal(got, want) {
			t.Errorf("came at %v, want %v", got, want)
		}
	})
}

// When the server goes away every client says so, and does not hang.
func TestServerGone(t *testing.T) {
	for _, transport := range All {
		t.Run(transport.Name, func(t *testing.T) {
			within(t, time.Minute, func(w *world) {
				time.AfterFunc(2*time.Second, w.stop)
				ctx, cancel := context.WithTimeout(w.t.Context(), time.Hour)
				defer cancel()
				err := transport.Follow(ctx, w.client, 0, func(feed.Event) {})
				if err == nil || errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("after %v: %v", time.Since(w.start), err)
				}
				if took := time.Since(w.start); took > 4*time.Second {
					t.Errorf("it took %v to notice", took)
				}
			})
		})
	}
}

func TestRefusals(t *testing.T) {
	for _, transport := range All {
		t.Run(transport.Name, func(t *testing.T) {
			serve(t, http.NotFoundHandler(), func(t *testing.T, client *Client, _ func()) {
				err := transport.Follow(t.Context(), client, 0, func(feed.Event) {})
				if err == nil || !strings.Contains(err.Error(), "404 Not Found") {
					t.Errorf("the error %v does not name the status", err)
				}
			})
		})
	}
}

// Opening a connection costs a round trip, the message and its answer one more.
func TestUpstream(t *testing.T) {
	within(t, time.Minute, func(w *world) {
		up, err := OpenUpstream(w.t.Context(), w.client)
		if err != nil {
			t.Fatal(err)
		}
		defer up.Close()
		for _, row := range []struct {
			name string
			send func(context.Context) (time.Duration, error)
			want time.Duration
		}{
			{"POST on a new connection", up.PostNew, 2 * rtt},
			{"POST on a kept one", up.PostKept, rtt},
			{"WebSocket message", up.Message, rtt},
			{"POST on a new connection again", up.PostNew, 2 * rtt},
		} {
			if got, err := row.send(w.t.Context()); got != row.want || err != nil {
				t.Errorf("%s took %v, %v, want %v", row.name, got, err, row.want)
			}
		}
	})
}

// A page of another site may neither poll nor open a WebSocket.
func TestOrigin(t *testing.T) {
	friend := func(origin string) bool { return origin == "http://friend" }
	for _, row := range []struct {
		origin         string
		readable, open bool
	}{
		{"", false, true}, // not a browser
		{"http://virtual", false, true},
		{"http://friend", true, true},
		{"http://stranger", false, false},
		{"http://virtual.stranger", false, false},
		{"null", false, false},
	} {
		t.Run("from "+row.origin, func(t *testing.T) {
			handler := (&Server{Feed: &feed.Feed{}, Keepalive: time.Minute, Origin: friend}).Handler()
			serve(t, handler, func(t *testing.T, client *Client, _ func()) {
				request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://virtual/"+ShortPoll, http.NoBody)
				header := http.Header{}
				if row.origin != "" {
					header.Set("Origin", row.origin)
				}
				request.Header = header.Clone()
				response, err := client.http.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				response.Body.Close()
				if got := response.Header.Get("Access-Control-Allow-Origin") != ""; got != row.readable {
					t.Errorf("a page may read the answer: %t, want %t", got, row.readable)
				}
				conn, response, err := client.dialer.DialContext(t.Context(), "ws://virtual/"+WebSocket, header)
				if got := err == nil; got != row.open {
					t.Errorf("a page may open a WebSocket: %t, want %t", got, row.open)
				}
				if err != nil && response.StatusCode != http.StatusForbidden {
					t.Errorf("refused with %s, want 403", response.Status)
				}
				if conn != nil {
					conn.Close()
				}
			})
		})
	}
}

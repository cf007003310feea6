package web

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"websocket.example/01-http-vs-ws/feed"
	"websocket.example/01-http-vs-ws/lab"
	"websocket.example/01-http-vs-ws/link"
	"websocket.example/01-http-vs-ws/transport"
)

// How the control channel is kept.
const (
	countersEvery = 500 * time.Millisecond
	pingEvery     = 20 * time.Second
	patience      = 50 * time.Second // without a sign of life the page is gone
	writeTimeout  = 5 * time.Second
	maxRequest    = 4096 // bytes
)

// A session is what the server keeps for one open page. It begins and ends
// with the control channel.
//
// Of its goroutines one reads conn (read), one writes it (run), and one
// brings the events (relay). The answers go from reader to writer.
type session struct {
	page    *Page
	conn    *websocket.Conn
	lab     *lab.Lab
	answers chan any

	feed  feed.Feed   // the page's feed, as long as it is not quiet
	quiet atomic.Bool // events are withheld

	settings settings // the reader's
	limits   map[string][2]int64
}

// upgrader lets in pages of the server's own origin, which is the default.
var upgrader = websocket.Upgrader{}

// control opens a session.
func (p *Page) control(w http.ResponseWriter, r *http.Request) {
	entrance := p.enter()
	if entrance == closed {
		http.Error(w, "the page is closed", http.StatusServiceUnavailable)
		return
	}
	defer p.leave(entrance)
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	defer func() { _ = conn.Close() }()
	if entrance == full {
		turnAway(conn, refuse("too_many_pages", fmt.Sprintf(
			"%d pages are open already: close one, and this one comes up by itself", p.options.Sessions)))
		return
	}
	s, err := p.newSession(conn, r)
	if err != nil {
		turnAway(conn, refuse("internal", err.Error()))
		return
	}
	s.run(p.ctx)
}

// turnAway says why there is no session.
func turnAway(conn *websocket.Conn, why *errorMessage) {
	_ = conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	_ = conn.WriteJSON(why)
	_ = conn.WriteMessage(websocket.CloseMessage,
		websocket.FormatCloseMessage(websocket.CloseTryAgainLater, why.Code))
}

func (p *Page) newSession(conn *websocket.Conn, r *http.Request) (*session, error) {
	o := p.options
	s := &session{page: p, conn: conn, answers: make(chan any, 16)}
	s.settings = settings{milliseconds(o.Poll), milliseconds(o.Link.RTT), milliseconds(o.Link.Jitter)}
	s.limits = limitsWith(s.settings)

	// The lanes are other origins than the page, because their ports are: the
	// server must allow this one page to read their answers.
	origin := r.Header.Get("Origin")
	server := &transport.Server{
		Feed:      &s.feed,
		Keepalive: o.Keepalive,
		Origin:    func(from string) bool { return from == origin },
	}
	names := []string{upstreamKept, upstreamNew}
	for _, t := range transport.All {
		names = append(names, t.Name)
	}
	var err error
	s.lab, err = lab.Start(numbered(server.Handler()), names, lab.Options{Host: o.Host, Link: o.Link})
	return s, err
}

// run is the session, from its first message to its last.
func (s *session) run(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	var others sync.WaitGroup
	others.Go(func() { s.relay(ctx) })
	others.Go(func() {
		defer stop()
		s.read(ctx)
	})

	s.write(ctx)
	stop()
	_ = s.conn.Close() // ends read
	others.Wait()
	s.lab.Close()
}

// relay passes the events of the page's feed on to the session's own, unless
// the page wants to hear nothing for a while.
func (s *session) relay(ctx context.Context) {
	for after := s.page.feed.Last(); ; {
		events, err := s.page.feed.Wait(ctx, after)
		if err != nil {
			return
		}
		for _, e := range events {
			after = e.N
			if !s.quiet.Load() {
				s.feed.Publish(time.UnixMicro(e.At), e.Text)
			}
		}
	}
}

// write sends what there is to say until ctx ends or the page is gone.
func (s *session) write(ctx context.Context) {
	counters, pings := time.NewTicker(countersEvery), time.NewTicker(pingEvery)
	defer counters.Stop()
	defer pings.Stop()

	send := func(message any) error {
		_ = s.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
		return s.conn.WriteJSON(message)
	}
	err := send(s.hello())
	for err == nil {
		select {
		case answer := <-s.answers:
			err = send(answer)
		case <-counters.C:
			err = send(s.counters())
		case <-pings.C:
			err = s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout))
		case <-ctx.Done():
			bye := websocket.FormatCloseMessage(websocket.CloseGoingAway, "the server stops")
			_ = s.conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(writeTimeout))
			return
		}
	}
}

// read does what the page asks for until it is gone.
func (s *session) read(ctx context.Context) {
	alive := func(string) error { return s.conn.SetReadDeadline(time.Now().Add(patience)) }
	_ = alive("")
	s.conn.SetPongHandler(alive)
	s.conn.SetReadLimit(maxRequest)

	s.answer(ctx, s.model())
	for {
		_, data, err := s.conn.ReadMessage()
		now := time.Now()
		if err != nil {
			return
		}
		_ = alive("")
		s.answer(ctx, s.handle(data, now))
	}
}

func (s *session) answer(ctx context.Context, message any) {
	select {
	case s.answers <- message:
	case <-ctx.Done():
	}
}

// handle does one thing that the page asks for, and returns the answer.
func (s *session) handle(data []byte, now time.Time) any {
	r, bad := parseRequest(data)
	if bad != nil {
		return bad
	}
	switch r.Type {
	case "time":
		if r.C == nil {
			return refuse("bad_value", "c: the page's own time is missing")
		}
		return timeMessage{"time", r.C, now.UnixMicro()}
	case "set":
		changed, err := s.settings.change(r, s.limits)
		if err != nil {
			return refuse("bad_value", err.Error())
		}
		s.settings = changed
		s.lab.SetLink(s.link())
		return s.model()
	case "quiet":
		s.quiet.Store(r.On)
		return quietMessage{"quiet", r.On}
	}
	return refuse("unknown_type", fmt.Sprintf("no message is called %q: there are set, quiet and time", r.Type))
}

func (s *session) link() link.Settings { return s.settings.link(s.page.options.Link.Bandwidth) }

func (s *session) model() modelMessage {
	return modelOf(s.settings, s.link(), s.page.options.Rate)
}

// hello is the first message.
func (s *session) hello() sessionMessage {
	o := s.page.options
	m := sessionMessage{
		Type: "session", Start: s.feed.Last(), Rate: o.Rate,
		KeepaliveMS: milliseconds(o.Keepalive), BandwidthBPS: o.Link.Bandwidth,
		Settings: settings{milliseconds(o.Poll), milliseconds(o.Link.RTT), milliseconds(o.Link.Jitter)},
		Limits:   s.limits, Lanes: make(map[string]laneAt),
	}
	for _, p := range link.Presets {
		m.Presets = append(m.Presets, preset{p.Name, milliseconds(p.RTT), milliseconds(p.Jitter)})
	}
	for name, lane := range s.lab.Lanes {
		_, port, _ := net.SplitHostPort(lane.Addr())
		number, _ := strconv.Atoi(port)
		m.Lanes[name] = laneAt{number}
	}
	return m
}

func (s *session) counters() countersMessage {
	m := countersMessage{"counters", time.Now().UnixMicro(), make(map[string]cost)}
	for name, lane := range s.lab.Lanes {
		m.Lanes[name] = costOf(lane)
	}
	return m
}

package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"websocket.example/05-apigw-lambda/gateway/id"
	"websocket.example/05-apigw-lambda/gateway/trace"
)

const (
	heartbeat    = 15 * time.Second // so that whoever stands between does not think the line dead
	writeTimeout = 10 * time.Second // a page that reads nothing for so long is left; it comes back
	batch        = 64 << 10         // bytes of one write
)

// events serves the feed. What is told are trace.Events: those that happened
// before as "past", the others as plain messages; and how many were "lost".
//
// Each has an id. A page that comes back says the last one it has seen
// (HTML, section 9.2: Last-Event-ID), and is told what came after it.
type events struct {
	feed *trace.Feed
	run  string // of the program: numbers begin anew with it
}

func newEvents(feed *trace.Feed) *events { return &events{feed, id.Hex(4)} }

func (s *events) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return
	}
	watcher, past := s.feed.Watch()
	defer s.feed.Leave(watcher)
	out := writer{run: s.run, to: http.NewResponseController(w), w: w}
	out.WriteString("retry: 1000\n\n")
	seen := s.seen(r)
	if len(past) > 0 && seen > 0 && past[0].Number > seen+1 {
		out.lost(past[0].Number - seen - 1)
	}
	for _, e := range past {
		if e.Number > seen {
			out.event("past", e)
		}
	}
	alive := time.NewTicker(heartbeat)
	defer alive.Stop()
	for out.flush() == nil {
		select {
		case <-r.Context().Done():
			return
		case e := <-watcher.C:
			out.event("message", e)
			out.drain(watcher)
		case <-alive.C:
			out.WriteString(": still here\n\n")
		}
		if n := watcher.Lost(); n > 0 {
			out.lost(n)
		}
	}
}

// seen is the number of the last event that a page has seen, of this run.
func (s *events) seen(r *http.Request) uint64 {
	run, number, _ := strings.Cut(r.Header.Get("Last-Event-ID"), ".")
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || run != s.run {
		return 0
	}
	return n
}

// A writer gathers what is written at once.
type writer struct {
	bytes.Buffer
	run string
	to  *http.ResponseController
	w   http.ResponseWriter
}

func (o *writer) event(kind string, e trace.Event) {
	data, err := json.Marshal(e) // on one line, which Server-Sent Events need
	if err != nil {
		return // a payload that is no JSON; package gateway makes none
	}
	fmt.Fprintf(o, "id: %s.%d\n", o.run, e.Number)
	if kind != "message" {
		fmt.Fprintf(o, "event: %s\n", kind)
	}
	fmt.Fprintf(o, "data: %s\n\n", data)
}

func (o *writer) lost(n uint64) { fmt.Fprintf(o, "event: lost\ndata: %d\n\n", n) }

// drain takes what else is there already.
func (o *writer) drain(from *trace.Watcher) {
	for o.Len() < batch {
		select {
		case e := <-from.C:
			o.event("message", e)
		default:
			return
		}
	}
}

func (o *writer) flush() error {
	_ = o.to.SetWriteDeadline(time.Now().Add(writeTimeout)) // where there is none, it is the server's
	if _, err := o.WriteTo(o.w); err != nil {
		return err
	}
	return o.to.Flush()
}

package tap

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"websocket.example/02-handshake/handshake"
)

// FollowOptions are what a Follower needs to know.
type FollowOptions struct {
	Conn  int                  // the number of the connection
	Now   func() time.Duration // the time of events; nil is 0 always
	Keep  int                  // how much of a payload is kept; 0 is 4 KiB
	Parts bool                 // tell all bytes of frames that are longer
	Bare  bool                 // there is no handshake: it begins with frames, uncompressed
}

// A Follower follows both directions of a connection: HTTP, and after the
// handshake frames. It does no I/O: it is fed what was read, and tells what it
// was. Any goroutine may feed it.
type Follower struct {
	options FollowOptions
	sink    Sink

	mu             sync.Mutex
	client, server direction
	asked          []question // requests whose answers have not come yet
}

// What a direction is in.
type mode int

const (
	inHead   mode = iota
	inBody        // of an HTTP message
	waiting       // a client has asked for another protocol, and the answer has not come
	inFrames      // of WebSocket
	inNoise       // it can't be followed
)

type direction struct {
	fromClient bool
	mode       mode
	head       head
	body       *body
	upgrade    bool   // the request whose body this is asks for another protocol
	held       []byte // came while waiting
	frames     *Decoder
	ended      bool
}

// A question is a request without its answer.
type question struct {
	request handshake.Request
	head    []byte
	upgrade bool // it asks for another protocol
}

// How much is held until an answer comes.
const (
	mostHeld  = 64 << 10
	mostAsked = 256
)

// Follow makes a follower of a connection.
func Follow(o FollowOptions, sink Sink) *Follower {
	if o.Now == nil {
		o.Now = func() time.Duration { return 0 }
	}
	f := &Follower{options: o, sink: sink, client: direction{fromClient: true}}
	if o.Bare {
		f.switchTo(&Handshake{})
	}
	return f
}

// Tell passes an event on, with its time and its number.
func (f *Follower) Tell(e Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tell(e)
}

func (f *Follower) tell(e Event) {
	e.stamp(f.options.Now(), f.options.Conn)
	f.sink(e)
}

// Feed takes bytes that one side has sent.
func (f *Follower) Feed(fromClient bool, b []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := &f.server
	if fromClient {
		d = &f.client
	}
	f.feed(d, b)
}

func (f *Follower) feed(d *direction, b []byte) {
	for len(b) > 0 {
		switch d.mode {
		case inHead:
			b = b[f.readHead(d, b):]
		case inBody:
			b = b[f.readBody(d, b):]
		case waiting:
			if len(d.held)+len(b) > mostHeld {
				f.lose(d, "more than 64 KiB came before the answer to the handshake", append(d.held, b...))
				return
			}
			d.held = append(d.held, b...)
			return
		case inFrames:
			d.frames.Feed(b)
			return
		case inNoise:
			f.tell(Event{Kind: Bytes, FromClient: d.fromClient, Raw: clone(b)})
			return
		}
	}
}

// lose gives up on a direction. Its bytes so far mean nothing.
func (f *Follower) lose(d *direction, why string, rest []byte) {
	d.mode, d.held, d.head = inNoise, nil, head{}
	f.tell(Event{Kind: Lost, FromClient: d.fromClient, Text: why})
	if len(rest) > 0 {
		f.tell(Event{Kind: Bytes, FromClient: d.fromClient, Raw: clone(rest)})
	}
}

func (f *Follower) readHead(d *direction, b []byte) int {
	var request handshake.Request
	var response handshake.Response
	n, whole, err := d.head.add(b, func(b []byte) (n int, err error) {
		if d.fromClient {
			request, n, err = handshake.ParseRequest(b)
		} else {
			response, n, err = handshake.ParseResponse(b)
		}
		return n, err
	})
	switch {
	case errors.Is(err, handshake.ErrIncomplete):
	case err != nil:
		f.lose(d, "this is no HTTP: "+strings.TrimPrefix(err.Error(), "handshake: "), d.head.b)
	case d.fromClient:
		f.ask(request, whole)
	default:
		f.answer(response, whole)
	}
	return n
}

// ask takes a request.
func (f *Follower) ask(r handshake.Request, whole []byte) {
	f.tell(Event{Kind: Request, FromClient: true, Text: r.Method + " " + r.Target + " " + r.Proto, Raw: whole})
	d := &f.client
	if len(f.asked) == mostAsked {
		f.lose(d, fmt.Sprintf("%d requests wait for their answers", mostAsked), nil)
		return
	}
	d.upgrade = r.Header.Count("Upgrade") > 0 || r.Method == http.MethodConnect
	f.asked = append(f.asked, question{r, whole, d.upgrade})
	d.mode, d.body = inBody, bodyOf(r.Header, false)
	f.bodyDone(d)
}

// answer takes the head of a response.
func (f *Follower) answer(r handshake.Response, whole []byte) {
	d := &f.server
	text := fmt.Sprintf("%s %d %s", r.Proto, r.Status, r.Reason)
	f.tell(Event{Kind: Response, Text: strings.TrimSpace(text), Raw: whole})
	if r.Status < 200 && r.Status != http.StatusSwitchingProtocols {
		return // RFC 9110, section 15.2: the answer is still to come
	}
	q := question{request: handshake.Request{Method: http.MethodGet}}
	if len(f.asked) > 0 {
		q, f.asked = f.asked[0], f.asked[1:]
	}
	webSocket := asksForWebSocket(&q.request)
	if webSocket {
		h := shake(q, r, whole)
		f.tell(Event{Kind: Shaken, Handshake: h})
		if h.Accepted {
			f.switchTo(h)
			return
		}
	}
	tunnel := q.request.Method == http.MethodConnect && r.Status < 300
	if tunnel || r.Status == http.StatusSwitchingProtocols {
		f.noise("from here on it is another protocol than WebSocket")
		return
	}
	d.body = bodyOf(r.Header, true)
	// RFC 9110, section 6.4.1: these have no body, whatever their header says.
	if q.request.Method == http.MethodHead || r.Status == http.StatusNoContent || r.Status == http.StatusNotModified {
		d.body = &body{}
	}
	d.mode = inBody
	f.bodyDone(d)
	if q.upgrade {
		f.proceed(inHead) // the client speaks HTTP on
	}
}

// switchTo makes both directions frames.
func (f *Follower) switchTo(h *Handshake) {
	f.asked = nil
	for _, d := range []*direction{&f.server, &f.client} {
		d.frames = NewDecoder(DecoderOptions{
			FromClient: d.fromClient, Deflate: h.Deflate, AnyRSV: h.Unknown != "", Keep: f.options.Keep, Parts: f.options.Parts,
		}, f.tell)
	}
	f.server.mode = inFrames
	f.proceed(inFrames)
}

// noise gives up on both directions.
func (f *Follower) noise(why string) {
	f.asked = nil
	f.lose(&f.server, why, nil)
	if c := &f.client; c.mode != inNoise {
		f.lose(c, why, append(c.head.b, c.held...))
	}
}

// proceed ends the client's waiting.
func (f *Follower) proceed(m mode) {
	d := &f.client
	if d.mode == inNoise || m == inHead && d.mode != waiting {
		d.upgrade = false
		return
	}
	rest := append(d.head.b, d.held...)
	d.mode, d.held, d.head = m, nil, head{}
	f.feed(d, rest)
	if d.ended {
		f.finish(d)
	}
}

// readBody takes bytes of a body.
func (f *Follower) readBody(d *direction, b []byte) int {
	n, data := d.body.next(b)
	e := Event{Kind: Body, FromClient: d.fromClient, Raw: clone(b[:n])}
	if data {
		e.Data = e.Raw
	}
	f.tell(e)
	if d.body.err != nil {
		f.lose(d, "this is no HTTP: "+d.body.err.Error(), nil)
		return n
	}
	f.bodyDone(d)
	return n
}

func (f *Follower) bodyDone(d *direction) {
	if !d.body.done() {
		return
	}
	d.mode, d.body = inHead, nil
	if d.upgrade {
		d.mode, d.upgrade = waiting, false
	}
}

// End says that one side sends no more, and what is unusual about that, if
// something is. A reset is the end by an error.
func (f *Follower) End(fromClient bool, unusual error, reset bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := &f.server
	if fromClient {
		d = &f.client
	}
	if d.ended {
		return
	}
	d.ended = true
	if d.mode != waiting {
		f.finish(d)
	}
	f.tell(Event{Kind: End, FromClient: fromClient, Text: text(unusual), Reset: reset})
}

// Close says that the connection is over.
func (f *Follower) Close(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.finish(&f.client)
	f.finish(&f.server)
	f.tell(Event{Kind: Closed, Text: text(err)})
}

// finish tells what a direction has begun and not ended.
func (f *Follower) finish(d *direction) {
	if d.frames != nil {
		d.frames.End()
	}
	if rest := append(d.head.b, d.held...); len(rest) > 0 {
		f.lose(d, "it ends inside the head of a message", rest)
	}
	d.mode = inNoise
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

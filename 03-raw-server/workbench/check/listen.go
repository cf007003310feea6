package check

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"websocket.example/02-handshake/handshake"
)

// Listen plays the server, and grades the client that connects: again and
// again, to any path, each time for one case. The client echoes messages until
// the connection ends. When there are no more cases it is told 410 Gone.
//
// Listen takes the listener over. When the context ends, or no client comes
// for 10 s after the first, it reports what there is; an error means that
// nobody came at all.
func Listen(ctx context.Context, l net.Listener, o Options) (*Report, error) {
	o = o.complete()
	x := &examiner{o: o, cases: Cases(o, true), life: make(chan struct{}, 1), over: make(chan struct{}), told: make(chan struct{}, 1)}
	x.results = make([]Result, len(x.cases))
	x.turn.L = &x.mu
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var work sync.WaitGroup
	work.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() { x.receive(ctx, nc) })
		}
	})
	x.wait(ctx)
	cancel()
	x.finish()
	l.Close()
	work.Wait()
	return x.report()
}

// An examiner hands out cases to connections.
type examiner struct {
	o     Options
	cases []*Case

	mu      sync.Mutex
	turn    sync.Cond
	results []Result // of the cases, in their order
	next    int      // the case that is handed out next
	done    int
	stopped int // the stage after which there are no more
	closed  bool
	peer    string
	keys    []string // of all handshakes
	start   time.Time

	life chan struct{} // somebody came
	over chan struct{} // there are no more cases
	told chan struct{} // and the client knows
}

// patience is how long a client may take to come again.
const patience = 10 * time.Second

func (x *examiner) wait(ctx context.Context) {
	idle := time.NewTimer(patience)
	idle.Stop()
	defer idle.Stop()
	for {
		select {
		case <-x.life:
			idle.Reset(patience)
			continue
		case <-ctx.Done():
			return
		case <-idle.C:
			return
		case <-x.over:
		}
		idle.Reset(x.o.Limit)
		select { // so that the client's next connection is not refused
		case <-x.told:
		case <-idle.C:
		case <-ctx.Done():
		}
		return
	}
}

func (x *examiner) finish() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.closed = true
	x.turn.Broadcast()
}

func (x *examiner) report() (*Report, error) {
	if x.start.IsZero() {
		return nil, errors.New("no client has come")
	}
	r := &Report{Peer: x.peer, Client: true, Full: x.o.Full, Strict: x.o.Strict, At: x.start, Took: time.Since(x.start), Stopped: x.stopped}
	for i := range x.results {
		switch {
		case x.results[i].Case != nil:
			r.Results = append(r.Results, x.results[i])
		case x.stopped == 0:
			r.Missing++
		}
	}
	if !x.o.Full {
		skip(r.Results)
	}
	return r, nil
}

// receive is one connection: the handshake, and a case.
func (x *examiner) receive(ctx context.Context, nc net.Conn) {
	defer nc.Close()
	defer context.AfterFunc(ctx, func() { nc.Close() })()
	_ = nc.SetDeadline(time.Now().Add(patience)) // if it fails, so does reading
	request, rest, err := readRequest(nc)
	if err != nil {
		return
	}
	if !x.greet(&request) {
		x.refuse(nc, &handshake.Error{Status: http.StatusGone, Reason: "there are no more cases"})
		return
	}
	h, err := (&handshake.Options{Origin: handshake.AnyOrigin}).Judge(ctx, &request)
	if e, is := errors.AsType[*handshake.Error](err); is {
		x.refuse(nc, e)
		return
	}
	offers, _ := request.Extensions()
	i, p, answer := x.pick(offers)
	if i < 0 {
		x.refuse(nc, &handshake.Error{Status: http.StatusGone, Reason: "there are no more cases"})
		select {
		case x.told <- struct{}{}:
		default:
		}
		return
	}
	x.put(i, x.examine(ctx, x.cases[i], nc, h, rest, p, answer))
}

// greet takes note of a client, and says whether it is one.
func (x *examiner) greet(r *handshake.Request) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return false
	}
	if x.start.IsZero() {
		x.start = time.Now()
		if x.peer = r.Header.Get("User-Agent"); x.peer == "" {
			x.peer = "(no User-Agent)"
		}
	}
	select {
	case x.life <- struct{}{}:
	default:
	}
	return true
}

func (x *examiner) refuse(nc net.Conn, e *handshake.Error) {
	response, body := e.Response(true)
	_, _ = nc.Write(append(response.Append(nil), body...)) // if it fails, the client has gone
	if half, can := nc.(interface{ CloseWrite() error }); can && half.CloseWrite() == nil {
		_ = nc.SetDeadline(time.Now().Add(time.Second))
		_, _ = nc.Read(make([]byte, 1)) // until the client has read it
	}
}

func readRequest(nc net.Conn) (r handshake.Request, rest []byte, err error) {
	var came []byte
	chunk := make([]byte, 4096)
	for len(came) < 64<<10 {
		n, err := nc.Read(chunk)
		came = append(came, chunk[:n]...)
		if n == 0 && err != nil {
			return r, nil, err
		}
		r, end, err := handshake.ParseRequest(came)
		if !errors.Is(err, handshake.ErrIncomplete) {
			return r, append([]byte(nil), came[end:]...), err
		}
	}
	return r, nil, errors.New("a request of more than 64 KiB")
}

// pick hands out the next case that the offers allow. It waits while a stage
// of the lesson is not complete; -1 is none.
func (x *examiner) pick(offers []handshake.Extension) (int, params, []handshake.Extension) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for !x.closed {
		if x.next == len(x.cases) {
			break
		}
		i, c := x.next, x.cases[x.next]
		if !x.o.Full && x.done < i && x.cases[i-1].Stage != c.Stage {
			x.turn.Wait()
			continue
		}
		if x.stopAfter(i) {
			break
		}
		x.next++
		p, answer, ok := c.terms.accept(offers)
		if ok {
			return i, p, answer
		}
		r := Result{Case: c}
		r.judge(absent("no-deflate"), x.o.Strict)
		x.record(i, r)
	}
	return -1, nil, nil
}

// stopAfter says whether the lesson has stopped before case i.
func (x *examiner) stopAfter(i int) bool {
	if x.o.Full || x.o.All || i == 0 || x.cases[i].Stage == x.cases[i-1].Stage {
		return false
	}
	graded := append([]Result(nil), x.results[:i]...)
	skip(graded)
	if countFailed(graded) == 0 {
		return false
	}
	x.stopped = x.cases[i-1].Stage
	x.next = len(x.cases)
	x.end()
	return true
}

func (x *examiner) put(i int, r Result) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.record(i, r)
}

func (x *examiner) record(i int, r Result) {
	x.results[i] = r
	x.done++
	x.o.Progress(x.done, len(x.cases))
	x.turn.Broadcast()
	if x.done == len(x.cases) {
		x.end()
	}
}

func (x *examiner) end() {
	select {
	case <-x.over:
	default:
		close(x.over)
	}
}

// examine is one case.
func (x *examiner) examine(ctx context.Context, c *Case, nc net.Conn, h *handshake.Handshake, rest []byte, p params, answer []handshake.Extension) Result {
	start := time.Now()
	limit := x.o.Limit
	if c.large {
		limit *= 8
	}
	for _, e := range answer {
		h.Response.Header.Add("Sec-WebSocket-Extensions", e.String())
	}
	if c.spoil != nil {
		c.spoil(&h.Response)
	}
	t, end := newTalk(ctx, nc, false, limit, rest)
	defer end()
	t.pmd = newPMD(p, false)
	t.sawHandshake(h)
	var f *Finding
	if c.asked != nil {
		f = c.asked(&h.Request, x.keysBefore(&h.Request))
	} else {
		x.keysBefore(&h.Request)
	}
	first := h.Response.Append(nil)
	for _, s := range c.early {
		_, wire := s.wire(t)
		t.note(true, wire)
		first = append(first, wire...)
	}
	if _, err := nc.Write(first); err != nil && f == nil {
		f = found("no-connection", "why", err)
	}
	_ = nc.SetDeadline(time.Time{})
	if f == nil {
		f = t.run(c)
	}
	r := Result{Case: c, Log: t.log}
	r.judge(f, x.o.Strict)
	r.Took = time.Since(start)
	return r
}

// sawHandshake puts the lines that matter into the record.
func (t *talk) sawHandshake(h *handshake.Handshake) {
	for _, v := range h.Request.Header.Values("Sec-WebSocket-Extensions") {
		t.log = append(t.log, Event{Note: "log.line", Line: "Sec-WebSocket-Extensions: " + v})
	}
	t.log = append(t.log, Event{Sent: true, Note: "log.line", Line: answerLine(&h.Response)})
}

// keysBefore are the keys of the handshakes before this one.
func (x *examiner) keysBefore(r *handshake.Request) []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	before := x.keys
	x.keys = append(x.keys, r.Header.Get("Sec-WebSocket-Key"))
	return before
}

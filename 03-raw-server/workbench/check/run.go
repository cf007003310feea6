package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"websocket.example/02-handshake/handshake"
)

// Run grades the server at a ws or wss URL, which must echo messages. An
// error means that there was nobody to grade.
func Run(ctx context.Context, address string, o Options) (*Report, error) {
	o = o.complete()
	u, err := handshake.ParseURL(address)
	if err != nil {
		return nil, err
	}
	g := &grader{u: u, o: o}
	start := time.Now()
	if err := g.probe(ctx); err != nil {
		return nil, err
	}
	cases := Cases(o, false)
	report := &Report{Peer: u.Redacted(), Full: o.Full, Strict: o.Strict, At: start}
	g.total = len(cases)
	if o.Full {
		report.Results = g.full(ctx, cases)
	} else {
		report.Results, report.Stopped = g.lesson(ctx, cases)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	report.Gone = g.isGone()
	report.Took = time.Since(start)
	return report, nil
}

// A grader runs cases against one server.
type grader struct {
	u *url.URL
	o Options

	mu          sync.Mutex
	done, total int
	gone        bool // nobody listens any more
}

// lesson grades stage by stage.
func (g *grader) lesson(ctx context.Context, cases []*Case) (results []Result, stopped int) {
	for stage := 1; stage <= Stages; stage++ {
		var these []*Case
		for _, c := range cases {
			if c.Stage == stage {
				these = append(these, c)
			}
		}
		graded := g.sideBySide(ctx, these, g.o.Side)
		skip(graded)
		results = append(results, graded...)
		if g.isGone() || !g.o.All && stage < Stages && g.o.Stage == 0 && countFailed(graded) > 0 {
			return results, stage
		}
	}
	return results, 0
}

// skip forgets findings that only repeat another one.
func skip(results []Result) {
	bad := map[string]bool{}
	for i := range results {
		r := &results[i]
		if r.Verdict == OK {
			continue
		}
		if bad[r.Needs] {
			r.Verdict, r.Finding = Skipped, nil
		}
		bad[r.ID] = r.Verdict != NotStrict
	}
}

func countFailed(results []Result) int { return (&Report{Results: results}).Count(Failed) }

// full grades everything at once, and what needs the whole machine last.
func (g *grader) full(ctx context.Context, cases []*Case) []Result {
	var small, large, opening []*Case
	for _, c := range cases {
		switch {
		case c.opening != nil:
			opening = append(opening, c)
		case c.large:
			large = append(large, c)
		default:
			small = append(small, c)
		}
	}
	byCase := g.openings(ctx, opening)
	for _, r := range append(g.sideBySide(ctx, small, g.o.Side), g.sideBySide(ctx, large, 2)...) {
		byCase[r.Case] = r
	}
	var results []Result
	for _, c := range cases {
		results = append(results, byCase[c])
	}
	return results
}

// sideBySide grades cases: each has a connection of its own, and most of
// their time is waiting.
func (g *grader) sideBySide(ctx context.Context, cases []*Case, n int) []Result {
	results := make([]Result, len(cases))
	turn := make(chan struct{}, n)
	var work sync.WaitGroup
	for i, c := range cases {
		turn <- struct{}{}
		work.Go(func() {
			switch {
			case ctx.Err() != nil:
			case g.isGone():
				results[i] = Result{Case: c, Verdict: Skipped}
			default:
				results[i] = g.grade(ctx, c)
			}
			g.tick()
			<-turn
		})
	}
	work.Wait()
	return results
}

func (g *grader) tick() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.done++
	g.o.Progress(g.done, g.total)
}

// grade is one case: a connection, its steps, and the verdict.
func (g *grader) grade(ctx context.Context, c *Case) Result {
	start := time.Now()
	limit := g.o.Limit
	if c.large {
		limit *= 8
	}
	r := Result{Case: c}
	nc, rest, p, f := g.open(ctx, c, limit, &r.Log)
	if f == nil {
		t, end := newTalk(ctx, nc, true, limit, rest)
		t.log, t.pmd = r.Log, newPMD(p, true)
		f = t.run(c)
		end()
		r.Log = t.log
	}
	if f != nil && g.crashed(ctx, f) {
		f = &Finding{Text: say("found.crashed"), Verdict: Failed, grave: true}
	}
	r.judge(f, g.o.Strict)
	r.Took = time.Since(start)
	return r
}

// crashed says whether the connection was lost because the whole program was.
func (g *grader) crashed(ctx context.Context, f *Finding) bool {
	switch f.Name() {
	case "cut", "closed", "reset", "close-cut", "no-connection", "no-answer":
	default:
		return false
	}
	nc, err := g.connect(ctx, g.o.Limit)
	if err == nil {
		nc.Close()
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.gone = ctx.Err() == nil
	return g.gone
}

// isGone says whether there is nobody to grade any more.
func (g *grader) isGone() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.gone
}

// run takes the steps of a case.
func (t *talk) run(c *Case) *Finding {
	for _, s := range c.steps {
		if f := s(t); f != nil {
			return f
		}
	}
	return nil
}

// judge makes a verdict of a finding.
func (r *Result) judge(f *Finding, strict bool) {
	r.Finding, r.Verdict = f, OK
	if f == nil {
		return
	}
	r.Verdict = f.Verdict
	if r.Verdict == Failed && r.Level == Strict && !f.grave {
		r.Verdict = NotStrict
	}
	if r.Verdict == NotStrict && strict {
		r.Verdict = Failed
	}
}

// probe looks whether somebody is there who speaks WebSocket.
func (g *grader) probe(ctx context.Context) error {
	var log []Event
	nc, err := g.connect(ctx, 10*g.o.Limit)
	if err != nil {
		return fmt.Errorf("nobody answers at %s: %w", g.u.Redacted(), err)
	}
	defer nc.Close()
	defer context.AfterFunc(ctx, func() { nc.Close() })()
	_ = nc.SetDeadline(time.Now().Add(10 * g.o.Limit)) // if it fails, so does reading
	r, _, err := g.ask(nc, "", &log)
	switch {
	case err != nil:
		return fmt.Errorf("no handshake with %s: %w: the check of step 02 tells more", g.u.Redacted(), err)
	case r.Status != http.StatusSwitchingProtocols:
		return fmt.Errorf("%s answers the handshake with %d %s instead of 101: the check of step 02 tells more", g.u.Redacted(), r.Status, r.Reason)
	}
	return nil
}

func (g *grader) connect(ctx context.Context, limit time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return (&handshake.DialOptions{TLS: g.o.TLS, Timeout: limit}).Connect(ctx, g.u)
}

// open does the handshake of a case.
func (g *grader) open(ctx context.Context, c *Case, limit time.Duration, log *[]Event) (nc net.Conn, rest []byte, p params, f *Finding) {
	nc, err := g.connect(ctx, limit)
	if err != nil {
		return nil, nil, nil, found("no-connection", "why", err)
	}
	defer func() {
		if f != nil {
			nc.Close()
			nc = nil
		}
	}()
	defer context.AfterFunc(ctx, func() { nc.Close() })()
	_ = nc.SetDeadline(time.Now().Add(limit)) // if it fails, so does reading
	offer := c.terms.ask()
	r, rest, err := g.ask(nc, offer, log)
	if err != nil {
		return nc, nil, nil, found("no-answer", "why", err).in(rfc("4.2.2"))
	}
	a := answered{offer: offer, status: r.Status}
	for i, v := range r.Header.Values("Sec-WebSocket-Extensions") {
		if i > 0 {
			a.line += ", "
		}
		a.line += v
	}
	a.list, a.err = handshake.ParseExtensions(r.Header.Values("Sec-WebSocket-Extensions")...)
	if a.status != http.StatusSwitchingProtocols && (c.terms == nil || c.terms.judge == nil) {
		return nc, nil, nil, found("no-101", "status", a.status).in(rfc("4.2.2"))
	}
	p, f = c.terms.agree(a)
	_ = nc.SetDeadline(time.Time{})
	return nc, rest, p, f
}

// ask sends the request of a handshake and reads the answer.
func (g *grader) ask(nc net.Conn, offer string, log *[]Event) (r handshake.Response, rest []byte, err error) {
	request, err := handshake.NewRequest(g.u, &handshake.DialOptions{Header: g.o.Header})
	if err != nil {
		return r, nil, err
	}
	if offer != "" {
		request.Header.Add("Sec-WebSocket-Extensions", offer)
	}
	if _, err := nc.Write(request.Append(nil)); err != nil {
		return r, nil, err
	}
	if offer != "" {
		*log = append(*log, Event{Sent: true, Note: "log.line", Line: "Sec-WebSocket-Extensions: " + offer})
	}
	var came []byte
	chunk := make([]byte, 4096)
	for len(came) < 64<<10 {
		n, err := nc.Read(chunk)
		came = append(came, chunk[:n]...)
		if n > 0 {
			r, end, broken := handshake.ParseResponse(came)
			if errors.Is(broken, handshake.ErrIncomplete) {
				continue
			}
			if broken == nil && (offer != "" || r.Status != http.StatusSwitchingProtocols) {
				*log = append(*log, Event{Note: "log.line", Line: answerLine(&r)})
			}
			return r, append([]byte(nil), came[end:]...), broken
		}
		if errors.Is(err, io.EOF) {
			return r, nil, fmt.Errorf("the connection was closed after %d bytes", len(came))
		}
		if err != nil {
			return r, nil, err
		}
	}
	return r, nil, errors.New("an answer of more than 64 KiB")
}

func answerLine(r *handshake.Response) string {
	line := fmt.Sprintf("%s %d %s", r.Proto, r.Status, r.Reason)
	for _, v := range r.Header.Values("Sec-WebSocket-Extensions") {
		line += "  Sec-WebSocket-Extensions: " + v
	}
	return line
}

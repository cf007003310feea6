// Package check grades anybody's chat server over the wire, in stages,
// whatever the server is written in. A case is a conversation in a room of
// its own: guests come, say something, and hear what they must.
//
//	cases.go                       all cases, in the order in which they are worth mending
//	scene.go, guest.go, event.go   a room, who is in it, and what they hear
//	stage_*.go                     the conversations
//	text.go                        a report for a terminal; json.go for programs
//
// Texts stand in i18n, in both languages.
package check

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Level says how much a case matters.
type Level string

// All there are.
const (
	Core   Level = "core"   // without it there is no chat
	Must   Level = "must"   // a client of this chat relies on it
	Strict Level = "strict" // good servers differ; counts only with Config.Strict
)

// A Verdict is what came of a case.
type Verdict string

// All there are.
const (
	OK        Verdict = "ok"
	Failed    Verdict = "failed"
	NotStrict Verdict = "not strict" // it failed, and it is strict, and that was not asked for
	Skipped   Verdict = "skipped"    // it could only repeat what another case has found, or nobody wants to wait for it
)

// Config says whom to grade, and how.
type Config struct {
	URL    *url.URL // ws or wss
	Stage  int      // grade this stage alone; 0 is all
	All    bool     // go on after a stage that failed
	Strict bool     // strict cases count
	// Patience is how long a server may take to notice that a client is dead.
	// With 0 it is not asked.
	Patience time.Duration
	Limit    time.Duration // for one answer; 0 is 1.5 s
	// Floods is how often 160 kilobytes are said while somebody does not read;
	// 0 is 36. Less is quicker, and may not fill the sockets of a server.
	Floods int

	floodText int          // how long what they say is, for the tests of this package; 0 is 8 KiB
	without   string       // a case that a test leaves out
	run       string       // part of every room's name, so that no run meets another
	gone      *atomic.Bool // nobody listens any more
}

// A Result is one case and what came of it.
type Result struct {
	*Case
	Verdict Verdict
	Finding *Finding // what is wrong, nil if the verdict is OK or Skipped
	Took    time.Duration
}

// A Report is the results in the order of the cases.
type Report struct {
	Peer    string // the URL of the server
	Strict  bool
	Results []Result
	Stopped int  // the stage after which it stopped because of failures; 0 if it went on to the end
	Gone    bool // the server has crashed, and cases were skipped for it
	Waived  bool // nobody wanted to wait for the dead
	At      time.Time
	Took    time.Duration
}

// Passed says whether nothing that counts has failed.
func (r *Report) Passed() bool { return r.Count(Failed) == 0 }

// Count says how many cases have this verdict.
func (r *Report) Count(v Verdict) int {
	n := 0
	for _, result := range r.Results {
		if result.Verdict == v {
			n++
		}
	}
	return n
}

// Run grades a server. An error means that there was nobody to grade.
func Run(ctx context.Context, c Config) (*Report, error) {
	if c.Limit == 0 {
		c.Limit = 1500 * time.Millisecond
	}
	if c.Floods == 0 {
		c.Floods = floods
	}
	if c.floodText == 0 {
		c.floodText = floodText
	}
	start := time.Now()
	c.run, c.gone = fmt.Sprintf("check-%05x", rand.N(1<<20)), new(atomic.Bool)
	if err := c.knock(ctx); err != nil {
		return nil, err
	}
	report := &Report{Peer: c.URL.Redacted(), Strict: c.Strict, At: start, Waived: c.Patience == 0}
	for stage := 1; stage <= Stages; stage++ {
		if c.Stage != 0 && stage != c.Stage {
			continue
		}
		report.Results = append(report.Results, c.stage(ctx, stage)...)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if c.gone.Load() || !report.Passed() && !c.All && stage < Stages && c.Stage == 0 {
			report.Stopped = stage
			break
		}
	}
	report.Gone = c.gone.Load()
	report.Took = time.Since(start)
	return report, nil
}

// knock says whether there is a WebSocket server at all.
func (c *Config) knock(ctx context.Context) error {
	ws, status, err := c.dial(ctx)
	switch {
	case err == nil:
		return ws.Close()
	case status != "":
		return fmt.Errorf("%s answers the handshake with %s instead of 101: the check of step 02 tells more", c.URL.Redacted(), status)
	}
	return fmt.Errorf("nobody answers at %s: %w", c.URL.Redacted(), err)
}

// stage runs its cases side by side: each has a room of its own, and most of
// their time is waiting.
func (c *Config) stage(ctx context.Context, stage int) []Result {
	const sideBySide = 8
	var results []Result
	turns := map[string]*turn{}
	for i := range Cases {
		if Cases[i].Stage == stage && Cases[i].ID != c.without {
			results = append(results, Result{Case: &Cases[i], Verdict: Skipped})
			turns[Cases[i].ID] = &turn{over: make(chan struct{})}
		}
	}
	seats := make(chan struct{}, sideBySide)
	var work sync.WaitGroup
	for i := range results {
		seats <- struct{}{} // what a case needs stands before it, and has a seat
		work.Go(func() {
			r := &results[i]
			mine, needed := turns[r.ID], turns[r.Needs]
			if r.waits || needed.well() { // who waits for the dead does not do it twice
				c.grade(ctx, r)
			}
			if !needed.well() { // it could only repeat what that one has found
				r.Verdict, r.Finding = Skipped, nil
			}
			mine.good = r.Verdict == OK || r.Verdict == NotStrict
			close(mine.over)
			<-seats
		})
	}
	work.Wait()
	return results
}

// A turn is of one case.
type turn struct {
	over chan struct{}
	good bool // when it is over
}

// well waits until it is over.
func (t *turn) well() bool {
	if t == nil {
		return true
	}
	<-t.over
	return t.good
}

func (c *Config) grade(ctx context.Context, r *Result) {
	if c.gone.Load() || r.waits && c.Patience == 0 {
		return
	}
	start := time.Now()
	r.Finding = c.play(ctx, r.Case)
	r.Took = time.Since(start)
	switch {
	case r.Finding == nil:
		r.Verdict = OK
	case r.Finding.cut && c.crashed(ctx):
		r.Finding, r.Verdict = &Finding{Key: "crashed"}, Failed
	case r.Level == Strict && !c.Strict:
		r.Verdict = NotStrict
	default:
		r.Verdict = Failed
	}
}

// crashed says whether a connection was lost because the whole program was.
func (c *Config) crashed(ctx context.Context) bool {
	port := c.URL.Port()
	if port == "" {
		port = map[string]string{"ws": "80", "wss": "443"}[strings.ToLower(c.URL.Scheme)]
	}
	d := net.Dialer{Timeout: c.Limit}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(c.URL.Hostname(), port))
	if err == nil {
		conn.Close()
		return false
	}
	if ctx.Err() == nil {
		c.gone.Store(true)
	}
	return c.gone.Load()
}

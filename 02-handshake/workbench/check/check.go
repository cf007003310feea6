// Package check grades anybody's opening handshake over the wire, in stages,
// whatever the server is written in. A case is a connection of its own: what
// is sent on it, and a function that judges what comes back.
//
//	cases.go     all cases, in the order in which they are worth mending
//	probe.go     a connection
//	judge.go     the judges; accept.go knows the classic wrong proofs
//	text.go      a report for a terminal; json.go for programs
//
// Texts stand in i18n, in both languages.
package check

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"websocket.example/02-handshake/handshake"
)

// A Level says how much a case matters.
type Level string

const (
	Core   Level = "core"   // without it no client connects
	Must   Level = "must"   // the RFC demands it, and good servers do it
	Strict Level = "strict" // the RFC says so, and good servers differ; counts only with Config.Strict
)

// A Verdict is what came of a case.
type Verdict string

const (
	OK        Verdict = "ok"
	Failed    Verdict = "failed"
	NotStrict Verdict = "not strict" // it failed, and it is strict, and that was not asked for
	Skipped   Verdict = "skipped"    // it could only repeat what another case has found
)

// Config says whom to grade, and how.
type Config struct {
	URL    *url.URL         // ws or wss, as handshake.ParseURL returns it
	Header handshake.Header // added to every request, for servers that want a cookie
	TLS    *tls.Config      // for wss
	Stage  int              // grade this stage alone; 0 is all
	All    bool             // go on after a stage that failed
	Strict bool             // strict cases count
	Limit  time.Duration    // for one case; 0 is 1.5 s

	now  func() time.Time
	gone *atomic.Bool // nobody listens any more
}

// A Result is one case and what came of it.
type Result struct {
	*Case
	Verdict Verdict
	Finding *Finding // what is wrong, nil if the verdict is OK or Skipped
	Sent    []byte
	Came    []byte
	Took    time.Duration
}

// A Report is the results in the order of the cases.
type Report struct {
	Peer    string // the URL of the server
	Strict  bool
	Results []Result
	Stopped int  // the stage after which it stopped because of failures; 0 if it went on to the end
	Gone    bool // the server has crashed, and cases were skipped for it
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
	if c.now == nil {
		c.now = time.Now
	}
	start := c.now()
	c.gone = new(atomic.Bool)
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	conn.Close()
	report := &Report{Peer: c.URL.Redacted(), Strict: c.Strict, At: start}
	for stage := 1; stage <= Stages; stage++ {
		if c.Stage != 0 && stage != c.Stage {
			continue
		}
		results := c.stage(ctx, stage)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		report.Results = append(report.Results, results...)
		if c.gone.Load() || !report.Passed() && !c.All && stage < Stages && c.Stage == 0 {
			report.Stopped = stage
			break
		}
	}
	report.Gone = c.gone.Load()
	report.Took = c.now().Sub(start)
	return report, nil
}

// stage runs its cases side by side: each has a connection of its own, and
// most of their time is waiting.
func (c *Config) stage(ctx context.Context, stage int) []Result {
	const sideBySide = 8
	var results []Result
	for i := range Cases {
		if Cases[i].Stage == stage {
			results = append(results, Result{Case: &Cases[i]})
		}
	}
	turn := make(chan struct{}, sideBySide)
	var work sync.WaitGroup
	for i := range results {
		turn <- struct{}{}
		work.Go(func() {
			if results[i].Verdict = Skipped; !c.gone.Load() {
				c.grade(ctx, &results[i])
			}
			<-turn
		})
	}
	work.Wait()
	skip(results)
	return results
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

func (c *Config) grade(ctx context.Context, r *Result) {
	start := c.now()
	p := c.probe(ctx, r.Case)
	r.Sent, r.Came, r.Took = p.sent, p.came, c.now().Sub(start)
	switch r.Finding = r.judge(p); {
	case r.Finding == nil:
		r.Verdict = OK
	case c.crashed(ctx, p):
		r.Finding, r.Verdict = found("crashed"), Failed
	case r.Level == Strict && !c.Strict:
		r.Verdict = NotStrict
	default:
		r.Verdict = Failed
	}
}

// crashed says whether the connection was lost because the whole program was.
func (c *Config) crashed(ctx context.Context, p *probe) bool {
	if p.err == nil || errors.Is(p.err, errSilence) {
		return false
	}
	conn, err := c.dial(ctx)
	if err == nil {
		conn.Close()
		return false
	}
	if ctx.Err() == nil {
		c.gone.Store(true)
	}
	return c.gone.Load()
}

// dial opens a connection, through a proxy and with TLS if it must be.
func (c *Config) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Limit)
	defer cancel()
	conn, err := (&handshake.DialOptions{TLS: c.TLS, Timeout: c.Limit}).Connect(ctx, c.URL)
	if err != nil {
		return nil, fmt.Errorf("nobody answers at %s: %w", c.URL.Redacted(), err)
	}
	return conn, nil
}

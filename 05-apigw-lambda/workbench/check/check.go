// Package check holds an API Gateway against what is known of it: a table of
// behaviours, each tried on connections of its own, from outside. It neither
// knows nor cares what is at the other end: the gateway of this step, AWS
// with the stack of deploy/probe, or another program that says it is like AWS.
//
//	check.go      who is asked, and what comes of it
//	row.go        what a row is, and the table of them
//	trial.go      one row being tried: what was sent, what came, what is wrong
//	knock.go      a handshake by hand; peer.go a connection behind it
//	call.go       @connections, by hand and by the SDK; event.go what a function was told
//	handshake.go, routing.go, answers.go, events.go, frames.go, connections.go,
//	closing.go, clocks.go    the rows
//	text.go       a report for a terminal; json.go for programs
//
// What is documented or was observed must hold. What nobody outside AWS knows
// cannot fail: there the row says what this endpoint does. On a real account
// those answers settle the open questions.
//
// Texts stand in i18n, in both languages.
package check

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"websocket.example/02-handshake/handshake"
)

// Config says whom to ask, and how.
type Config struct {
	Main   *url.URL // of the probe's main API, ws or wss
	Bare   *url.URL // of its bare API; nil is not asked
	Asking *url.URL // of its asking API; nil is not asked

	// Connections is where @connections is, with the stage. Nil is not asked.
	Connections *url.URL
	// Credentials sign the calls there. With nil they are not signed.
	Credentials aws.CredentialsProvider
	Region      string // "" is us-east-1

	Only, Skip *regexp.Regexp // on IDs of rows; nil is all, and none

	// Slow asks also what takes 10 minutes and 2 hours. With a Scale, which
	// is how many times faster the clocks of the endpoint run, it is asked
	// anyway. 0 is 1.
	Slow  bool
	Scale float64

	Limit    time.Duration // for one row; 0 is 3 s
	TLS      *tls.Config   // for wss and https
	Progress func(done, of int)

	quiet time.Duration // without a word for so long is silence
	http  *http.Client
}

// A Verdict is what came of a row.
type Verdict string

const (
	Holds    Verdict = "holds"
	Fails    Verdict = "fails"
	Answers  Verdict = "answers"   // nobody knows what is right; this is what it does
	NotAsked Verdict = "not asked" // it needs what was not given
)

// A Line is a part of a conversation.
type Line struct {
	Sent bool
	Text string
}

// A Result is one row and what came of it.
type Result struct {
	*Row
	Verdict Verdict
	Answer  string   // with Answers
	Missing string   // with NotAsked: what it needs
	Finding *Finding // with Fails what is wrong, with Answers why there is no answer
	Lines   []Line
	Took    time.Duration
}

// A Report is the results in the order of the rows.
type Report struct {
	Peer    string
	Results []Result
	At      time.Time
	Took    time.Duration
}

// Passed says whether nothing has failed that is known.
func (r *Report) Passed() bool { return r.Count(Fails) == 0 }

// Count says how many rows have this verdict.
func (r *Report) Count(v Verdict) int {
	n := 0
	for _, result := range r.Results {
		if result.Verdict == v {
			n++
		}
	}
	return n
}

// atOnce is how many rows are tried at the same time. Most of their time is
// waiting.
const atOnce = 8

// Run tries the rows. An error means that there was nobody to ask.
func Run(ctx context.Context, c Config) (*Report, error) {
	start := time.Now()
	if c.Limit <= 0 {
		c.Limit = 3 * time.Second
	}
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: c.TLS, MaxIdleConnsPerHost: atOnce}
	defer transport.CloseIdleConnections()
	c.http = &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if err := c.listen(ctx); err != nil {
		return nil, err
	}
	report := &Report{Peer: c.Main.Redacted(), At: start}
	for i := range Rows {
		if row := &Rows[i]; (c.Only == nil || c.Only.MatchString(row.ID)) && (c.Skip == nil || !c.Skip.MatchString(row.ID)) {
			report.Results = append(report.Results, Result{Row: row})
		}
	}
	c.tryAll(ctx, report.Results)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	report.Took = time.Since(start)
	return report, nil
}

// tryAll tries rows side by side, and beside them those that wait for a clock.
func (c *Config) tryAll(ctx context.Context, results []Result) {
	var work sync.WaitGroup
	var mu sync.Mutex
	done := 0
	try := func(r *Result) {
		c.try(ctx, r)
		mu.Lock()
		defer mu.Unlock()
		if done++; c.Progress != nil {
			c.Progress(done, len(results))
		}
	}
	turn := make(chan struct{}, atOnce)
	// Those that take longest begin first.
	for _, long := range []bool{true, false} {
		for i := range results {
			r := &results[i]
			switch {
			case (r.extra > 0 || r.clock > 0) != long:
			case r.clock > 0:
				work.Go(func() { try(r) })
			default:
				turn <- struct{}{}
				work.Go(func() {
					try(r)
					<-turn
				})
			}
		}
	}
	work.Wait()
}

// listen finds out whether there is somebody, and how long an answer takes:
// only whoever knows that can tell silence from patience.
func (c *Config) listen(ctx context.Context) error {
	const least, most = 250 * time.Millisecond, 2 * time.Second
	ctx, cancel := context.WithTimeout(ctx, max(c.Limit, 10*time.Second)) // a function may have to start
	defer cancel()
	conn, err := (&handshake.DialOptions{TLS: c.TLS}).Connect(ctx, c.Main)
	if err != nil {
		return fmt.Errorf("nobody answers at %s: %w", c.Main.Redacted(), err)
	}
	conn.Close()
	c.quiet = least
	for range 2 { // of the first, which may have started a function, nothing is learnt
		r := Result{Row: &Row{run: func(t *trial) {
			p := t.open("")
			start := time.Now()
			p.send(echo)
			p.next()
			c.quiet = min(max(4*time.Since(start), least), most)
		}}}
		c.try(ctx, &r)
	}
	return nil
}

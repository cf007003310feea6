// Package grade grades the function of the exercise, in stages, whatever it is
// written in. It runs the local API Gateway with the exercise's template,
// talks to it as clients do, and looks at what the function did meanwhile.
//
//	cases.go                     all cases, in the order in which they are worth mending
//	stand.go, function.go        the gateway, the function behind it, and what is seen of both
//	scene.go, guest.go           a case while it runs, and who takes part
//	connect.go, messages.go, everybody.go    the conversations
//	diagnose.go                  what a function did wrong, by name
//	text.go                      a report for a terminal; json.go for programs
//
// Without a template it grades a gateway that runs already. Then the function
// is not seen: some cases are left out, and fewer mistakes have names.
//
// Texts stand in i18n, in both languages.
package grade

import (
	"context"
	"net/url"
	"time"

	"websocket.example/05-apigw-lambda/gateway/api"
	"websocket.example/05-apigw-lambda/gateway/lambda"
)

// A Level says how much a case matters.
type Level string

// All there are.
const (
	Core Level = "core" // without it there is no chat
	Must Level = "must" // AWS does so sooner or later, and it goes wrong then
)

// A Verdict is what came of a case.
type Verdict string

// All there are.
const (
	OK      Verdict = "ok"
	Failed  Verdict = "failed"
	Skipped Verdict = "skipped" // it could only repeat what another case has found
	Unseen  Verdict = "unseen"  // it needs a look at the function, which runs elsewhere
)

// Config says what to grade, and how.
type Config struct {
	Template string   // the file of the exercise's template
	URL      *url.URL // or else where a gateway runs with it, ws only
	Stage    int      // grade this stage alone; 0 is all
	All      bool     // go on after a stage that failed

	// Limit is for how long silence is patience, once the function has
	// answered; 0 is half a second. Where it is not seen, it is four times that.
	Limit time.Duration

	// make makes a function with these environment variables; nil runs it as
	// it is built.
	make func(f *api.Function, variables map[string]string) (lambda.Function, error)
	// Code is the folder with the function's code, in place of the template's.
	Code string
}

// A Result is one case and what came of it.
type Result struct {
	*Case
	Verdict Verdict
	Finding *Finding // what is wrong, nil unless the verdict is Failed
	Took    time.Duration
}

// section is where it is written what is wrong.
func (r *Result) section() string {
	if r.Finding != nil && sections[r.Finding.Key] != "" {
		return sections[r.Finding.Key]
	}
	return r.Section
}

// A Report is the results in the order of the cases.
type Report struct {
	Peer    string // the template, or the URL
	Results []Result
	Stopped int // the stage after which it stopped because of failures; 0 if it went on to the end
	At      time.Time
	Took    time.Duration
}

// Passed says whether nothing has failed.
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

// Run grades a function. An error means that there was nothing to grade.
func Run(ctx context.Context, c Config) (*Report, error) {
	start := time.Now()
	if c.Limit <= 0 {
		c.Limit = 500 * time.Millisecond
	}
	place, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	defer place.close()
	report := &Report{Peer: place.name, At: start}
	failed := map[string]bool{}
	for i := range Cases {
		it := &Cases[i]
		if c.Stage != 0 && it.Stage != c.Stage {
			continue
		}
		if n := len(report.Results); n > 0 && !c.All && it.Stage != report.Results[n-1].Stage && !report.Passed() {
			report.Stopped = report.Results[n-1].Stage
			break
		}
		r := Result{Case: it}
		switch {
		case it.looks && place.stand == nil:
			r.Verdict = Unseen
		case failed[it.Needs]:
			r.Verdict, failed[it.ID] = Skipped, true
		default:
			began := time.Now()
			r.Finding = c.play(ctx, place, it)
			r.Verdict, r.Took = OK, time.Since(began)
			if r.Finding != nil {
				r.Verdict, failed[it.ID] = Failed, true
			}
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		report.Results = append(report.Results, r)
	}
	report.Took = time.Since(start)
	return report, nil
}

package main

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"websocket.example/05-apigw-lambda/workbench/check"
	"websocket.example/05-apigw-lambda/workbench/offline"
)

// A Row is a row of the checker's table and what came of it.
type Row struct {
	ID string
	Verdict
}

// A Verdict is what came of a row.
type Verdict string

const (
	Holds     Verdict = "holds"
	Fails     Verdict = "fails"
	Answers   Verdict = "answers"        // nobody outside AWS knows what is right
	EndsIt    Verdict = "ends it"        // whatever it answers, serverless-offline has ended
	CannotSay Verdict = "cannot be said" // there is no word for it
	Varies    Verdict = "varies"         // in some runs this, in some that
)

var all = []Verdict{Holds, Fails, Answers, EndsIt, CannotSay, Varies}

// unsayable are the rows that ask for what neither serverless.yml's events nor
// its URLs have a word for.
var unsayable = []string{
	"no-permission",             // a function that may not be invoked
	"integration-timeout",       // an integration less patient than its function
	"model-fits", "model-fails", // models
	"mock",                           // integrations other than a function
	"throttled",                      // settings of a stage
	"stage-variables", "bare-fields", // variables of a stage
	"no-stage", "other-stage", // a stage in the URL
}

// A round is some rows, asked side by side.
type round struct {
	only, skip *regexp.Regexp
	bare       string // the service that is the bare API
	asking     string
	scale      float64
	silent     bool // nothing comes
	last       bool // it ends serverless-offline
}

// A pass is rounds, one after another, asked of the same processes.
type pass struct {
	flags  []string // of main
	rounds []round
}

// breaking are the rows after which some of it does not work any more: a worker
// whose function has ended or was stopped stays in its pool, and what ws calls
// an error is nobody's, so that Node ends. Each is the last of its pass.
var breaking = []string{
	"connect-panic", "connect-function-timeout", "function-timeout", "one-way-crash", "crash-recovers", "text-not-utf8",
}

// silent are the rows that wait for what never comes.
var silent = []string{
	"route-none", "route-none-open", "route-exact", "route-no-action", "route-not-json", "route-not-object",
	"two-way-malformed", "one-way-malformed", "binary", "close-binary", "close-too-big",
}

const idle, life, uninvited = "idle|idle-message|idle-post|idle-ping|no-server-ping", "life", "connect-no-route"

// passes are all rows. What takes longest comes first.
func passes() []pass {
	others := slices.Concat([]string{idle, life, uninvited}, silent, breaking, unsayable)
	return []pass{
		{rounds: []round{
			{skip: exactly(others...), bare: "open", asking: "asking"},
			{only: exactly(silent...), silent: true},
			{only: exactly(uninvited), bare: "bare"}, // it lets nobody in without a $connect, which open has
			{only: exactly("text-not-utf8"), last: true},
		}},
		{[]string{"--webSocketHardTimeout", "6"}, []round{{only: exactly(life), scale: 1200}, {only: exactly("function-timeout")}}},
		{[]string{"--webSocketIdleTimeout", "1"}, []round{{only: exactly(idle), scale: 600}, {only: exactly("connect-function-timeout")}}},
		{rounds: []round{{only: exactly("connect-panic")}}},
		{rounds: []round{{only: exactly("one-way-crash")}}},
		{rounds: []round{{only: exactly("crash-recovers")}}},
	}
}

func exactly(ids ...string) *regexp.Regexp {
	return regexp.MustCompile("^(" + strings.Join(ids, "|") + ")$")
}

// A row that finds silence waits for as long as it may. Others have time: a
// machine may have much else to do, and the first worker of a function is slow.
func (r *round) limit() time.Duration {
	if r.silent {
		return 3 * time.Second
	}
	return 20 * time.Second
}

// Grade asks what passes ask.
func Grade(ctx context.Context, list []pass, progress func(done, all int)) ([]Row, error) {
	const atOnce = 2
	rows := make([][]Row, len(list))
	var work errgroup.Group
	work.SetLimit(atOnce)
	var done atomic.Int32
	for i, p := range list {
		work.Go(func() (err error) {
			rows[i], err = p.run(ctx)
			progress(int(done.Add(1)), len(list))
			return err
		})
	}
	err := work.Wait()
	return slices.Concat(rows...), err
}

// run starts what a pass needs, and asks.
func (p *pass) run(ctx context.Context) (rows []Row, err error) {
	servers := map[string]*offline.Server{}
	defer func() {
		for _, s := range servers {
			s.Stop()
		}
	}()
	start := func(service string, flags ...string) (*url.URL, error) {
		if service == "" {
			return nil, nil
		}
		if servers[service] == nil {
			s, err := offline.StartProbe(ctx, service, flags...)
			if err != nil {
				return nil, err
			}
			servers[service] = s
		}
		return url.Parse(servers[service].URL)
	}
	for _, r := range p.rounds {
		c := check.Config{Only: r.only, Skip: r.skip, Scale: r.scale, Limit: r.limit()}
		if c.Main, err = start("main", p.flags...); err != nil {
			return nil, err
		}
		if c.Bare, err = start(r.bare); err != nil {
			return nil, err
		}
		if c.Asking, err = start(r.asking); err != nil {
			return nil, err
		}
		c.Connections = &url.URL{Scheme: "http", Host: c.Main.Host} // it knows no stage
		report, err := check.Run(ctx, c)
		if err != nil {
			return nil, err
		}
		ended := servers["main"].Ended(r.last)
		if ended && len(report.Results) > 1 {
			return nil, fmt.Errorf("serverless-offline has ended: one of many rows breaks it, and has to be among the breaking ones: %s", servers["main"].Said())
		}
		for _, result := range report.Results {
			row := Row{result.ID, Verdict(result.Verdict)}
			if ended {
				row.Verdict = EndsIt
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// Package check grades anybody's WebSocket implementation over the wire, in
// whatever language it is written: servers with Run, clients with Listen.
//
// A case is a value: what it is about, and its steps on one connection of its
// own. The lesson's cases stand in stages, for somebody who is writing a
// server just now; the full ones look at every rule of RFC 6455 and RFC 7692
// that can be seen from outside.
//
//	case.go      what a case is
//	lesson.go    the cases of the lesson; full_*.go all the others
//	shot.go      a frame to be sent, right or wrong
//	talk.go      a connection: what is sent, what comes, and the record of both
//	step.go      what a case does
//	want.go      an answer that must come; diagnose.go knows the classic wrong ones
//	refuse.go    what must be refused
//	closing.go   the closing handshake
//	packed.go    permessage-deflate
//	run.go       grades a server; listen.go grades a client
//	text.go      a report for a terminal; json.go, html.go for others
//
// Texts stand in i18n, in both languages.
package check

import (
	"crypto/tls"
	"net/http"
	"time"
)

// A Verdict is what came of a case.
type Verdict string

const (
	OK         Verdict = "ok"
	Failed     Verdict = "failed"
	NotStrict  Verdict = "not strict"  // tolerable, but loose; Options.Strict makes it Failed
	NotOffered Verdict = "not offered" // the other side does not do this, and need not
	Skipped    Verdict = "skipped"     // it could only repeat what another case has found
)

// Options say what to grade, and how. The zero value is the lesson.
type Options struct {
	Full   bool     // all cases instead of those of the lesson
	Stage  int      // of the lesson, this stage alone; 0 is all
	All    bool     // of the lesson, go on after a stage that failed
	Strict bool     // what is not strict has failed
	Only   []string // cases by ID or the beginning of it, such as 4 or 4.2; none is all
	Skip   []string // likewise, not these

	Header http.Header   // added to every request, for servers that want a cookie
	TLS    *tls.Config   // for wss
	Limit  time.Duration // how long to wait for what must come; 0 is 1.5 s
	Side   int           // how many cases side by side; 0 is 16
	Large  int           // the longest message in bytes; 0 is 16 MiB

	// Progress is told how many cases are done, of how many. It is called by
	// one goroutine at a time.
	Progress func(done, total int)
}

func (o Options) complete() Options {
	if o.Limit == 0 {
		o.Limit = 1500 * time.Millisecond
	}
	if o.Side == 0 {
		o.Side = 16
	}
	if o.Large == 0 {
		o.Large = 16 << 20
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	return o
}

// A Result is one case and what came of it.
type Result struct {
	*Case
	Verdict Verdict
	Finding *Finding // what is wrong, nil if the verdict is OK
	Log     []Event  // what was sent and what came
	Took    time.Duration
}

// A Report is the results in the order of the cases.
type Report struct {
	Peer    string // the URL of the server, or what the client is called
	Client  bool   // a client was graded
	Full    bool
	Strict  bool
	Results []Result
	Stopped int  // the stage of the lesson after which it stopped; 0 if it went on to the end
	Gone    bool // the server has crashed, and cases were skipped for it
	Missing int  // how many cases a client did not come for
	At      time.Time
	Took    time.Duration
}

// Passed says whether nothing has failed.
func (r *Report) Passed() bool { return r.Count(Failed) == 0 && r.Missing == 0 }

// Count says how many cases have this verdict.
func (r *Report) Count(v Verdict) int {
	n := 0
	for i := range r.Results {
		if r.Results[i].Verdict == v {
			n++
		}
	}
	return n
}

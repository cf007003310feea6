package grade

import (
	"maps"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// found is which cases fail, and what is found.
type found = map[string]string

// Each bug fails these cases, with these texts, and nothing else. Whoever
// lets nobody in is graded no further.
var mutants = []struct {
	bug   string
	fails found
}{
	{"none", found{}},
	{"the endpoint is the event's", found{"push": "function-failed"}}, // as on AWS, where another event has none

	{"501", found{"open": "not-yet"}},
	{"it never runs", found{"open": "not-run"}},
	{"statusCode is forgotten", found{"open": "no-status"}},
	{"it greets in $connect", found{"open": "post-in-connect"}},
	{"everybody is let in", found{"no-name": "let-in"}},
	{"there is always a query", found{"no-name": "function-failed"}},
	{"401", found{"no-name": "status"}},
	{"an empty name is a name", found{"empty-name": "let-in"}},

	{"echo is returned", found{"echo": "one-way"}},
	{"echo is as it came", found{"echo": "no-type"}},
	{"echo is the text alone", found{"echo": "not-json"}},
	{"echo is not UTF-8", found{"echo": "post-refused"}},
	{"echo fails", found{"echo": "function-failed"}},
	{"echo takes too long", found{"echo": "timed-out"}},
	{"echo ends the connection", found{"echo": "closed"}},
	{"echo is for all", found{"private": "leaked"}},
	{"the endpoint is another API's", found{
		"echo": "elsewhere", "unknown": "elsewhere", "not-json": "elsewhere",
		"send": "elsewhere", "sender": "elsewhere", "push": "elsewhere", "forgets": "elsewhere",
	}},

	{"$default returns its error", found{"unknown": "one-way", "not-json": "one-way"}},
	{"$default is silent", found{"unknown": "silence", "not-json": "silence"}},
	{"errors name nothing", found{"unknown": "field"}},
	{"a body must be JSON", found{"not-json": "not-parsed"}},

	{"a variable has the names", found{"send": "variable", "sender": "variable", "push": "variable", "forgets": "variable"}},
	{"only the sender hears", found{"send": "not-delivered", "push": "not-delivered"}},
	{"all but the sender hear", found{"sender": "silence", "gone": "not-delivered", "forgets": "silence"}},
	{"nobody knows from whom", found{"send": "field", "sender": "field", "forgets": "field"}},
	{"it stops at 410", found{"gone": "not-after-gone"}},
	{"it fails of 410", found{"gone": "failed-at-gone"}},
	{"it fails of 410 in the end", found{"gone": "failed-at-gone"}},
	{"who has gone is kept", found{"forgotten": "asked-again"}},
	{"the sender is forgotten", found{"forgotten": "wrong-one"}},

	{"every event has a route", found{"push": "function-failed"}},
	{"one is pushed to", found{"push": "not-delivered"}},

	{"$disconnect forgets nobody", found{"forgets": "not-forgotten"}},
	{"it says goodbye in $disconnect", found{"forgets": "post-in-disconnect"}},
}

func findings(r *Report) found {
	all := found{}
	for _, result := range r.Results {
		if result.Finding != nil {
			all[result.ID] = result.Finding.Key
		}
	}
	return all
}

// mutate grades one, for 0 with the learner's own limit.
func mutate(t *testing.T, bug string, fails found, limit time.Duration) (found, error) {
	c := startNaive(t, bug)
	c.All, c.Limit = fails["open"] == "", limit
	report, err := Run(t.Context(), c)
	if err != nil {
		return nil, err
	}
	return findings(report), nil
}

// They wait more than they work: all at once. A machine that is too busy for
// that gets the time, and one after the other.
func TestMutants(t *testing.T) {
	t.Parallel()
	got, errs := make([]found, len(mutants)), make([]error, len(mutants))
	var work sync.WaitGroup
	for i, m := range mutants {
		work.Go(func() { got[i], errs[i] = mutate(t, m.bug, m.fails, 0) })
	}
	work.Wait()
	for i, m := range mutants {
		if errs[i] == nil && maps.Equal(got[i], m.fails) {
			continue
		}
		t.Logf("%s: at first it fails %v: %v", m.bug, got[i], errs[i])
		if again, err := mutate(t, m.bug, m.fails, 4*time.Second); err != nil || !maps.Equal(again, m.fails) {
			t.Errorf("%s: it fails %v, want %v: %v", m.bug, again, m.fails, err)
		}
	}
}

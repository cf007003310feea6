package check

import (
	"maps"
	"strings"
	"testing"
	"time"
)

type mutant struct {
	bug   string
	fails map[string]string
	stage int // only this one is graded; the others would suffer
}

// Each bug fails these cases, with these texts, and nothing else.
var mutants = []mutant{
	{bug: "none"},

	{bug: "slow stall all", stage: 5, fails: map[string]string{"stall": "stalled"}},
	{bug: "slow are passed over", stage: 5, fails: map[string]string{"no-hole": "hole"}},
	{bug: "slow hear nothing more", stage: 5, fails: map[string]string{"no-hole": "neither"}},
	{bug: "slow lose the rest", stage: 7, fails: map[string]string{"after-slow": "lost"}},
	{bug: "resume fills the queue", stage: 7, fails: map[string]string{"after-slow": "cut-again"}},

	{bug: "none", stage: 6},
	{bug: "dead stay", stage: 6, fails: map[string]string{"dead": "not-dropped"}},
	{bug: "idle are dropped", stage: 6, fails: map[string]string{"idle": "idle-dropped"}},

	{bug: "silence", stage: 1, fails: map[string]string{"joined": "silence"}},
	{bug: "no cursor", stage: 1, fails: map[string]string{"joined": "field-missing"}},
	{bug: "no echo", stage: 1, fails: map[string]string{"echo": "no-echo", "frames": "lost"}},
	{bug: "only echo", stage: 1, fails: map[string]string{"see": "not-delivered"}},
	{bug: "no at", stage: 1, fails: map[string]string{"see": "field-missing", "echo": "field-missing"}},
	{bug: "text is escaped", stage: 1, fails: map[string]string{"see": "field", "echo": "field"}},
	{bug: "cursors are numbers", stage: 1, fails: map[string]string{"see": "cursor-number", "echo": "cursor-number"}},
	{bug: "passes the request on", stage: 1, fails: map[string]string{"see": "no-type", "echo": "no-type"}},
	{bug: "not JSON", stage: 1, fails: map[string]string{"see": "not-json", "echo": "not-json"}},
	{bug: "binary", stage: 1, fails: map[string]string{"joined": "binary"}},
	{bug: "joins frames", stage: 1, fails: map[string]string{"frames": "several"}},
	{bug: "rooms are one", stage: 1, fails: map[string]string{"rooms": "leaked"}},
	{bug: "no ack", stage: 1, fails: map[string]string{"ack": "no-ack"}},
	{bug: "ack has no cursor", stage: 1, fails: map[string]string{"ack": "field-missing"}},
	{bug: "another cursor in ack", stage: 1, fails: map[string]string{"ack": "field"}},
	{bug: "doubles", stage: 1, fails: map[string]string{"frames": "doubled"}},
	{bug: "newest first", stage: 1, fails: map[string]string{"frames": "order"}},

	{bug: "no errors", stage: 2, fails: map[string]string{"bad-json": "no-error", "unknown-action": "no-error", "no-name": "no-error", "not-in-room": "no-error"}},
	{bug: "hangs up", stage: 2, fails: map[string]string{"bad-json": "closed"}},
	{bug: "unknown actions are ignored", stage: 2, fails: map[string]string{"unknown-action": "no-error", "private": "no-error"}},
	{bug: "no name is a name", fails: map[string]string{"no-name": "no-error"}},
	{bug: "id is forgotten", fails: map[string]string{"not-in-room": "field"}},
	{bug: "outsiders talk", fails: map[string]string{"not-in-room": "leaked"}},
	{bug: "errors to all", fails: map[string]string{"private": "leaked"}},

	{bug: "members is who else is there", fails: map[string]string{"members": "field"}},
	{bug: "nobody is told who came", fails: map[string]string{"came": "no-presence"}},
	{bug: "names are not checked", stage: 3, fails: map[string]string{"taken": "name-accepted"}},
	{bug: "ANA is not Ana", fails: map[string]string{"any-case": "name-accepted"}},
	{bug: "names are for all rooms", fails: map[string]string{"other-room": "refused"}, stage: 3},
	{bug: "who is not answered", stage: 3, fails: map[string]string{"who": "silence"}},
	{bug: "nobody is told who left", stage: 3, fails: map[string]string{"leave": "still-there", "cut": "still-there"}},
	{bug: "cut keep their names", stage: 3, fails: map[string]string{"cut": "still-there"}},

	{bug: "forgets some", stage: 4, fails: map[string]string{"order": "lost-some"}},
	{bug: "newest first", stage: 4, fails: map[string]string{"order": "overtaken"}},
	{bug: "everybody has an order", stage: 4, fails: map[string]string{"order": "order-differs"}},
	{bug: "cursors are decimal", stage: 4, fails: map[string]string{"cursors": "cursor-decimal"}},
	{bug: "cursors are times", stage: 4, fails: map[string]string{"cursors": "cursor-order"}},
	{bug: "cursors are for each", stage: 4, fails: map[string]string{"cursors": "cursor-differs"}},

	{bug: "never says recovered", stage: 7, fails: map[string]string{"resume": "field-missing", "bogus": "field-missing", "resend-later": "field-missing"}},
	{bug: "resume is too short", stage: 7, fails: map[string]string{"resume": "lost"}},
	{bug: "resume begins too early", stage: 7, fails: map[string]string{"resume": "leaked"}},
	{bug: "resume is backwards", stage: 7, fails: map[string]string{"resume": "order"}},
	{bug: "a gap after resume", stage: 7, fails: map[string]string{"seam": "lost"}},
	{bug: "believes every cursor", fails: map[string]string{"bogus": "promised"}},
	{bug: "resend doubles", fails: map[string]string{"resend": "field"}},
	{bug: "resend is not acked", fails: map[string]string{"resend": "no-ack"}},
	{bug: "ids are for a connection", stage: 7, fails: map[string]string{"resend-later": "field"}},
	{bug: "no takeover", fails: map[string]string{"takeover": "refused"}},
	{bug: "everybody takes over", fails: map[string]string{"takeover": "name-accepted"}},
}

// floods says whether it is about the slow, which costs more than all else.
func (m mutant) floods() bool {
	return strings.Contains(m.bug, "slow") || strings.Contains(m.bug, "queue") || m.bug == "none"
}

// waits says whether it is found by waiting in vain.
func (m mutant) waits() bool {
	for _, finding := range m.fails {
		switch finding {
		case "silence", "no-echo", "no-ack", "no-error", "no-presence", "not-delivered", "still-there", "lost", "lost-some", "stalled", "neither", "not-dropped":
			return true
		}
	}
	return false
}

// config grades where a mutant fails, if it does. Limit is how long is waited
// for what does not come.
func (m mutant) config(t *testing.T, limit time.Duration) Config {
	ping := time.Minute // not while somebody is waited for in vain
	if m.stage == 6 {
		ping = limit / 5
	}
	c := configFor(t, startWith(t, m.bug, ping)).smallFloods()
	c.All, c.Strict, c.Stage = true, true, m.stage
	if m.waits() {
		c.Limit, c.Patience = limit, limit
	}
	if m.stage != 6 {
		c.Patience = 0
	}
	if !m.floods() {
		c.without = "after-slow"
	}
	if c.Stage == 0 {
		for _, it := range Cases {
			if _, fails := m.fails[it.ID]; fails {
				c.Stage = it.Stage
			}
		}
	}
	return c
}

func TestMutants(t *testing.T) {
	t.Parallel()
	reports := make([]*Report, len(mutants))
	t.Run("each", func(t *testing.T) {
		for i, m := range mutants {
			t.Run(m.bug, func(t *testing.T) {
				t.Parallel()
				var found map[string]string
				var err error
				// A machine that is too busy for the short limit gets the long one.
				for _, limit := range []time.Duration{2500 * time.Millisecond, ample} {
					if reports[i], err = Run(t.Context(), m.config(t, limit)); err != nil {
						continue
					}
					if found = findings(reports[i]); maps.Equal(found, m.fails) {
						return
					}
					t.Logf("within %v it fails %v", limit, found)
				}
				t.Errorf("it fails %v, want %v: %v", found, m.fails, err)
			})
		}
	})

	seen := map[string]bool{}
	for _, report := range reports {
		if report == nil {
			return // it is said
		}
		for _, r := range report.Results {
			if r.Verdict != Failed {
				continue
			}
			seen[r.ID], seen["found."+r.Finding.Key] = true, true
			for _, l := range []*Language{English, Portuguese} {
				if text := l.Why(r.Finding); strings.ContainsAny(text, "{}[]") {
					t.Errorf("%s, in %s: %s", r.ID, l.Tag, text)
				}
			}
		}
	}
	for _, c := range Cases {
		if !seen[c.ID] {
			t.Errorf("no mutant fails %s", c.ID)
		}
	}
	for key := range English.texts {
		if strings.HasPrefix(key, "found.") && !seen[key] && key != "found.crashed" {
			t.Errorf("no mutant brings out %s", key)
		}
	}
}

// findings are what has failed, and why.
func findings(report *Report) map[string]string {
	found := map[string]string{}
	for _, r := range report.Results {
		if r.Verdict == Failed {
			found[r.ID] = r.Finding.Key
		}
	}
	return found
}

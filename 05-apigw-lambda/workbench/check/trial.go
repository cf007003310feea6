package check

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"
)

// A Finding says what is wrong. Key chooses the sentence in i18n.
type Finding struct {
	Key    string
	Values map[string]string
	Wanted string
}

// A trial is a row being tried. Its methods end the row's goroutine when
// something is not as it should be, as those of testing.T do.
type trial struct {
	*Config
	row *Row
	ctx context.Context

	mu      sync.Mutex
	lines   []Line
	answer  string
	missing string
	finding *Finding
	after   []func()
}

// try tries a row.
func (c *Config) try(ctx context.Context, r *Result) {
	start := time.Now()
	clock := time.Duration(float64(r.clock) / max(c.Scale, 1))
	limit := c.Limit + r.extra + clock + clock/4
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	t := &trial{Config: c, row: r.Row, ctx: ctx, missing: c.lacks(r.Row)}
	if t.missing == "" {
		var ended sync.WaitGroup
		ended.Go(func() { r.run(t) })
		ended.Wait()
		for _, f := range t.after {
			f()
		}
	}
	r.Took = time.Since(start)
	t.mu.Lock() // a reader may have come to its end just now
	defer t.mu.Unlock()
	r.Lines, r.Answer, r.Missing, r.Finding = t.lines, t.answer, t.missing, t.finding
	switch {
	case t.missing != "":
		r.Verdict, r.Finding = NotAsked, nil
	case r.Mark == Unsure:
		r.Verdict = Answers
	case t.finding != nil:
		r.Verdict = Fails
	default:
		r.Verdict = Holds
	}
}

// lacks says what a row needs and has not.
func (c *Config) lacks(r *Row) string {
	switch {
	case r.needs&bareAPI != 0 && c.Bare == nil:
		return "bare"
	case r.needs&askingAPI != 0 && c.Asking == nil:
		return "asking"
	case r.needs&connections != 0 && c.Connections == nil:
		return "connections"
	case r.clock > 0 && !c.Slow && c.Scale <= 1:
		return "slow"
	}
	return ""
}

// fail ends the row: something is wrong. Pairs are names and values for the
// sentence.
func (t *trial) fail(key, wanted string, pairs ...any) {
	f := &Finding{Key: key, Values: map[string]string{}, Wanted: wanted}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Values[fmt.Sprint(pairs[i])] = fmt.Sprint(pairs[i+1])
	}
	t.mu.Lock()
	t.finding = f
	t.mu.Unlock()
	runtime.Goexit()
}

// skip ends the row: it cannot be asked.
func (t *trial) skip(missing string) {
	t.missing = missing
	runtime.Goexit()
}

// tell is the answer to an open question. IDs in it are masked, so that
// answers of two runs can be compared.
func (t *trial) tell(format string, args ...any) {
	t.answer = masked(fmt.Sprintf(format, args...))
}

// later is done when the row is over.
func (t *trial) later(f func()) { t.after = append(t.after, f) }

func (t *trial) say(sent bool, format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, Line{sent, fmt.Sprintf(format, args...)})
}

// sent and came keep the conversation.
func (t *trial) sent(format string, args ...any) { t.say(true, format, args...) }
func (t *trial) came(format string, args ...any) { t.say(false, format, args...) }

// want wants two texts to be equal.
func (t *trial) want(got, wanted string) {
	if got != wanted {
		t.fail("other", wanted, "got", got)
	}
}

// wantList wants the same words; it says which are missing, and which are
// too many. Both are sorted.
func (t *trial) wantList(what string, got, wanted []string) {
	missing, extra := without(wanted, got), without(got, wanted)
	if missing != nil || extra != nil {
		t.fail("list", strings.Join(wanted, ", "), "what", what,
			"missing", orNone(missing), "extra", orNone(extra))
	}
}

func orNone(list []string) string {
	if list == nil {
		return "-"
	}
	return strings.Join(list, ", ")
}

// without is the words of a that are not in b.
func without(a, b []string) (rest []string) {
	in := make(map[string]bool, len(b))
	for _, word := range b {
		in[word] = true
	}
	for _, word := range a {
		if !in[word] {
			rest = append(rest, word)
		}
	}
	return rest
}

package check

import (
	"fmt"
	"strings"

	"websocket.example/02-handshake/handshake"
	opening "websocket.example/02-handshake/workbench/check"
)

// A Level says how much a case matters.
type Level string

const (
	Core   Level = "core"   // without it nothing works
	Must   Level = "must"   // the RFC demands it, and good implementations do it
	Strict Level = "strict" // the RFC says so, and good implementations differ
)

// A Case is one connection.
type Case struct {
	ID      string
	Stage   int // of the lesson, or the chapter of the full check
	Level   Level
	Section string
	Title   Text
	Topic   string // of its hints
	Needs   string // a case of the same stage; if that fails, this one is not worth a word

	opening *opening.Case // of step 02, which grades it
	steps   []step
	terms   *terms // permessage-deflate must be agreed on like this
	large   bool   // it takes time by itself
	whom    whom   // if it is not for both

	// Of clients: what is done to the answer of the handshake, what is sent
	// along with it, and a look at the request.
	spoil func(*handshake.Response)
	early []shot
	asked func(r *handshake.Request, before []string) *Finding
}

// whom says who can be asked to do what a case wants.
type whom byte

const (
	anyone whom = iota
	servers
	clients
)

func rfc(section string) string     { return "RFC 6455, section " + section }
func rfc7692(section string) string { return "RFC 7692, section " + section }

// chosen says whether a case is among those that the options ask for.
func (c *Case) chosen(o *Options, client bool) bool {
	switch {
	case client && c.whom == servers, !client && c.whom == clients:
		return false
	case !o.Full && o.Stage != 0 && c.Stage != o.Stage:
		return false
	case len(o.Only) > 0 && !matches(c, o.Only):
		return false
	}
	return !matches(c, o.Skip)
}

// matches says whether a pattern names the case, its group or its section: 4,
// 4.2 and 4.2.1 all name 4.2.1. A star stands for anything.
func matches(c *Case, patterns []string) bool {
	for _, p := range patterns {
		if covers(p, c.ID) || covers(p, strings.ReplaceAll(c.Section, ", section ", ":")) || p == string(c.Level) {
			return true
		}
	}
	return false
}

func covers(pattern, id string) bool {
	if before, after, star := strings.Cut(pattern, "*"); star {
		return len(id) >= len(before)+len(after) && strings.HasPrefix(id, before) && strings.HasSuffix(id, after)
	}
	return id == pattern || strings.HasPrefix(id, pattern+".")
}

// Cases are those that the options ask for, in their order.
func Cases(o Options, client bool) []*Case {
	o = o.complete()
	all := lesson
	if o.Full {
		all = full(o.Large)
	}
	var chosen []*Case
	for i := range all {
		if all[i].chosen(&o, client) {
			chosen = append(chosen, &all[i])
		}
	}
	return chosen
}

// Unknown returns the first of Only and Skip that names no case.
func (o Options) Unknown() error {
	all := Options{Full: o.Full}
	cases := append(Cases(all, false), Cases(all, true)...)
	for _, p := range append(append([]string(nil), o.Only...), o.Skip...) {
		found := false
		for _, c := range cases {
			found = found || matches(c, []string{p})
		}
		if !found {
			return fmt.Errorf("%q names no case: write an ID such as %s, the beginning of one, or a section such as %q", p, cases[0].ID, "RFC 6455:5.4")
		}
	}
	return nil
}

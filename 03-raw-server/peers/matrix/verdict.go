package matrix

import (
	"regexp"
	"strconv"
	"strings"

	"websocket.example/03-raw-server/workbench/check"
)

// A Sheet is what came of one peer in one role.
type Sheet struct {
	Peer   string
	Client bool // its client was graded, not its server
	Full   bool // all cases, not those of the lesson
	Bad    []Bad
}

// A Bad is a case that is not ok.
type Bad struct {
	ID      string
	Verdict check.Verdict
	Finding string // in English
}

// Name is what a sheet is called.
func (s *Sheet) Name() string {
	words := []string{s.Peer, "server", "lesson"}
	if s.Client {
		words[1] = "client"
	}
	if s.Full {
		words[2] = "full"
	}
	return strings.Join(words, " ")
}

// options are those of the run that a sheet is about.
func (s *Sheet) options() check.Options { return check.Options{Full: s.Full, All: true} }

func (s *Sheet) cases() []*check.Case { return check.Cases(s.options(), s.Client) }

// bad is what is said of a case, nil if it is ok.
func (s *Sheet) bad(id string) *Bad {
	for i := range s.Bad {
		if s.Bad[i].ID == id {
			return &s.Bad[i]
		}
	}
	return nil
}

// place is where a case is counted: its stage or chapter, and its group.
func place(c *check.Case, groups bool) string {
	if groups && c.Group() != "" {
		return c.Group()
	}
	return strconv.Itoa(c.Stage)
}

// A Count is how many cases of a place have which verdict.
type Count struct{ OK, Failed, NotStrict, NotOffered, All int }

func (n *Count) add(v check.Verdict) {
	n.All++
	switch v {
	case check.OK:
		n.OK++
	case check.NotStrict:
		n.NotStrict++
	case check.NotOffered:
		n.NotOffered++
	default: // also what was skipped: it could only have repeated a failure
		n.Failed++
	}
}

// count counts the cases of a sheet by their place.
func (s *Sheet) count(groups bool) map[string]*Count {
	counts := map[string]*Count{}
	for _, c := range s.cases() {
		at := place(c, groups)
		if counts[at] == nil {
			counts[at] = &Count{}
		}
		verdict := check.OK
		if b := s.bad(c.ID); b != nil {
			verdict = b.Verdict
		}
		counts[at].add(verdict)
	}
	return counts
}

// note takes down what is not ok.
func (s *Sheet) note(r *check.Report) {
	s.Bad = nil
	for i := range r.Results {
		x := &r.Results[i]
		if x.Verdict == check.OK {
			continue
		}
		b := Bad{ID: x.ID, Verdict: x.Verdict}
		if x.Finding != nil {
			b.Finding = ports.ReplaceAllString(check.English.Say(x.Finding.Text), "127.0.0.1:*")
		}
		s.Bad = append(s.Bad, b)
	}
}

var ports = regexp.MustCompile(`127\.0\.0\.1:\d+(->127\.0\.0\.1:\d+)?`)

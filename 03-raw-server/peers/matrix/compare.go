package matrix

import (
	"fmt"
	"slices"

	"websocket.example/03-raw-server/workbench/check"
)

// Committed are the sheets of verdicts.txt.
func Committed() ([]Sheet, error) { return Parse(committed) }

// Differences says where fresh sheets differ from old ones. Only is what Run
// was told.
func Differences(old, fresh []Sheet, only []string) (lines []string) {
	for i := range fresh {
		s := &fresh[i]
		for _, id := range s.differs(old, only) {
			lines = append(lines, fmt.Sprintf("%s %s: was %s, is %s", s.Name(), id, named(old, s.Name()).bad(id), s.bad(id)))
		}
	}
	return lines
}

// differs are the cases that have another verdict than in the old sheet of
// that name.
func (s *Sheet) differs(old []Sheet, only []string) (ids []string) {
	o := s.options()
	if s.Full {
		o.Only = only
	}
	was := named(old, s.Name())
	for _, c := range check.Cases(o, s.Client) {
		if unstable(s, c.ID) == "" && was.bad(c.ID).String() != s.bad(c.ID).String() {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// named is the sheet of that name, an empty one if there is none.
func named(sheets []Sheet, name string) *Sheet {
	if at := slices.IndexFunc(sheets, func(s Sheet) bool { return s.Name() == name }); at >= 0 {
		return &sheets[at]
	}
	return &Sheet{}
}

// String is a verdict with its finding.
func (b *Bad) String() string {
	switch {
	case b == nil:
		return string(check.OK)
	case b.Finding == "":
		return string(b.Verdict)
	}
	return fmt.Sprintf("%s (%s)", b.Verdict, b.Finding)
}

// A Shaky is a case whose verdict on a peer is not the same in every run.
// It is not compared.
type Shaky struct{ Sheet, ID, Why string }

// Unstable are all of them.
var Unstable = []Shaky{}

func unstable(s *Sheet, id string) string {
	for _, u := range Unstable {
		if u.Sheet == s.Name() && u.ID == id {
			return u.Why
		}
	}
	return ""
}

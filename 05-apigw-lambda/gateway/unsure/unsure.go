// Package unsure lists what nobody outside AWS knows about API Gateway: no
// document says it, or two observations contradict each other. The gateway
// guesses nowhere in silence: each such point is a switch with a default,
// which -list-unsure shows and -unsure NAME=VALUE turns.
package unsure

import (
	"fmt"
	"slices"
	"strings"
)

// A Switch is one open question.
type Switch struct {
	Name   string
	Values []string // the first is the default
	Fact   string   // what is known, and why this is the default
}

// Settings are the answers that were chosen; what is not in it has its
// default. It is only read.
type Settings map[string]string

// Parse reads settings, each as NAME=VALUE.
func Parse(list []string) (Settings, error) {
	s := Settings{}
	for _, text := range list {
		name, value, found := strings.Cut(text, "=")
		at := slices.IndexFunc(All, func(w Switch) bool { return w.Name == name })
		switch {
		case !found:
			return nil, fmt.Errorf("%q: write NAME=VALUE; -list-unsure shows the names", text)
		case at < 0:
			return nil, fmt.Errorf("%q: there is no switch %q; -list-unsure shows them", text, name)
		case !slices.Contains(All[at].Values, value):
			return nil, fmt.Errorf("%q: %s is one of %s", text, name, strings.Join(All[at].Values, ", "))
		}
		s[name] = value
	}
	return s, nil
}

// Get is the value of a switch. A name that is not in All is a mistake of
// this program.
func (s Settings) Get(name string) string {
	if value, set := s[name]; set {
		return value
	}
	for _, w := range All {
		if w.Name == name {
			return w.Values[0]
		}
	}
	panic("unsure: no switch " + name)
}

// Is says whether a switch has that value.
func (s Settings) Is(name, value string) bool { return s.Get(name) == value }

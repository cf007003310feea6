package log

import (
	"slices"
	"testing"
)

func TestRoster(t *testing.T) {
	came := func(name string, claim uint64) Presence { return Presence{name, claim, false} }
	gone := func(name string, claim uint64) Presence { return Presence{name, claim, true} }
	list := func(upTo uint64, all ...Presence) Members {
		m := Members{Claims: map[string]uint64{}, UpTo: upTo}
		for _, p := range all {
			m.Claims[p.Name] = p.Claim
		}
		return m
	}
	type step struct {
		in   any // a Presence or a Members
		news []Presence
	}
	for _, row := range []struct {
		name  string
		steps []step
	}{
		{"comes and goes", []step{{came("Ana", 1), []Presence{came("Ana", 1)}}, {gone("Ana", 1), []Presence{gone("Ana", 1)}}}},
		{"told twice", []step{{came("Ana", 1), []Presence{came("Ana", 1)}}, {came("Ana", 1), nil}, {gone("Ana", 1), []Presence{gone("Ana", 1)}}, {gone("Ana", 1), nil}}},
		{"told too late", []step{{came("Ana", 5), []Presence{came("Ana", 5)}}, {gone("Ana", 1), nil}, {came("Ana", 1), nil}}},
		{"told in the wrong order", []step{{gone("Ana", 1), nil}, {came("Ana", 1), nil}, {came("Ana", 2), []Presence{came("Ana", 2)}}}},
		{"the end was lost", []step{{came("Ana", 1), []Presence{came("Ana", 1)}}, {came("ANA", 2), []Presence{gone("Ana", 1), came("ANA", 2)}}}},
		{"came and went unseen", []step{{came("Ana", 1), []Presence{came("Ana", 1)}}, {gone("Ana", 3), []Presence{gone("Ana", 1)}}}},
		{"read", []step{{list(9, came("Ana", 1)), []Presence{came("Ana", 1)}}, {list(9, came("Ana", 1)), nil}, {list(9), []Presence{gone("Ana", 1)}}}},
		{"an old list", []step{{came("Ana", 5), []Presence{came("Ana", 5)}}, {list(4), nil}, {list(5), []Presence{gone("Ana", 5)}}}},
		{"an old list does not bring back", []step{{came("Ana", 1), []Presence{came("Ana", 1)}}, {gone("Ana", 1), []Presence{gone("Ana", 1)}}, {list(9, came("Ana", 1)), nil}, {list(9), nil}, {came("Ana", 10), []Presence{came("Ana", 10)}}}},
	} {
		r := roster{}
		for i, s := range row.steps {
			var got []Presence
			switch in := s.in.(type) {
			case Presence:
				got = r.hear(in)
			case Members:
				got = r.read(in)
			}
			if !slices.Equal(got, s.news) {
				t.Errorf("%s, step %d: got %+v, want %+v", row.name, i+1, got, s.news)
			}
		}
	}
}

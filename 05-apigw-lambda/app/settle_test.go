package app

import (
	"context"
	"testing"
)

// one is a store with one member.
type one struct {
	Store
	member Member
	others []Member // what others put between our read and our write
}

func (o *one) Member(context.Context, string, string) (Member, error) { return o.member, nil }

func (o *one) PutMember(_ context.Context, m Member) (Member, error) {
	if len(o.others) > 0 {
		o.member, o.others = o.others[0], o.others[1:]
		o.member.Version = 9
	}
	if m.Version != o.member.Version {
		return m, ErrConflict
	}
	m.Version++
	o.member = m
	return m, nil
}

func TestSettle(t *testing.T) {
	mark := func(next, last uint64, joining string) Member {
		return Member{Connection: "c", Next: next, Last: last, Joining: joining}
	}
	for _, row := range []struct {
		name   string
		before Member
		told   told
		others []Member
		after  Member
	}{
		{name: "told all", told: told{start: 5, next: 8, last: 7}},
		{name: "told some", told: told{start: 5, next: 7, last: 7}, after: mark(7, 7, "")},
		{name: "told nothing", told: told{start: 5, next: 5, last: 7}, after: mark(5, 7, "")},

		{name: "told what it lacked", before: mark(3, 4, ""), told: told{start: 3, next: 8, last: 7}},
		{name: "told a part of it", before: mark(3, 9, ""), told: told{start: 3, next: 8, last: 7}, after: mark(8, 9, "")},
		{name: "another relies on more", before: mark(3, 9, ""), told: told{start: 3, next: 4, last: 7}, after: mark(4, 9, "")},
		{name: "relies on more than others", before: mark(3, 4, ""), told: told{start: 3, next: 4, last: 7}, after: mark(4, 7, "")},
		{name: "told from too late on", before: mark(3, 4, ""), told: told{start: 5, next: 8, last: 7}, after: mark(3, 7, "")},

		{name: "told all, but it is joining", before: mark(3, 0, "j"), told: told{start: 3, next: 8, last: 7}, after: mark(8, 7, "j")},
		{name: "has joined", before: mark(3, 0, "j"), told: told{start: 3, next: 8, last: 7, joined: "j"}},
		{name: "has joined, lacking some", before: mark(3, 0, "j"), told: told{start: 3, next: 6, last: 7, joined: "j"}, after: mark(6, 7, "")},
		{name: "joined again meanwhile", before: mark(3, 0, "k"), told: told{start: 3, next: 8, last: 7, joined: "j"}, after: mark(8, 7, "k")},

		{
			name: "another told more", before: mark(3, 4, ""), told: told{start: 3, next: 4, last: 4},
			others: []Member{mark(6, 8, "")}, after: mark(6, 8, ""),
		},
		{
			name: "another told all", before: mark(3, 4, ""), told: told{start: 3, next: 5, last: 4},
			others: []Member{mark(0, 0, "")},
		},
		{
			name: "another marked it", told: told{start: 5, next: 6, last: 7},
			others: []Member{mark(5, 9, "")}, after: mark(6, 9, ""),
		},
		{
			name: "it came back by another connection", told: told{start: 5, next: 6, last: 7},
			others: []Member{{Connection: "d"}}, after: Member{Connection: "d"},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.before.Connection = "c"
			if row.after.Connection == "" {
				row.after.Connection = "c"
			}
			s := &one{member: row.before, others: row.others}
			if err := New(s, nil, Options{}).settle(t.Context(), row.before, row.told); err != nil {
				t.Fatal(err)
			}
			s.member.Version = 0
			if s.member != row.after {
				t.Errorf("the member is %+v, wanted %+v", s.member, row.after)
			}
		})
	}
}

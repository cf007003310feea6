package check

import (
	"fmt"
	"io"
	"strings"
)

// chapters counts the full check's cases, and tells of those that are not ok:
// of many with the same finding, the first.
func (v View) chapters(w io.Writer, r *Report) {
	l := v.Language
	fmt.Fprintln(w)
	for chapter := 1; chapter <= Chapters; chapter++ {
		part := &Report{}
		for _, x := range r.Results {
			if x.Stage == chapter {
				part.Results = append(part.Results, x)
			}
		}
		if len(part.Results) == 0 {
			continue
		}
		name := l.say("chapter", "n", chapter, "name", l.say(fmt.Sprintf("chapter.%d", chapter)))
		counts := []string{l.say("chapter.line", "ok", part.Count(OK), "n", len(part.Results))}
		for _, verdict := range []Verdict{Failed, NotStrict, NotOffered} {
			if n := part.Count(verdict); n > 0 {
				text := l.say("chapter.count", "n", n, "verdict", l.say("verdict."+string(verdict)+".some"))
				counts = append(counts, v.paint(colours[verdict], text))
			}
		}
		fmt.Fprintf(w, "  %s %s\n", pad(name, 28), strings.Join(counts, ", "))
	}
	for _, verdict := range []Verdict{Failed, NotStrict, NotOffered} {
		for _, alike := range r.alike(verdict) {
			fmt.Fprintln(w)
			v.line(w, alike[0], 8)
			if verdict == NotOffered {
				fmt.Fprintf(w, "      %s\n", l.Say(alike[0].Finding.Text))
			} else {
				v.failure(w, alike[0])
			}
			if n := len(alike) - 1; n > 0 {
				fmt.Fprintf(w, "      %s\n", l.say("same", "n", n, "ids", l.ids(alike[1:])))
			}
		}
	}
}

// alike are the results of a verdict, group by group, with the same finding.
func (r *Report) alike(verdict Verdict) (groups [][]*Result) {
	places := map[string]int{}
	for i := range r.Results {
		x := &r.Results[i]
		if x.Verdict != verdict || x.Finding == nil {
			continue
		}
		key := x.Group() + " " + x.Finding.Key
		if at, seen := places[key]; seen {
			groups[at] = append(groups[at], x)
		} else {
			places[key] = len(groups)
			groups = append(groups, []*Result{x})
		}
	}
	return groups
}

// ids names cases: 4.3.2 to 4.3.9, 4.3.11.
func (l *Language) ids(results []*Result) string {
	var parts []string
	for i := 0; i < len(results); {
		j := i
		for j+1 < len(results) && follows(results[j].ID, results[j+1].ID) {
			j++
		}
		if j > i+1 {
			parts = append(parts, l.say("range", "first", results[i].ID, "last", results[j].ID))
		} else {
			for _, r := range results[i : j+1] {
				parts = append(parts, r.ID)
			}
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

func follows(a, b string) bool {
	var x, y [3]int
	_, err1 := fmt.Sscanf(a, "%d.%d.%d", &x[0], &x[1], &x[2])
	_, err2 := fmt.Sscanf(b, "%d.%d.%d", &y[0], &y[1], &y[2])
	x[2]++
	return err1 == nil && err2 == nil && x == y
}

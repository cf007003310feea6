package report

import (
	"math"
	"slices"

	"websocket.example/01-http-vs-ws/measure"
)

// A table is a title, columns and a row for each transport or way. The
// terminal and the page show the same ones.
type table struct {
	Title, Caption, Note string
	Columns              []column
	Rows                 []row
}

// A column belongs to a group if it stands below a heading with others.
type column struct {
	Group, Name string
	Model       bool // expected, not measured
}

type row struct {
	Lane, Name string
	Cells      []cell
}

// A cell is a number, and below it how sure it is.
type cell struct{ Text, Range string }

// A group is a heading above several columns.
type group struct {
	Name string
	Span int
}

// Groups are the headings above the columns, none if no column has one.
func (t table) Groups() []group {
	var list []group
	some := false
	for _, c := range t.Columns {
		some = some || c.Group != ""
		if last := len(list) - 1; last >= 0 && list[last].Name == c.Group {
			list[last].Span++
		} else {
			list = append(list, group{c.Group, 1})
		}
	}
	if !some {
		return nil
	}
	return list
}

func (l *language) latencyTable(s *measure.Summary) table {
	t := table{
		Title:   l.say("latency.title"),
		Caption: l.say("latency.caption"),
		Note:    l.say("latency.one"),
	}
	if s.Runs > 1 {
		t.Note = l.say("latency.many", "n", s.Runs)
	}
	for _, key := range []string{"p50", "p90", "p99", "max", "mean", "model", "off", "events"} {
		t.Columns = append(t.Columns, column{Name: l.say("latency." + key), Model: key == "model" || key == "off"})
	}
	wrong := faults(s)
	for _, w := range wrong {
		t.Columns = append(t.Columns, column{Name: l.say("latency." + w.key)})
	}
	for _, r := range s.Rows {
		cells := make([]cell, 0, len(t.Columns))
		for _, f := range []measure.Figure{r.P50, r.P90, r.P99, r.Max, r.Mean} {
			cells = append(cells, l.figure(f, known(r), l.digits))
		}
		cells = append(cells,
			cell{Text: l.digits(r.ModelMean())},
			cell{Text: l.percent(off(r))},
			cell{Text: l.number(float64(r.Events), 0)})
		for _, w := range wrong {
			cells = append(cells, cell{Text: l.number(float64(w.of(r)), 0)})
		}
		t.Rows = append(t.Rows, row{r.Name, l.say("name." + r.Name), cells})
	}
	return t
}

// A fault is a way in which an event can fail to come once and in order.
type fault struct {
	key string
	of  func(r measure.Row) int
}

var allFaults = []fault{
	{"lost", func(r measure.Row) int { return r.Lost }},
	{"repeated", func(r measure.Row) int { return r.Repeated }},
	{"reordered", func(r measure.Row) int { return r.Reordered }},
}

// faults are those that there were.
func faults(s *measure.Summary) []fault {
	var found []fault
	for _, f := range allFaults {
		if slices.ContainsFunc(s.Rows, func(r measure.Row) bool { return f.of(r) > 0 }) {
			found = append(found, f)
		}
	}
	return found
}

func (l *language) costTable(s *measure.Summary) table {
	t := table{Title: l.say("cost.title"), Caption: l.say("cost.caption")}
	for _, group := range []string{"event", "minute"} {
		for _, key := range []string{"up", "down", "requests"} {
			t.Columns = append(t.Columns, column{Group: l.say("cost." + group), Name: l.say("cost." + key)})
		}
	}
	t.Columns = append(t.Columns, column{Name: l.say("cost.connections")})
	for _, r := range s.Rows {
		idle := func(v float64, write func(float64) string) cell {
			if !r.Idle.Measured {
				v = math.NaN()
			}
			return cell{Text: write(v)}
		}
		t.Rows = append(t.Rows, row{r.Name, l.say("name." + r.Name), []cell{
			l.figure(r.UpPerEvent, known(r), l.bytes),
			l.figure(r.DownPerEvent, known(r), l.bytes),
			l.figure(r.RequestsPerEvent, known(r), l.count),
			idle(r.Idle.Up, l.bytes),
			idle(r.Idle.Down, l.bytes),
			idle(r.Idle.Requests, l.count),
			{Text: l.number(float64(r.Connections), 0)},
		}})
	}
	return t
}

func (l *language) upstreamTable(s *measure.Summary) table {
	t := table{
		Title:   l.say("upstream.title"),
		Caption: l.say("upstream.caption"),
		Columns: []column{
			{Name: l.say("latency.p50")},
			{Name: l.say("latency.model"), Model: true},
			{Name: l.say("upstream.n")},
		},
	}
	for _, w := range s.Upstream {
		t.Rows = append(t.Rows, row{w.Name, l.say("way." + w.Name), []cell{
			l.figure(w.P50, w.N > 0, l.digits),
			{Text: l.digits(w.Model)},
			{Text: l.number(float64(w.N), 0)},
		}})
	}
	return t
}

// figure is a median with its range, if there is one.
func (l *language) figure(f measure.Figure, known bool, write func(float64) string) cell {
	if !known {
		return cell{Text: none}
	}
	return cell{write(f.Median), between(f, write)}
}

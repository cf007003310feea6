package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"

	"websocket.example/01-http-vs-ws/measure"
)

// columns is how wide a distribution is drawn.
const columns = 64

var blocks = []rune(" ▁▂▃▄▅▆▇█")

// drawings shows every transport's distribution on one time axis, with the
// mean that the model expects below it.
func (p pen) drawings(w io.Writer, l *language, s *measure.Summary) {
	p.heading(w, l.say("drawing.title"), l.say("drawing.caption"))
	a := timeAxis(s)
	names := 0
	for _, r := range s.Rows {
		names = max(names, length(l.say("name."+r.Name)))
	}
	margin := strings.Repeat(" ", names+gap)
	for _, r := range s.Rows {
		bars := draw(r.Latency, a)
		if !known(r) {
			bars = p.dim(l.say("drawing.nothing"))
		}
		fmt.Fprintln(w, strings.TrimRight(left(l.say("name."+r.Name), names+gap)+bars, " "))
		fmt.Fprintln(w, margin+p.accent(pointer(a, r.ModelMean(), l)))
	}
	marks, labels := scale(a, l)
	fmt.Fprintln(w, margin+p.dim(marks))
	fmt.Fprintln(w, margin+p.dim(labels))
	fmt.Fprintln(w, margin+p.accent(l.say("drawing.mark")))
}

// draw counts the events that fall in each column. An event that came is
// seen, however few it is among.
func draw(h *hdrhistogram.Histogram, a axis) string {
	var counts [columns]int64
	for _, bar := range h.Distribution() {
		if bar.Count > 0 {
			counts[place(a, float64(bar.From+bar.To)/2000)] += bar.Count
		}
	}
	most := int64(1)
	for _, n := range counts {
		most = max(most, n)
	}
	var line strings.Builder
	full := int64(len(blocks) - 1)
	for _, n := range counts {
		line.WriteRune(blocks[(n*full+most-1)/most]) // rounded up
	}
	return line.String()
}

// place is the column of a value.
func place(a axis, v float64) int { return min(int(a.at(v)*columns), columns-1) }

// pointer points at a value from below, with the value beside it.
func pointer(a axis, v float64, l *language) string {
	text := l.digits(v)
	if v < a.low {
		return "◂ " + text // a link without delay: left of all that can be drawn
	}
	at := place(a, v)
	if at+2+length(text) > columns {
		return strings.Repeat(" ", at-length(text)-1) + text + " ▲"
	}
	return strings.Repeat(" ", at) + "▲ " + text
}

// scale is the axis and its labels, as many as there is room for.
func scale(a axis, l *language) (marks, labels string) {
	line := []rune(strings.Repeat("─", columns))
	for _, t := range a.ticks() {
		at := place(a, t.value)
		line[at] = '┴'
		text := l.round(t.value)
		start := at - length(text)/2
		if at == 0 {
			start = 0
		}
		if labels != "" && start <= length(labels)+1 {
			continue
		}
		labels = left(labels, start) + text
	}
	return string(line), labels
}

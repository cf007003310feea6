package bench

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// plotWidth is how many columns the longest bar may have: with the names and
// the figures it is a terminal of 80.
const plotWidth = 44

// plot draws the ratios for a terminal.
func (r *report) plot(w io.Writer) {
	for _, workload := range r.workloads {
		rows, title := r.rows(workload), workload+": "+r.ratioName(workload)
		besides := []float64{1}
		if workloadNamed(workload) == nil {
			rows, title, besides = r.idleRows(), workload+": KiB for each connection", nil
		}
		if len(rows) == 0 {
			continue
		}
		var all []spread
		width := 0
		for _, row := range rows {
			all = append(all, row.ratio)
			width = max(width, utf8.RuneCountInString(row.peer))
		}
		a := axisOf(all, besides...)
		if a.Log {
			title += ", on a logarithmic axis"
		}
		fmt.Fprintf(w, "\n%s\n", title)
		for _, row := range rows {
			fmt.Fprintf(w, "  %-*s %-*s %s\n", width, row.peer, plotWidth, a.bar(row.ratio, plotWidth), three(row.ratio.mid))
		}
		fmt.Fprintf(w, "  %-*s %s\n", width, "", a.ruler(plotWidth))
	}
	fmt.Fprintln(w, "\nA bar ends at the median; ▓ and ─ are from one quartile to the other.")
}

// bar is a spread as one line.
func (a axis) bar(s spread, width int) string {
	if math.IsNaN(s.mid) {
		return ""
	}
	column := func(f float64) int { return int(math.Round(a.at(f) * float64(width))) }
	low, mid, high := column(s.low), column(s.mid), column(s.high)
	text := strings.Repeat("█", low) + strings.Repeat("▓", mid-low)
	if high > mid {
		text += strings.Repeat("─", high-mid-1) + "┤"
	}
	return text
}

// ruler writes the ticks, as far as there is room.
func (a axis) ruler(width int) string {
	line, end := "", 0
	for _, tick := range a.Ticks {
		text := fmt.Sprint(tick)
		at := int(math.Round(a.at(tick)*float64(width))) - len(text)/2
		if at = max(0, at); at > end || line == "" {
			line += strings.Repeat(" ", at-end) + text
			end = at + len(text)
		}
	}
	return line
}

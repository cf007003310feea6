package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A pen writes with colours, or without. The accent is the model's.
type pen bool

func (p pen) bold(text string) string   { return p.with("1", text) }
func (p pen) dim(text string) string    { return p.with("2", text) }
func (p pen) accent(text string) string { return p.with("36", text) }

func (p pen) with(code, text string) string {
	if !p || strings.TrimSpace(text) == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func length(text string) int { return utf8.RuneCountInString(text) }

func right(text string, width int) string {
	return strings.Repeat(" ", max(0, width-length(text))) + text
}

func left(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-length(text)))
}

// gap is the space before a column, widest that of a whole table.
const (
	gap    = 2
	widest = 100
)

// table writes a title and the rows below it, numbers to the right.
func (p pen) table(w io.Writer, t table) {
	p.heading(w, t.Title, t.Caption)
	first, widths, gap := t.widths()
	if line := t.groups(first, widths, gap); line != "" {
		fmt.Fprintln(w, p.dim(line))
	}
	line := left("", first)
	for i, c := range t.Columns {
		line += p.dim(right(c.Name, widths[i]+gap))
	}
	fmt.Fprintln(w, line)
	for _, r := range t.Rows {
		line, below := left(r.Name, first), left("", first)
		for i, c := range r.Cells {
			text := right(c.Text, widths[i]+gap)
			if t.Columns[i].Model {
				text = p.accent(text)
			}
			line += text
			below += right(c.Range, widths[i]+gap)
		}
		fmt.Fprintln(w, line)
		if below = strings.TrimRight(below, " "); below != "" {
			fmt.Fprintln(w, p.dim(below))
		}
	}
	if t.Note != "" {
		fmt.Fprintln(w, p.dim(t.Note))
	}
}

func (p pen) heading(w io.Writer, title, caption string) {
	fmt.Fprintf(w, "\n%s", p.bold(title))
	if caption != "" {
		separator := ", "
		if length(title)+length(caption) > width-2 {
			separator = "\n"
		}
		fmt.Fprint(w, separator, p.dim(caption))
	}
	fmt.Fprintln(w)
}

// widths are those of the names, of each column, and of the space before it:
// less than usual if the table is too wide.
func (t table) widths() (first int, columns []int, space int) {
	columns = make([]int, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = length(c.Name)
	}
	for _, r := range t.Rows {
		first = max(first, length(r.Name))
		for i, c := range r.Cells {
			columns[i] = max(columns[i], length(c.Text), length(c.Range))
		}
	}
	total := first
	for _, w := range columns {
		total += w + gap
	}
	if total > widest {
		return first, columns, 1
	}
	return first, columns, gap
}

// groups is the line of headings above several columns each, "" if none.
func (t table) groups(first int, widths []int, gap int) string {
	line := left("", first)
	column := 0
	for _, g := range t.Groups() {
		span := 0
		for range g.Span {
			span += widths[column] + gap
			column++
		}
		text := ""
		if g.Name != "" {
			text = g.Name + " " + strings.Repeat("─", max(0, span-gap-length(g.Name)-1))
		}
		line += left(strings.Repeat(" ", gap)+text, span)
	}
	return strings.TrimRight(line, " ")
}

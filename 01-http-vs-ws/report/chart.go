package report

import "strings"

// A chart is a few bars, each with its name above it and its figure at its
// end, so that nobody has to look up a colour.
type chart struct {
	ID, Title, Desc string
	Heading         bool     // whether the title is shown above it
	Key             []string // what its signs mean
	Height          int
	Names           []label
	Bars            []bar
	Lines           []gridline
}

type label struct {
	Y          int
	Lane, Text string
}

// A bar is Y pixels down, and its places are in percent of the width. End is
// where its text begins, Low and High are how sure it is, Model is what was
// expected.
type bar struct {
	Y                int
	Lane, Kind, Text string
	Width, End       string
	Low, High, Model string
}

// The height of a bar and of what stands around it, in pixels, and the
// longest bar as a part of the width: the rest is for its figure.
const (
	barHeight  = 16
	nameHeight = 30
	lineLabel  = 18
	longest    = 0.7
)

// Where the parts of a bar stand, in pixels from the top of its chart.

func (b bar) Middle() int   { return b.Y + barHeight/2 }
func (b bar) Baseline() int { return b.Y + barHeight - 2 }
func (b bar) Above() int    { return b.Y - 3 }
func (b bar) Bottom() int   { return b.Y + barHeight }
func (b bar) Below() int    { return b.Y + barHeight + 3 }

// Bottom is where the labels of the lines begin.
func (c chart) Bottom() int {
	if len(c.Lines) == 0 {
		return c.Height
	}
	return c.Height - lineLabel
}

func (l *language) newChart(id, key string) chart {
	return chart{ID: id, Title: l.say(key + ".title"), Heading: true, Key: l.signs(key + ".key")}
}

// signs are what a chart needs explained.
func (l *language) signs(key string) []string {
	if !l.has(key) {
		return nil
	}
	return strings.Split(l.say(key), " | ")
}

// name puts the name of a transport or way above the bars that follow.
func (c *chart) name(lane, text string) {
	c.Names = append(c.Names, label{c.Height + nameHeight - 8, lane, text})
	c.Height += nameHeight
	c.describe(text + ":")
}

// bar puts a bar below what there is already. Length goes from 0 to 1.
func (c *chart) bar(b bar, length float64) {
	b.Width = percentOf(length * longest)
	b.End = b.Width
	c.add(b)
}

func (c *chart) add(b bar) {
	b.Y = c.Height
	c.Bars = append(c.Bars, b)
	c.Height += barHeight + 6
	c.describe(b.Text + ".")
}

// describe tells the chart to who can't see it.
func (c *chart) describe(text string) { c.Desc = strings.TrimSpace(c.Desc + " " + text) }

// part of the longest, none of nothing.
func part(v, most float64) float64 {
	if most == 0 {
		return 0
	}
	return v / most
}

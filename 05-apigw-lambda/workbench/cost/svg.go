package cost

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"strings"
)

// The drawing, in units of its view box.
const (
	width, height = 900.0, 580.0
	left, right   = 78.0, 24.0
	top, bottom   = 104.0, 60.0
)

// A way is drawn with a colour and a dash of its own, so that it can be told
// from the others without colour.
var strokes = []struct{ way, dash string }{
	{"serverless", ""},
	{"machine", "3 4"},
	{"cluster", "9 5"},
}

const style = `
svg { --ink: #1d2433; --soft: #5b6577; --rule: #e3e6ec; --paper: #ffffff; --serverless: #b4470c; --machine: #4a6f1d; --cluster: #1f5fbf }
@media (prefers-color-scheme: dark) {
  svg { --ink: #e8ebf2; --soft: #a3adbf; --rule: #2c3442; --paper: #12161e; --serverless: #ff9d5c; --machine: #a9d46b; --cluster: #7fb2ff }
}
.paper { fill: var(--paper) }
text { font: 14px system-ui, sans-serif; fill: var(--ink) }
.title { font-size: 20px; font-weight: 600 }
.soft { font-size: 13px; fill: var(--soft) }
.rule { stroke: var(--rule) }
.here { stroke: var(--soft); stroke-width: 2 }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round }
.halo { stroke: var(--paper); stroke-width: 5; stroke-linejoin: round; paint-order: stroke }
.serverless { stroke: var(--serverless) } text.serverless { stroke: none; fill: var(--serverless) }
.machine { stroke: var(--machine) } text.machine { stroke: none; fill: var(--machine) }
.cluster { stroke: var(--cluster) } text.cluster { stroke: none; fill: var(--cluster) }
.dot { fill: var(--paper); stroke: var(--ink); stroke-width: 2 }
`

type dot struct{ x, y float64 }

// Draw draws cost by users, both logarithmic, with a mark at those of the input.
func Draw(l Language, in Input, p *Prices) []byte {
	lines, low, high := sweep(in, p)
	at := func(d dot) (x, y float64) {
		x = left + (width-left-right)*math.Log(d.x/fewUsers)/math.Log(manyUsers/fewUsers)
		y = height - bottom - (height-top-bottom)*math.Log(d.y/low)/math.Log(high/low)
		return x, y
	}

	var b bytes.Buffer
	say := func(class, anchor string, x, y float64, text string) {
		fmt.Fprintf(&b, `<text class="%s" text-anchor="%s" x="%.1f" y="%.1f">%s</text>`+"\n", class, anchor, x, y, html.EscapeString(text))
	}
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" lang="%s" viewBox="0 0 %g %g" role="img" aria-labelledby="title desc">`+"\n", l.tag, width, height)
	fmt.Fprintf(&b, "<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n<style>%s</style>\n",
		html.EscapeString(l.Say("chart.title")), html.EscapeString(l.Say("chart.desc")), style)
	fmt.Fprintf(&b, `<rect class="paper" width="%g" height="%g"/>`+"\n", width, height)
	say("title", "start", left, 32, l.Say("chart.title"))
	say("soft", "start", left, 54, l.Say("chart.sub", "room", l.short(in.Room), "messages", l.short(in.Messages),
		"hours", l.short(in.Hours), "days", l.short(in.Days), "heartbeat", l.short(in.Heartbeat)))
	say("soft", "end", width-right, top-12, l.Say("chart.prices", "date", p.Date, "region", p.Region))

	for users := float64(fewUsers); users <= manyUsers; users *= 10 {
		x, _ := at(dot{users, low})
		fmt.Fprintf(&b, `<line class="rule" x1="%.1f" x2="%.1f" y1="%g" y2="%g"/>`+"\n", x, x, top, height-bottom)
		anchor := "middle"
		if users == manyUsers {
			anchor = "end"
		}
		say("soft", anchor, x, height-bottom+20, l.Number(users, 0))
	}
	for usd := low; usd <= high*1.001; usd *= 10 {
		_, y := at(dot{fewUsers, usd})
		fmt.Fprintf(&b, `<line class="rule" x1="%g" x2="%g" y1="%.1f" y2="%.1f"/>`+"\n", left, width-right, y, y)
		say("soft", "end", left-8, y+4, l.Number(usd, max(0, int(math.Ceil(-math.Log10(usd))))))
	}
	say("soft", "middle", (left+width-right)/2, height-14, l.Say("chart.x"))
	say("soft", "start", left, top-12, l.Say("chart.y"))

	if in.Users >= fewUsers && in.Users <= manyUsers {
		x, _ := at(dot{in.Users, low})
		fmt.Fprintf(&b, `<line class="here" x1="%.1f" x2="%.1f" y1="%g" y2="%g"/>`+"\n", x, x, top, height-bottom)
	}
	for _, s := range strokes {
		line := lines[s.way]
		if len(line) == 0 {
			continue
		}
		var path strings.Builder
		for i, d := range line {
			x, y := at(d)
			fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(i, 1)], x, y)
		}
		fmt.Fprintf(&b, `<path class="line %s" stroke-dasharray="%s" d="%s"/>`+"\n", s.way, s.dash, path.String())
	}
	for _, c := range Crossings(in, p) {
		x, y := at(dot{c.Users, c.USD})
		fmt.Fprintf(&b, `<circle class="dot" cx="%.1f" cy="%.1f" r="5"/>`+"\n", x, y)
		text := l.Say("chart.cross", "users", l.Number(c.Users, 0), "usd", l.Money(c.USD))
		if x > left+200 {
			say("halo", "end", x-8, y-12, text) // the lines come from below
		} else {
			say("halo", "start", x+12, y+20, text)
		}
	}
	legend(&b, l, lines)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// legend stands where no line is: the upper left, for all of them rise.
func legend(b *bytes.Buffer, l Language, lines map[string][]dot) {
	y := top + 22
	for _, s := range strokes {
		if len(lines[s.way]) == 0 {
			continue
		}
		fmt.Fprintf(b, `<line class="line %s" stroke-dasharray="%s" x1="%g" x2="%g" y1="%g" y2="%g"/>`+"\n", s.way, s.dash, left+16, left+60, y, y)
		fmt.Fprintf(b, `<text class="%s" x="%g" y="%g">%s</text>`+"\n", s.way, left+70, y+5, html.EscapeString(l.Say("short."+s.way)))
		y += 24
	}
}

// sweep prices every way for all numbers of users, and says between which
// powers of ten the prices are.
func sweep(in Input, p *Prices) (lines map[string][]dot, low, high float64) {
	lines = map[string][]dot{}
	low, high = math.Inf(1), 0
	const steps = 240
	for i := range steps + 1 {
		in.Users = fewUsers * math.Pow(manyUsers/fewUsers, float64(i)/steps)
		for _, bill := range Bills(in, p) {
			usd := math.Max(bill.Total, 0.01)
			lines[bill.Key] = append(lines[bill.Key], dot{in.Users, usd})
			low, high = math.Min(low, usd), math.Max(high, usd)
		}
	}
	return lines, math.Pow(10, math.Floor(math.Log10(low))), math.Pow(10, math.Ceil(math.Log10(high)))
}

package report

import (
	"math"
	"strconv"

	"websocket.example/01-http-vs-ws/measure"
)

// A panel is the distribution of one transport. All panels have the same
// axes, one above the other, so that the eye compares them.
type panel struct {
	Lane, Name            string
	Quantiles             []quantileText
	Means, N, Desc        string
	Measured, Band, Model string    // paths in the square
	Left                  *gridline // what the model says, if that is left of the axis
	Marks                 []mark
	Shares                []gridline // across
	Ticks                 []gridline // upright
}

type quantileText struct{ Name, Value string }

// A mark is a dot on the curve: X in percent, Y in pixels.
type mark struct{ X, Y string }

// A gridline is at a place: in percent if upright, in pixels if across.
type gridline struct {
	At, Label, Anchor string
	Minor             bool // its label can be left out on a phone
}

// The plot of a panel, in pixels from its top.
const (
	plotTop    = 14
	plotHeight = 160
)

func (l *language) panels(s *measure.Summary) []panel {
	a := timeAxis(s)
	var list []panel
	for _, r := range s.Rows {
		list = append(list, l.panel(r, a))
	}
	return list
}

func (l *language) panel(r measure.Row, a axis) panel {
	p := panel{
		Lane:   r.Name,
		Name:   l.say("name." + r.Name),
		N:      l.say("page.n", "n", l.number(float64(r.Latency.TotalCount()), 0)),
		Model:  expected(r.Model, a),
		Ticks:  l.upright(a),
		Means:  l.say("page.model.off", "mean", l.digits(r.Mean.Median), "model", l.ms(r.ModelMean()), "off", l.percent(off(r))),
		Desc:   l.say("page.ecdf.none"),
		Shares: across(l, 0.5, 0.9, 0.99),
	}
	if math.IsNaN(off(r)) {
		p.Means = l.say("page.model.mean", "mean", l.digits(r.Mean.Median), "model", l.ms(r.ModelMean()))
	}
	if p.Model == "" { // its label stands beside the curve
		text := "◂ " + l.say("page.model", "model", l.ms(r.ModelMean()))
		p.Left = &gridline{At: percentOf(a.at(float64(r.Latency.Max()) / 1000)), Label: text}
	}
	if r.Latency.TotalCount() == 0 {
		p.Means, p.N = p.Desc, ""
		return p
	}
	points := ecdf(r.Latency, a)
	p.Measured, p.Band = steps(points), band(points, r.Latency.TotalCount())
	for _, q := range []struct {
		name  string
		share float64
		value float64
	}{{"p50", 0.5, r.P50.Median}, {"p90", 0.9, r.P90.Median}, {"p99", 0.99, r.P99.Median}} {
		p.Quantiles = append(p.Quantiles, quantileText{l.say("latency." + q.name), l.ms(q.value)})
		p.Marks = append(p.Marks, mark{percentOf(a.at(q.value)), pixel(q.share)})
	}
	p.Desc = l.say("page.ecdf.desc", "p50", l.ms(r.P50.Median), "p90", l.ms(r.P90.Median),
		"p99", l.ms(r.P99.Median), "mean", l.ms(r.Mean.Median), "model", l.ms(r.ModelMean()))
	return p
}

// upright are the lines of the time axis. The outermost labels stay inside.
func (l *language) upright(a axis) []gridline {
	var list []gridline
	for _, t := range a.ticks() {
		at := a.at(t.value)
		g := gridline{percentOf(at), l.round(t.value), "middle", t.minor}
		switch {
		case at < 0.03:
			g.Anchor = "start"
		case at > 0.97:
			g.Anchor = "end"
		}
		list = append(list, g)
	}
	return list
}

func across(l *language, shares ...float64) []gridline {
	var list []gridline
	for _, share := range shares {
		list = append(list, gridline{At: pixel(share), Label: l.decimals(share*100, 0) + "%", Anchor: "end"})
	}
	return list
}

// pixel is the height at which a share is drawn.
func pixel(share float64) string {
	return decimalsOf(plotTop+(1-share)*plotHeight, 1)
}

// percentOf writes a place between 0 and 1 for an attribute of SVG.
func percentOf(at float64) string { return decimalsOf(at*100, 2) + "%" }

func decimalsOf(v float64, n int) string { return strconv.FormatFloat(v, 'f', n, 64) }

package report

import (
	"websocket.example/01-http-vs-ws/measure"
	"websocket.example/01-http-vs-ws/transport"
)

// upstreamChart has the measured medians as bars and the model as lines
// across them.
func (l *language) upstreamChart(s *measure.Summary) chart {
	c := chart{ID: "upstream", Title: l.say("upstream.title"), Key: l.signs("page.upstream.key")}
	if s.Runs > 1 {
		c.Key = l.signs("page.upstream.key.runs")
	}
	most := 0.0
	for _, w := range s.Upstream {
		most = max(most, w.P50.High, w.Model)
	}
	// The text beside these bars is long: they take less of the width.
	place := func(v float64) string { return percentOf(part(v, most) * 0.42) }
	for _, w := range s.Upstream {
		lane := "post"
		if w.Name == measure.WayWebSocket {
			lane = transport.WebSocket
		}
		b := bar{
			Lane: lane, Kind: "between", Text: none,
			Width: place(w.P50.Median), End: place(max(w.P50.High, w.Model)),
		}
		if w.N > 0 {
			b.Text = l.digits(w.P50.Median) + " · " + l.say("page.model", "model", l.ms(w.Model))
		}
		if w.Model > 0 {
			b.Model = place(w.Model)
		}
		if w.P50.High > w.P50.Low {
			b.Low, b.High = place(w.P50.Low), place(w.P50.High)
		}
		c.name(lane, l.say("way."+w.Name))
		c.add(b)
	}
	return c
}

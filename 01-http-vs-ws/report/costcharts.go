package report

import (
	"math"

	"websocket.example/01-http-vs-ws/measure"
)

// costCharts are bytes and requests, per event and per idle minute.
func (l *language) costCharts(s *measure.Summary) []chart {
	perEvent := func(r measure.Row) (float64, bool) { return r.RequestsPerEvent.Median, known(r) }
	perMinute := func(r measure.Row) (float64, bool) { return r.Idle.Requests, r.Idle.Measured }
	return []chart{
		l.bytesChart(s),
		l.idleBytesChart(s),
		l.requestsChart(s, "requests", "page.requests", perEvent),
		l.requestsChart(s, "idle-requests", "page.idle.requests", perMinute),
	}
}

// bytesChart has two bars for each transport: up and down.
func (l *language) bytesChart(s *measure.Summary) chart {
	c := l.newChart("bytes", "page.bytes")
	most := 0.0
	for _, r := range s.Rows {
		most = max(most, r.UpPerEvent.Median, r.DownPerEvent.Median)
	}
	for _, r := range s.Rows {
		c.name(r.Name, l.say("name."+r.Name))
		up, down := l.figure(r.UpPerEvent, known(r), l.bytes), l.figure(r.DownPerEvent, known(r), l.bytes)
		c.bar(bar{Lane: r.Name, Kind: "up", Text: "↑ " + up.Text}, part(r.UpPerEvent.Median, most))
		c.bar(bar{Lane: r.Name, Kind: "down", Text: "↓ " + down.Text}, part(r.DownPerEvent.Median, most))
	}
	return c
}

// requestsChart has one bar for each transport.
func (l *language) requestsChart(s *measure.Summary, id, key string, of func(measure.Row) (float64, bool)) chart {
	c := l.newChart(id, key)
	most, some := 0.0, false
	for _, r := range s.Rows {
		v, known := of(r)
		most, some = max(most, v), some || known
	}
	if !some {
		c.Key = []string{l.say("page.unmeasured")}
		return c
	}
	for _, r := range s.Rows {
		v, known := of(r)
		text := none
		if known {
			text = l.count(v)
		}
		c.name(r.Name, l.say("name."+r.Name))
		c.bar(bar{Lane: r.Name, Text: text}, part(v, most))
	}
	return c
}

// idleBytesChart has a logarithmic axis that begins at one byte: a ping
// beside the headers of sixty polls would not be seen on an even one.
func (l *language) idleBytesChart(s *measure.Summary) chart {
	c := l.newChart("idle-bytes", "page.idle")
	most, some := 10.0, false
	for _, r := range s.Rows {
		most, some = max(most, r.Idle.Up+r.Idle.Down), some || r.Idle.Measured
	}
	if !some {
		c.Key = []string{l.say("page.unmeasured")}
		return c
	}
	decades := math.Ceil(math.Log10(most))
	for _, r := range s.Rows {
		total, text := r.Idle.Up+r.Idle.Down, none
		if r.Idle.Measured {
			text = l.bytes(total)
		}
		c.name(r.Name, l.say("name."+r.Name))
		c.bar(bar{Lane: r.Name, Text: text}, math.Log10(max(total, 1))/decades)
	}
	for d := 0.0; d <= decades; d++ {
		line := gridline{At: percentOf(d / decades * longest), Label: l.short(math.Pow(10, d)), Anchor: "middle"}
		if d == 0 {
			line.Anchor = "start"
		}
		c.Lines = append(c.Lines, line)
	}
	c.Height += lineLabel
	return c
}

// short writes a power of ten in little room: 100, 1k, 10k, 1M.
func (l *language) short(v float64) string {
	switch {
	case v >= 1e6:
		return l.decimals(v/1e6, 0) + "M"
	case v >= 1e3:
		return l.decimals(v/1e3, 0) + "k"
	}
	return l.decimals(v, 0)
}

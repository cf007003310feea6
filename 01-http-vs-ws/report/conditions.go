package report

import (
	"slices"
	"strings"
	"time"

	"websocket.example/01-http-vs-ws/measure"
)

// conditions says what was measured, in short pieces.
func (l *language) conditions(s *measure.Summary) []string {
	pieces := []string{
		l.network(s.Config),
		l.say("what.poll", "poll", l.span(s.Poll)),
		l.say("what.rate", "rate", l.decimals(s.Rate, 3), "seed", s.Seed),
	}
	if s.Runs > 1 {
		pieces = append(pieces, l.say("what.runs", "n", s.Runs, "duration", l.span(s.Duration)))
	} else {
		pieces = append(pieces, l.say("what.run", "duration", l.span(s.Duration)))
	}
	pieces = append(pieces, l.say("what.headers."+string(s.Headers)))
	if s.TLS {
		return append(pieces, l.say("what.tls"))
	}
	return append(pieces, l.say("what.plain"))
}

// network is the link, by its name and what it does.
func (l *language) network(c measure.Config) string {
	name := c.Network
	if name == "custom" {
		name = l.say("what.custom")
	}
	if c.Link.RTT == 0 && c.Link.Bandwidth == 0 {
		return l.say("what.nolink", "name", name)
	}
	trip := l.span(c.Link.RTT)
	if c.Link.Jitter > 0 {
		trip += nobreak + "±" + nobreak + l.span(c.Link.Jitter)
	}
	if c.Link.Bandwidth == 0 {
		return l.say("what.link", "name", name, "rtt", trip)
	}
	return l.say("what.limited", "name", name, "rtt", trip, "bandwidth", l.bits(c.Link.Bandwidth))
}

func (l *language) bits(n int64) string {
	switch {
	case n >= 1_000_000_000:
		return l.decimals(float64(n)/1e9, 2) + nobreak + "Gbit/s"
	case n >= 1_000_000:
		return l.decimals(float64(n)/1e6, 2) + nobreak + "Mbit/s"
	}
	return l.decimals(float64(n)/1e3, 2) + nobreak + "kbit/s"
}

// notices are what must be read before any figure: that the run was
// interrupted, what died, what got lost.
func (l *language) notices(s *measure.Summary) []string {
	var list []string
	if s.Interrupted {
		list = append(list, l.say("note.interrupted",
			"x", l.decimals(s.Counted.Seconds(), 1),
			"y", l.decimals((s.Duration*time.Duration(s.Runs)).Seconds(), 1)))
	}
	for _, r := range s.Rows {
		if r.Died != nil {
			list = append(list, sentence(l.say("note.died", "name", l.say("name."+r.Name), "error", oneLine(r.Died))))
		}
	}
	if s.Err != nil && !slices.ContainsFunc(s.Rows, func(r measure.Row) bool { return r.Died != nil }) { // the way upstream
		list = append(list, sentence(l.say("note.err", "error", oneLine(s.Err))))
	}
	for _, r := range s.Rows {
		var faults []string
		for _, f := range allFaults {
			if n := f.of(r); n > 0 {
				faults = append(faults, l.say("latency."+f.key)+": "+l.number(float64(n), 0))
			}
		}
		if len(faults) > 0 {
			list = append(list, sentence(l.say("note.incomplete", "name", l.say("name."+r.Name), "list", strings.Join(faults, ", "))))
		}
	}
	return list
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

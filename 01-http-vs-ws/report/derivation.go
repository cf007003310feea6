package report

import (
	"fmt"
	"time"

	"websocket.example/01-http-vs-ws/measure"
	"websocket.example/01-http-vs-ws/transport"
)

// A step of the derivation: what it is of, its formula with the numbers of
// this run, and why. (Package model has it at length.)
type step struct{ Name, Formula, Why string }

func (l *language) modelLead(s *measure.Summary) string {
	return l.say("model.lead", "rtt", l.span(s.Link.RTT), "poll", l.span(s.Poll), "rate", l.decimals(s.Rate, 3))
}

func (l *language) derivation(s *measure.Summary) []step {
	half := milliseconds(s.Link.RTT) / 2
	short, long := s.Row(transport.ShortPoll).ModelMean(), s.Row(transport.LongPoll).ModelMean()

	interval, waits := "T", milliseconds(s.Poll)/2
	if s.Link.RTT > s.Poll { // the answer is what is waited for
		interval, waits = "R", half
	}
	w := 0.0
	if half > 0 {
		w = (long - half) / half
	}
	fresh, trips := "model.new", 2
	if s.TLS {
		fresh, trips = "model.new.tls", 3
	}
	d := l.digits
	return []step{
		{
			l.say("model.push", "sse", l.say("name.sse"), "websocket", l.say("name.websocket")),
			fmt.Sprintf("o = R/2 = %s", l.ms(half)),
			l.say("model.push.why"),
		},
		{
			l.say("name." + transport.ShortPoll),
			fmt.Sprintf("o + %s/2 = %s + %s = %s", interval, d(half), d(waits), l.ms(short)),
			l.say("model.short"),
		},
		{
			l.say("name." + transport.LongPoll),
			fmt.Sprintf("o + w·R/2 = %s + %s·%s = %s", d(half), l.decimals(w, 3), d(half), l.ms(long)),
			l.say("model.long"),
		},
		{
			l.say("way."+measure.WayPostKept) + ", " + l.say("way."+measure.WayWebSocket),
			fmt.Sprintf("R = %s", l.ms(2*half)),
			l.say("model.kept"),
		},
		{
			l.say("way." + measure.WayPostNew),
			fmt.Sprintf("%dR = %s", trips, l.ms(2*half*float64(trips))),
			l.say(fresh),
		},
	}
}

// limits are what the figures do not say.
func (l *language) limits(s *measure.Summary) []string {
	network := "limits.link"
	if s.Link.RTT == 0 && s.Link.Bandwidth == 0 {
		network = "limits.loopback"
	}
	return []string{
		l.say(network),
		l.say("limits.http"),
		l.say("limits.bytes"),
		l.say("limits.model"),
		l.say("limits.idle", "keepalive", l.span(s.Keepalive)),
		l.say("limits.cookies"),
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

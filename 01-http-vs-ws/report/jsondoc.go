package report

import (
	"math"

	"websocket.example/01-http-vs-ws/measure"
)

// document fills the JSON report.
func document(s *measure.Summary) jsonReport {
	d := jsonReport{
		Network:     s.Network,
		Link:        jsonLink{decimal(milliseconds(s.Link.RTT)), decimal(milliseconds(s.Link.Jitter)), s.Link.Bandwidth},
		Poll:        decimal(milliseconds(s.Poll)),
		Rate:        decimal(s.Rate),
		Seed:        s.Seed,
		Duration:    decimal(s.Duration.Seconds()),
		Counted:     decimal(s.Counted.Seconds()),
		Headers:     string(s.Headers),
		TLS:         s.TLS,
		Runs:        s.Runs,
		Interrupted: s.Interrupted,
	}
	if s.Err != nil {
		d.Error = s.Err.Error()
	}
	for _, r := range s.Rows {
		d.Transports = append(d.Transports, transportOf(r, s.Runs))
	}
	fresh, kept, socket := s.Way(measure.WayPostNew), s.Way(measure.WayPostKept), s.Way(measure.WayWebSocket)
	d.Upstream = jsonUpstream{took(fresh), took(kept), took(socket)}
	d.Expected = jsonUpstream{decimal(fresh.Model), decimal(kept.Model), decimal(socket.Model)}
	if s.Runs > 1 {
		d.Spread = &jsonWays{spreadOf(fresh.P50), spreadOf(kept.P50), spreadOf(socket.P50)}
	}
	return d
}

func transportOf(r measure.Row, runs int) jsonTransport {
	median := func(f measure.Figure) decimal { return given(known(r), f.Median) }
	t := jsonTransport{
		Name:        r.Name,
		Events:      r.Events,
		Lost:        r.Lost,
		Repeated:    r.Repeated,
		Reordered:   r.Reordered,
		Latency:     jsonLatency{median(r.P50), median(r.P90), median(r.P99), median(r.Max), median(r.Mean)},
		Model:       decimal(r.ModelMean()),
		Off:         decimal(off(r) * 100),
		Up:          median(r.UpPerEvent),
		Down:        median(r.DownPerEvent),
		Requests:    median(r.RequestsPerEvent),
		Connections: r.Connections,
	}
	if r.Idle.Measured {
		t.Idle = &jsonIdle{decimal(r.Idle.Requests), decimal(r.Idle.Up), decimal(r.Idle.Down)}
	}
	if runs > 1 {
		t.Spread = &jsonSpread{
			spreadOf(r.P50), spreadOf(r.P90), spreadOf(r.P99), spreadOf(r.Max), spreadOf(r.Mean),
			spreadOf(r.UpPerEvent), spreadOf(r.DownPerEvent), spreadOf(r.RequestsPerEvent),
		}
	}
	if r.Died != nil {
		t.Error = r.Died.Error()
	}
	return t
}

func took(w measure.Way) decimal { return given(w.N > 0, w.P50.Median) }

func spreadOf(f measure.Figure) spread { return spread{decimal(f.Low), decimal(f.High)} }

func given(known bool, v float64) decimal {
	if !known {
		return decimal(math.NaN())
	}
	return decimal(v)
}

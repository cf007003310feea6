package bench

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
)

// figures are the medians of a row.
type figures struct {
	CPU     figure `json:"cpu"`  // µs for a message
	Rate    figure `json:"rate"` // messages a second
	Reads   figure `json:"reads"`
	Writes  figure `json:"writes"`
	Clients figure `json:"clients"` // their CPU time, divided by the server's
}

// A figure may be unknown: NaN, which is null in JSON.
type figure float64

func (f figure) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(f))
}

func (w *row) figures() figures {
	per := func(n int64, s *slot) float64 { return float64(n) / float64(s.Messages) }
	return figures{
		CPU:     w.median(func(s *slot) float64 { return per(s.CPU.Nanoseconds(), s) / 1000 }),
		Rate:    w.median(func(s *slot) float64 { return float64(s.Messages) / s.Wall.Seconds() }),
		Reads:   w.median(func(s *slot) float64 { return per(s.Reads, s) }),
		Writes:  w.median(func(s *slot) float64 { return per(s.Writes, s) }),
		Clients: w.median(func(s *slot) float64 { return float64(s.LoadCPU) / float64(s.CPU) }),
	}
}

// idleFigures are the medians of a row of the workload idle: KiB for a
// connection, and µs for its handshake.
type idleFigures struct {
	Connected figure `json:"connected"`
	Freed     figure `json:"freed"`
	Echoed    figure `json:"echoed"`
	FreedLast figure `json:"freedLast"`
	Handshake figure `json:"handshake"`
}

func (w *row) idleFigures() idleFigures {
	kib := func(at func(*idle) int64) figure {
		return w.median(func(s *slot) float64 { return s.Idle.kib(at(s.Idle)) })
	}
	return idleFigures{
		Connected: kib(func(i *idle) int64 { return i.Connected }), Freed: kib(func(i *idle) int64 { return i.Freed }),
		Echoed: kib(func(i *idle) int64 { return i.Echoed }), FreedLast: kib(func(i *idle) int64 { return i.FreedLast }),
		Handshake: w.median(func(s *slot) float64 { return float64(s.Idle.Handshake.Microseconds()) / float64(s.Idle.Conns) }),
	}
}

// idleRows are those of the workload idle, the smallest first. Their spread is
// not a ratio, but the memory of a connection after the handshakes.
func (r *report) idleRows() []row {
	rows := r.rows(idleName)
	for i := range rows {
		rows[i].ratio = rows[i].spread(func(s *slot) float64 { return s.Idle.kib(s.Idle.Connected) })
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.ratio.mid, b.ratio.mid) })
	return rows
}

// byTheClock says that no CPU time could be read.
func (r *report) byTheClock(workload string) bool {
	rows := r.rows(workload)
	return len(rows) > 0 && rows[0].slots[0].CPU == 0
}

package measure

import "websocket.example/01-http-vs-ws/transport"

// A Finding is one thing that the figures say. Which words say it is the
// business of the report; Kind is the key of its sentence.
type Finding struct {
	Kind Kind
	A, B string  // transports or ways that it speaks of
	X, Y float64 // their figures
}

// Kind is what a Finding finds.
type Kind string

// Everything that can be found.
const (
	Sooner      Kind = "sooner"       // A delivers before B: median X against Y ms
	AsFast      Kind = "as-fast"      // A and B can't be told apart: median X and Y ms
	PollWaits   Kind = "poll-waits"   // of short polling's mean X ms, Y ms are waiting for the next poll
	Bytes       Kind = "bytes"        // an event costs X bytes by A, Y by B
	Idle        Kind = "idle"         // an idle minute costs X bytes by A, Y by B
	UpSooner    Kind = "up-sooner"    // upstream by A takes X ms, by B Y ms
	UpAsFast    Kind = "up-as-fast"   // upstream by A and B can't be told apart
	SSEIsEnough Kind = "sse-enough"   // if only the server speaks, SSE is as fast as WebSocket
	PollIsFine  Kind = "poll-fine"    // if X ms late is soon enough, short polling is the simplest
	TooFew      Kind = "too-few"      // fewer than X events by A: no judgement
	OffModel    Kind = "off-model"    // A's mean is X ms, its model says Y ms
	Incomplete  Kind = "incomplete"   // by A, X events were lost and Y repeated or out of order
	Died        Kind = "died"         // A died during the run
	NoTrouble   Kind = "nothing-lost" // every event came once and in order, X in all
)

// fewest events that a judgement is made of.
const fewest = 10

// Verdict reads the figures. Words that compare are used only where the
// intervals do not overlap; where they do, it says that it can't tell.
func (s *Summary) Verdict() []Finding {
	ws, sse := s.Row(transport.WebSocket), s.Row(transport.SSE)
	short, long := s.Row(transport.ShortPoll), s.Row(transport.LongPoll)

	found := s.health()
	for _, r := range s.Rows {
		if r.Events < fewest {
			if r.Died != nil {
				return found // which says why there are so few
			}
			return append(found, Finding{Kind: TooFew, A: r.Name, X: fewest})
		}
	}
	found = append(found,
		compare(ws.Name, ws.P50, short.Name, short.P50, Sooner, AsFast),
		Finding{Kind: PollWaits, X: short.Mean.Median, Y: short.Mean.Median - s.oneWay()},
		compare(ws.Name, ws.P50, long.Name, long.P50, Sooner, AsFast),
		compare(ws.Name, ws.P50, sse.Name, sse.P50, Sooner, AsFast),
	)
	for _, other := range []Row{short, long, sse} {
		if bytes := (Finding{Bytes, ws.Name, other.Name, ws.bytes(), other.bytes()}); bytes.Y > 1.5*bytes.X {
			found = append(found, bytes)
		}
	}
	if ws.Idle.Measured && short.Idle.Measured {
		found = append(found, Finding{Idle, ws.Name, short.Name, ws.Idle.Up + ws.Idle.Down, short.Idle.Up + short.Idle.Down})
	}
	socket, kept, fresh := s.Way(WayWebSocket), s.Way(WayPostKept), s.Way(WayPostNew)
	if socket.N >= fewest && kept.N >= fewest && fresh.N >= fewest {
		found = append(found,
			compare(socket.Name, socket.P50, fresh.Name, fresh.P50, UpSooner, UpAsFast),
			compare(socket.Name, socket.P50, kept.Name, kept.P50, UpSooner, UpAsFast),
		)
	}
	if ws.P50.Overlaps(sse.P50) || sse.P50.Median < ws.P50.Median {
		found = append(found, Finding{Kind: SSEIsEnough})
	}
	return append(found, Finding{Kind: PollIsFine, X: short.Max.Median})
}

// health is what must be known before the figures are believed.
func (s *Summary) health() []Finding {
	var found []Finding
	complete := true
	for _, r := range s.Rows {
		if r.Died != nil {
			found = append(found, Finding{Kind: Died, A: r.Name})
		}
		if r.Lost+r.Repeated+r.Reordered > 0 {
			complete = false
			found = append(found, Finding{Kind: Incomplete, A: r.Name, X: float64(r.Lost), Y: float64(r.Repeated + r.Reordered)})
		}
		if off := r.Mean.Median - r.ModelMean(); r.Events >= fewest && (off > 10 || off < -10) && (r.Off() > 0.25 || r.Off() < -0.25) {
			found = append(found, Finding{Kind: OffModel, A: r.Name, X: r.Mean.Median, Y: r.ModelMean()})
		}
	}
	if complete {
		found = append(found, Finding{Kind: NoTrouble, X: float64(s.Rows[0].Events)})
	}
	return found
}

// compare two figures of which less is better, the smaller one first.
func compare(a string, x Figure, b string, y Figure, sooner, same Kind) Finding {
	switch {
	case x.Overlaps(y):
		return Finding{same, a, b, x.Median, y.Median}
	case x.Median < y.Median:
		return Finding{sooner, a, b, x.Median, y.Median}
	}
	return Finding{sooner, b, a, y.Median, x.Median}
}

func (r Row) bytes() float64 { return r.UpPerEvent.Median + r.DownPerEvent.Median }

func (s *Summary) oneWay() float64 { return milliseconds(s.Link.OneWay()) }

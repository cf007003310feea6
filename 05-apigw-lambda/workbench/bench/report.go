package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// A report is all that was measured, and on what.
type report struct {
	Began   time.Time `json:"began"`
	Machine string    `json:"machine"`
	Go      string    `json:"go"`
	Size    int       `json:"text_bytes"`
	Slots   []slot    `json:"slots"`
	Goals   []goal    `json:"goals"`
	Missing []string  `json:"missing,omitempty"` // who was not measured, and why
}

// A goal is how many times faster than serverless-offline a peer has to be.
type goal struct {
	Peer  string  `json:"peer"`
	Times float64 `json:"times"`
	Got   float64 `json:"got"`
	Met   bool    `json:"met"`
}

// A spread is the middle of some figures, and between what half of them lie.
type spread struct{ low, mid, high float64 }

func spreadOf(figures []float64) spread {
	if len(figures) == 0 {
		return spread{math.NaN(), math.NaN(), math.NaN()}
	}
	slices.Sort(figures)
	at := func(part float64) float64 { // between two figures, some of both
		place := part * float64(len(figures)-1)
		below := int(place)
		if below+1 == len(figures) {
			return figures[below]
		}
		return figures[below] + (place-float64(below))*(figures[below+1]-figures[below])
	}
	return spread{at(0.25), at(0.5), at(0.75)}
}

// spread is that of one figure of a peer.
func (r *report) spread(peer string, figure func(*slot) float64) spread {
	var all []float64
	for i := range r.Slots {
		if s := &r.Slots[i]; s.Peer == peer {
			all = append(all, figure(s))
		}
	}
	return spreadOf(all)
}

// faster is how many times faster than serverless-offline a peer is, round by
// round.
func (r *report) faster(peer string) spread {
	var all []float64
	for _, s := range r.Slots {
		for _, o := range r.Slots {
			if s.Peer == peer && o.Peer == offlineSLS && s.Round == o.Round {
				all = append(all, o.P50/s.P50)
			}
		}
	}
	return spreadOf(all)
}

// judge holds the gateway to its goals.
func (r *report) judge() {
	for _, g := range []goal{{Peer: inProcess, Times: 8}, {Peer: runtimeAPI, Times: 3}} {
		if g.Got = r.faster(g.Peer).mid; !math.IsNaN(g.Got) {
			g.Met = g.Got >= g.Times
			r.Goals = append(r.Goals, g)
		}
	}
}

func (r *report) json(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(r)
}

func (r *report) text(w io.Writer) {
	fmt.Fprintf(w, "%s, %s, %s\n\n", r.Machine, r.Go, r.Began.Format("2006-01-02 15:04"))
	fmt.Fprintf(w, "%-19s %-22s %-22s %-22s %-20s %s\n", "", "p50 µs", "p90 µs", "p99 µs", "p50, times faster", "server CPU µs")
	rounds, messages := 0, 0
	for _, p := range peers {
		if !slices.ContainsFunc(r.Slots, func(s slot) bool { return s.Peer == p.name }) {
			continue
		}
		fmt.Fprintf(w, "%-19s %-22s %-22s %-22s %-20s %s\n", p.name,
			r.spread(p.name, func(s *slot) float64 { return s.P50 }), r.spread(p.name, func(s *slot) float64 { return s.P90 }),
			r.spread(p.name, func(s *slot) float64 { return s.P99 }), r.faster(p.name),
			r.spread(p.name, func(s *slot) float64 { return orNaN(s.CPU) }))
	}
	for _, s := range r.Slots {
		rounds, messages = max(rounds, s.Round), max(messages, s.Messages)
	}
	fmt.Fprintf(w, "\n"+notes+"\n", thousands(float64(messages)), rounds, r.Size)
	for _, p := range peers {
		fmt.Fprintf(w, "  %-19s %s\n", p.name, p.how)
	}
	for _, m := range r.Missing {
		fmt.Fprintln(w, "\nNot measured:", m)
	}
	if len(r.Goals) > 0 {
		fmt.Fprintln(w, "\nGoals, p50 against serverless-offline:")
	}
	for _, g := range r.Goals {
		word := "met"
		if !g.Met {
			word = "MISSED"
		}
		fmt.Fprintf(w, "  %-19s at least %.0f times faster: %s, %s\n", g.Peer, g.Times, three(g.Got), word)
	}
}

const notes = `Client -> route -> function -> PostToConnection -> client. %s messages in each of %d rounds,
one after the other on one connection, a text of %d B. A cell is the median over the rounds,
and half of the rounds are between the figures in brackets; "times faster" than
serverless-offline is made within a round. Server CPU is that of a message, with the
function's process. Client and servers share the machine, over loopback.

Not measured: a network, TLS, several clients at once, cold starts. What AWS itself takes
is not what this says: there each of the hops is a network and a service.
`

func orNaN(f float64) float64 {
	if f == 0 {
		return math.NaN()
	}
	return f
}

func (s spread) String() string {
	switch {
	case math.IsNaN(s.mid):
		return "-"
	case s.low == s.high:
		return three(s.mid)
	}
	return fmt.Sprintf("%s (%s-%s)", three(s.mid), three(s.low), three(s.high))
}

// three writes a figure with three digits that count.
func three(f float64) string {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return "-"
	case f >= 99.95:
		return thousands(f)
	case f >= 9.995:
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.2f", f)
}

func thousands(f float64) string {
	text := fmt.Sprintf("%.0f", f)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

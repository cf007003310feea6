package bots

import (
	"fmt"
	"io"
	"time"

	"websocket.example/04-chat-hub/workbench/internal/console"
	"websocket.example/04-chat-hub/workbench/internal/delay"
)

// A Report is what came of a run.
type Report struct {
	Bots    int     `json:"bots"`
	Rooms   int     `json:"rooms"`
	Seed    uint64  `json:"seed"`
	Seconds float64 `json:"seconds"` // in which messages were sent

	Sent      int `json:"sent"`
	Acked     int `json:"acked"`
	Refused   int `json:"refused"` // answered with an error, and sent again
	Delivered int `json:"delivered"`
	Lost      int `json:"lost"`
	Doubled   int `json:"doubled"`
	Reordered int `json:"reordered"`
	Altered   int `json:"altered"`
	Strange   int `json:"strange"`

	PerSecond float64 `json:"deliveries_per_second"`
	Delay     Delays  `json:"delay_ms"`
	Ack       Delays  `json:"ack_ms"`

	Cuts        int64 `json:"cuts"` // by -chaos
	Reconnects  int64 `json:"reconnects"`
	Unrecovered int64 `json:"recovered_false"`
	Taken       int64 `json:"name_taken"`

	Faults []string `json:"faults,omitempty"` // the first of them in words
	Notes  []string `json:"notes,omitempty"`
}

// Delays are in milliseconds, from the moment a message was due.
type Delays struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

func delaysOf(h *delay.Histogram) Delays {
	return Delays{delay.Milliseconds(h.Percentile(50)), delay.Milliseconds(h.Percentile(99)), delay.Milliseconds(h.Max())}
}

// sum is the report so far.
func (f *fleet) sum() *Report {
	r := &Report{
		Bots: f.Bots, Rooms: f.Rooms, Seed: f.Seed,
		Cuts: f.cuts.Load(), Reconnects: f.reconnects.Load(), Unrecovered: f.unrecovered.Load(), Taken: f.taken.Load(),
	}
	var faults Faults
	var delays, acks delay.Histogram
	for _, l := range f.ledgers {
		l.mu.Lock()
		r.Sent += len(l.posts)
		r.Acked += l.acked
		r.Refused += l.refused
		r.Delivered += l.seen
		faults.merge(&l.faults)
		delays.Merge(&l.delays)
		acks.Merge(&l.acks)
		l.mu.Unlock()
	}
	r.Lost, r.Doubled, r.Reordered = faults.Count[Lost], faults.Count[Doubled], faults.Count[Reordered]
	r.Altered, r.Strange, r.Faults = faults.Count[Altered], faults.Count[Strange], faults.First
	r.Delay, r.Ack = delaysOf(&delays), delaysOf(&acks)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, n := range f.notes {
		r.Notes = append(r.Notes, n.String())
	}
	return r
}

// close is the report at the end.
func (f *fleet) close(sending time.Duration) *Report {
	for _, l := range f.ledgers {
		l.Close()
	}
	r := f.sum()
	if r.Seconds = sending.Seconds(); r.Seconds > 0 {
		r.PerSecond = float64(r.Delivered) / r.Seconds
	}
	return r
}

// Exact says whether the hub has kept its promise.
func (r *Report) Exact() bool {
	return r.Lost+r.Doubled+r.Reordered+r.Altered+r.Strange == 0 && r.Acked == r.Sent
}

// line says how it goes.
func (r *Report) line(since, of time.Duration, rate float64) string {
	text := fmt.Sprintf("%.0f s of %.0f: %s deliveries, %s a second, p99 %s ms", since.Seconds(), of.Seconds(),
		console.Thousands(r.Delivered), console.Thousands(rate), ms(r.Delay.P99))
	if waiting := r.Sent - r.Acked; waiting > 0 {
		text += fmt.Sprintf(", %s wait for an ack", console.Thousands(waiting))
	}
	if r.Reconnects > 0 {
		text += fmt.Sprintf(", %s reconnects", console.Thousands(r.Reconnects))
	}
	if n := r.Doubled + r.Reordered + r.Altered + r.Strange; n > 0 {
		text += fmt.Sprintf(", %s FAULTS", console.Thousands(n))
	}
	return text
}

// ms writes milliseconds with three digits that count.
func ms(f float64) string {
	switch {
	case f >= 99.5:
		return console.Thousands(f)
	case f >= 9.95:
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.2f", f)
}

// text writes the report for people.
func (r *Report) text(w io.Writer) {
	n := console.Thousands[int]
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-10s "+format+"\n", append([]any{name}, args...)...)
	}
	line("bots", "%s in %s rooms, seed %d", n(r.Bots), n(r.Rooms), r.Seed)
	line("sent", "%s messages in %.1f s, %s acknowledged: p50 %s ms, p99 %s ms", n(r.Sent), r.Seconds, n(r.Acked), ms(r.Ack.P50), ms(r.Ack.P99))
	line("delivered", "%s, %s a second", n(r.Delivered), console.Thousands(r.PerSecond))
	line("delay", "p50 %s ms, p99 %s ms, longest %s ms", ms(r.Delay.P50), ms(r.Delay.P99), ms(r.Delay.Max))
	if r.Cuts+r.Reconnects > 0 {
		line("reconnects", "%s after %s cuts by chaos; %s tries found the name taken, %s could not resume", console.Thousands(r.Reconnects),
			console.Thousands(r.Cuts), console.Thousands(r.Taken), console.Thousands(r.Unrecovered))
	}
	if r.Refused > 0 {
		line("refused", "%s messages, and sent again", n(r.Refused))
	}
	line("wrong", "%s lost, %s doubled, %s reordered", n(r.Lost), n(r.Doubled), n(r.Reordered))
	if r.Altered+r.Strange > 0 {
		line("", "%s altered, %s things that make no sense", n(r.Altered), n(r.Strange))
	}
	for _, f := range r.Faults {
		fmt.Fprintln(w, "  "+f)
	}
	for _, note := range r.Notes {
		fmt.Fprintln(w, "Note: "+note)
	}
	switch {
	case r.Sent == 0:
		fmt.Fprintln(w, "No message was sent.")
	case r.Acked < r.Sent:
		fmt.Fprintf(w, "NOT fine: %s messages were never acknowledged.\n", n(r.Sent-r.Acked))
	case !r.Exact():
		fmt.Fprintln(w, "NOT fine.")
	default:
		fmt.Fprintln(w, "Every acknowledged message reached every bot of its room, once and in order.")
	}
}

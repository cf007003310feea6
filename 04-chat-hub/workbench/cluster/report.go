package cluster

import (
	"fmt"
	"io"
	"time"

	"websocket.example/04-chat-hub/workbench/bots"
	"websocket.example/04-chat-hub/workbench/internal/console"
)

// A Fault is what people noticed of one, in seconds.
type Fault struct {
	Kind   string  `json:"kind"`
	What   string  `json:"what"`
	At     float64 `json:"at_s"`     // since the first message
	Lasted float64 `json:"lasted_s"` // until it was ended
	Well   float64 `json:"well_s"`   // until all worked again

	Waited     float64  `json:"waited_s"`      // the longest of those who stayed connected
	BotsWaited float64  `json:"bots_waited_s"` // and of those who were cut off, too
	Typing     float64  `json:"typing_s"`
	Leaving    float64  `json:"leaving_s"`
	Joining    float64  `json:"joining_s"`
	Failed     []string `json:"failed,omitempty"` // what should have gone on, and did not

	title string
}

// What has to go on within these bounds, between hubs that reach each other.
// People type once in 1.1 s; a hub finds what nobody told it within 10 s.
const (
	typingBound  = 4 * time.Second
	leavingBound = 10 * time.Second
)

func newFault(f fault, h *harm, seen sight, bots time.Duration) *Fault {
	told := &Fault{Kind: f.key, title: f.title, What: h.what, BotsWaited: bots.Seconds(), Failed: seen.failed}
	for i, err := range seen.lost {
		if err != nil && i != h.hub {
			told.Failed = append(told.Failed, fmt.Sprintf("a guest of hub-%d was cut off: %v", i+1, err))
		}
	}
	late := func(text string, from, to int, d, bound time.Duration) {
		if d > bound && !f.silent {
			told.Failed = append(told.Failed, fmt.Sprintf("hub-%d was not told for %.1f s who %s on hub-%d", to+1, d.Seconds(), text, from+1))
		}
	}
	for i := range size {
		told.Waited = max(told.Waited, seen.ack[i].Seconds())
		told.Joining = max(told.Joining, seen.join[i].Seconds())
		for j := range size {
			if i == j || h.apart(i, j) {
				continue
			}
			told.Typing, told.Leaving = max(told.Typing, seen.typing[i][j].Seconds()), max(told.Leaving, seen.leave[i][j].Seconds())
			late("types", i, j, seen.typing[i][j], typingBound)
			late("left", i, j, seen.leave[i][j], leavingBound)
		}
	}
	return told
}

// heading stands above the lines of the faults.
const heading = "   at s  harm                what                      lasted  waited   bots  typing  leaving  joining   well\n"

// line is a fault in one line, and one more for each thing that failed.
func (f *Fault) line(w io.Writer) {
	fmt.Fprintf(w, "%7.1f  %-18s  %-24s  %6.1f  %s\n", f.At, f.title, f.What, f.Lasted, f.figures())
	for _, text := range f.Failed {
		fmt.Fprintln(w, "         FAILED:", text)
	}
}

func (f *Fault) figures() string {
	return fmt.Sprintf("%6.2f %6.2f  %6.2f  %7.2f  %7.2f %6.2f", f.Waited, f.BotsWaited, f.Typing, f.Leaving, f.Joining, f.Well)
}

// A Report is what came of a run.
type Report struct {
	Seed   uint64       `json:"seed"`
	Fine   bool         `json:"fine"`
	Faults []*Fault     `json:"faults"`
	Bots   *bots.Report `json:"bots"`
	Folder string       `json:"folder,omitempty"`
}

func (r *Report) close(o *runner) {
	r.Seed = o.Seed
	r.Fine = r.Bots.Exact() && r.Bots.Sent > 0 && r.Bots.Refused == 0 && r.Bots.Unrecovered == 0
	for _, f := range r.Faults {
		r.Fine = r.Fine && len(f.Failed) == 0
	}
}

// text writes the summary for people.
func (r *Report) text(w io.Writer) {
	n := console.Thousands[int]
	fmt.Fprintln(w, "\nThe longest of each, in seconds:")
	for _, kind := range faults {
		var times int
		var most Fault
		for _, f := range r.Faults {
			if f.Kind != kind.key {
				continue
			}
			times++
			most.Waited, most.BotsWaited = max(most.Waited, f.Waited), max(most.BotsWaited, f.BotsWaited)
			most.Typing, most.Leaving = max(most.Typing, f.Typing), max(most.Leaving, f.Leaving)
			most.Joining, most.Well = max(most.Joining, f.Joining), max(most.Well, f.Well)
		}
		if times > 0 {
			fmt.Fprintf(w, "%9s%-18s  %-32s  %s\n", "", kind.title, fmt.Sprintf("%d times", times), most.figures())
		}
	}
	b := r.Bots
	fmt.Fprintf(w, "\nbots       %s in %s rooms on three hubs, seed %d\n", n(b.Bots), n(b.Rooms), r.Seed)
	fmt.Fprintf(w, "sent       %s messages in %.0f s, %s acknowledged, %s refused\n", n(b.Sent), b.Seconds, n(b.Acked), n(b.Refused))
	fmt.Fprintf(w, "delivered  %s; ack p50 %.1f ms, p99 %s ms\n", n(b.Delivered), b.Ack.P50, console.Thousands(b.Ack.P99))
	fmt.Fprintf(w, "reconnects %d after %d cuts; %d tries found the name taken, %d could not resume\n", b.Reconnects, b.Cuts, b.Taken, b.Unrecovered)
	fmt.Fprintf(w, "wrong      %s lost, %s doubled, %s reordered", n(b.Lost), n(b.Doubled), n(b.Reordered))
	if b.Altered+b.Strange > 0 {
		fmt.Fprintf(w, ", %s altered, %s things that make no sense", n(b.Altered), n(b.Strange))
	}
	fmt.Fprintln(w)
	for _, f := range b.Faults {
		fmt.Fprintln(w, "  "+f)
	}
	for _, note := range b.Notes {
		fmt.Fprintln(w, "Note: "+note)
	}
	if r.Folder != "" {
		fmt.Fprintln(w, "Files: "+r.Folder)
	}
	switch {
	case r.Fine:
		fmt.Fprintln(w, "Every acknowledged message reached every bot of its room, once and in order.")
	case b.Acked < b.Sent:
		fmt.Fprintf(w, "NOT fine: %s messages were never acknowledged.\n", n(b.Sent-b.Acked))
	default:
		fmt.Fprintln(w, "NOT fine.")
	}
}

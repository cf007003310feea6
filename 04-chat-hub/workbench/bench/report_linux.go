package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"websocket.example/04-chat-hub/workbench/internal/console"
)

// A report is all that was measured, and on what.
type report struct {
	Began   time.Time `json:"began"`
	Machine string    `json:"machine"`
	Go      string    `json:"go"`
	Server  int       `json:"server_cpu"`
	Clients int       `json:"clients_cpu"`
	Members int       `json:"members,omitempty"` // where they are not a workload's own
	Slots   []slot    `json:"slots"`
	Goals   []goal    `json:"goals"`

	workloads []string
	idle      int
}

// A goal is a figure that the hub has to reach.
type goal struct {
	Workload string  `json:"workload"`
	What     string  `json:"what"`
	Goal     float64 `json:"goal"`
	Got      float64 `json:"got"`
	Met      bool    `json:"met"`
}

// A spread is the middle of some figures, and between what half of them lie.
type spread struct{ low, mid, high float64 }

func spreadOf(figures []float64) spread {
	if len(figures) == 0 {
		return spread{math.NaN(), math.NaN(), math.NaN()}
	}
	figures = slices.Sorted(slices.Values(figures))
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

// of are a server's good measurements of a workload.
func (r *report) of(workload, server string) (list []*slot) {
	for i := range r.Slots {
		if s := &r.Slots[i]; s.Workload == workload && s.Server == server && s.Error == "" {
			list = append(list, s)
		}
	}
	return list
}

// spread is that of one figure.
func (r *report) spread(workload, server string, figure func(*slot) float64) spread {
	var all []float64
	for _, s := range r.of(workload, server) {
		all = append(all, figure(s))
	}
	return spreadOf(all)
}

// ratio is that of a figure to the chat example's, round by round.
func (r *report) ratio(workload, server string, ratio func(chat, s *slot) float64) spread {
	var all []float64
	for _, s := range r.of(workload, server) {
		for _, c := range r.of(workload, "chat") {
			if c.Round == s.Round {
				all = append(all, ratio(c, s))
			}
		}
	}
	return spreadOf(all)
}

func cost(s *slot) float64          { return float64(s.CPU.Nanoseconds()) / 1000 / float64(s.Delivered) }
func rate(s *slot) float64          { return float64(s.Delivered) / s.Wall.Seconds() }
func cheaper(chat, s *slot) float64 { return cost(chat) / cost(s) }
func faster(chat, s *slot) float64  { return rate(s) / rate(chat) }
func p99(s *slot) float64           { return s.P99 }

// kib is the memory of one member, at one of the two moments.
func (i *idle) kib(resident int64) float64 {
	return float64(resident-i.Before) / float64(i.Members) / 1024
}

func connected(s *slot) float64 { return s.Idle.kib(s.Idle.Connected) }
func freed(s *slot) float64 {
	if s.Idle.Freed == 0 {
		return math.NaN()
	}
	return s.Idle.kib(s.Idle.Freed)
}

// judge holds the hub to its goals.
func (r *report) judge() {
	add := func(workload, what string, goal_, got float64, least bool) {
		if !math.IsNaN(got) {
			r.Goals = append(r.Goals, goal{workload, what, goal_, got, least && got >= goal_ || !least && got <= goal_})
		}
	}
	add("w1", "server CPU per delivery, chat / hub, at least", 1.4, r.ratio("w1", "hub", cheaper).mid, true)
	add("w8", "server CPU per delivery, chat / hub, at least", 2.2, r.ratio("w8", "hub", cheaper).mid, true)
	add("sat", "deliveries a second, hub / chat, at least", 2.9, r.ratio("sat", "hub", faster).mid, true)
	add("rate", "p99 in ms, at most the chat's", r.spread("rate", "chat", p99).mid, r.spread("rate", "hub", p99).mid, false)
	add(idleName, "KiB for a member, what is not in use given back, at most", 7, r.spread(idleName, "hub", freed).mid, false)
}

func (r *report) json(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(r)
}

// text writes the tables.
func (r *report) text(w io.Writer) {
	fmt.Fprintf(w, "%s, %s, %s\n", r.Machine, r.Go, r.Began.Format("2006-01-02 15:04"))
	for _, load := range workloads {
		if slices.Contains(r.workloads, load.name) {
			r.table(w, &load)
		}
	}
	if slices.Contains(r.workloads, idleName) {
		r.idleTable(w)
	}
	fmt.Fprintf(w, "\n%s\n", fmt.Sprintf(notes, r.Server, r.Clients, perRoom))
	for _, k := range kinds {
		fmt.Fprintf(w, "  %-9s %s\n", k.name, k.how)
	}
	if len(r.Goals) > 0 {
		fmt.Fprintln(w, "\nGoals of the hub:")
	}
	for _, g := range r.Goals {
		word := "met"
		if !g.Met {
			word = "MISSED"
		}
		fmt.Fprintf(w, "  %-5s %s %.4g: %.4g, %s\n", g.Workload, g.What, g.Goal, g.Got, word)
	}
}

const notes = `In w1, w8 and sat the server is on CPU %d, so that GOMAXPROCS is 1, and the clients are on
CPU %d; in rate and idle both are anywhere, as users run them. A cell is the median over the
rounds, and half of the rounds are between the figures in brackets. Ratios are made within a
round: above 1 is better than the chat example. A delay is from when a message was due to be
published to when a member has read it; in sat, where four publish, the next to be published is
taken to be the next that comes. Bytes are what a member reads for a delivery, with the frame's
header: what ours says around a text (room, cursor, id, sender, time) is more than 100 B, so in
sat its messages are the longer ones; elsewhere the two are alike. The chat example joins queued
messages into one with newlines between them; the hub sends each in a frame of its own.
Idle members are in rooms of %d; the example has one room, keeps no names and can't be asked to
give memory back.

Not measured: a network, TLS, compression, more than one CPU for the server but in rate and
idle, rooms that share a connection, the kernel's own memory for each socket.
`

func (r *report) table(w io.Writer, load *workload) {
	fmt.Fprintf(w, "\n%s: %s\n", load.name, load.title)
	if r.Members > 0 {
		fmt.Fprintf(w, "but with %s members\n", console.Thousands(r.Members))
	}
	fmt.Fprintf(w, "  %-9s %-18s %-12s %-18s %-12s %-8s %-18s %-7s %-7s %s\n", "", "CPU, chat/its own", "µs/delivery", "deliveries/s ×chat", "median", "p50 ms", "p99 ms", "bytes", "writes", "clients' CPU")
	for _, k := range kinds {
		if len(r.of(load.name, k.name)) > 0 {
			mid := func(f func(*slot) float64) float64 { return r.spread(load.name, k.name, f).mid }
			fmt.Fprintf(w, "  %-9s %-18s %-12s %-18s %-12s %-8s %-18s %-7s %-7s %s\n", k.name,
				r.ratio(load.name, k.name, cheaper), three(mid(cost)), r.ratio(load.name, k.name, faster), console.Thousands(mid(rate)),
				three(mid(func(s *slot) float64 { return s.P50 })), r.spread(load.name, k.name, p99),
				three(mid(func(s *slot) float64 { return float64(s.Bytes) / float64(s.Delivered) })),
				three(mid(func(s *slot) float64 { return float64(s.Writes) / float64(s.Delivered) })),
				fmt.Sprintf("%.0f%% of a CPU", 100*mid(func(s *slot) float64 { return s.LoadCPU.Seconds() / s.Wall.Seconds() })))
		}
		r.failures(w, load.name, k.name)
	}
}

func (r *report) idleTable(w io.Writer) {
	fmt.Fprintf(w, "\n%s: %s members, resident memory of the server for each, in KiB\n", idleName, console.Thousands(r.idle))
	fmt.Fprintf(w, "  %-9s %-22s %s\n", "", "some time after the last", "what is not in use given back")
	for _, k := range kinds {
		if len(r.of(idleName, k.name)) > 0 {
			fmt.Fprintf(w, "  %-9s %-22s %s\n", k.name, r.spread(idleName, k.name, connected), r.spread(idleName, k.name, freed))
		}
		r.failures(w, idleName, k.name)
	}
}

func (r *report) failures(w io.Writer, workload, server string) {
	for _, s := range r.Slots {
		if s.Workload == workload && s.Server == server && s.Error != "" {
			fmt.Fprintf(w, "  %-9s failed in round %d: %s\n", server, s.Round, s.Error)
		}
	}
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
		return console.Thousands(f)
	case f >= 9.995:
		return fmt.Sprintf("%.1f", f)
	case f >= 0.1:
		return fmt.Sprintf("%.2f", f)
	}
	return fmt.Sprintf("%.3f", f)
}

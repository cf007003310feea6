package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"websocket.example/03-raw-server/peers/echo"
)

// A report is all that was measured, and on what.
type report struct {
	Began      time.Time         `json:"began"`
	Machine    string            `json:"machine"`
	OS         string            `json:"os"`
	Go         string            `json:"go"`
	Versions   map[string]string `json:"versions"`
	ServerCPU  *int              `json:"server_cpu,omitempty"`
	ClientsCPU *int              `json:"clients_cpu,omitempty"`
	Slots      []slot            `json:"slots"`

	notes []string
}

// baseline is whom everyone else is compared with: the best known library,
// and another one where that can't do what is measured.
func baseline(workload string) string {
	for _, name := range []string{"gorilla", "gws"} {
		if peer, err := peerNamed(name); err == nil && does(peer, workload) {
			return name
		}
	}
	return ""
}

// A row is a peer in a table.
type row struct {
	peer  string
	slots []*slot
	ratio spread
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

// rows are a workload's peers, the cheapest first.
func (r *report) rows(workload string, peers []string) []row {
	costs := map[int]float64{} // the baseline's, by round
	for i := range r.Slots {
		if s := &r.Slots[i]; s.Workload == workload && s.Peer == baseline(workload) && s.Error == "" && s.Idle == nil {
			costs[s.Round] = s.cost()
		}
	}
	var list []row
	for _, peer := range peers {
		w := row{peer: peer}
		var ratios []float64
		for i := range r.Slots {
			s := &r.Slots[i]
			if s.Workload != workload || s.Peer != peer || s.Error != "" {
				continue
			}
			w.slots = append(w.slots, s)
			if cost, have := costs[s.Round]; have && s.Idle == nil {
				ratios = append(ratios, cost/s.cost())
			}
		}
		w.ratio = spreadOf(ratios)
		if len(w.slots) > 0 {
			list = append(list, w)
		}
	}
	slices.SortStableFunc(list, func(a, b row) int { return cmp.Compare(b.ratio.mid, a.ratio.mid) })
	return list
}

// median is the middle of one figure of a row's slots.
func (w *row) median(figure func(*slot) float64) float64 {
	var all []float64
	for _, s := range w.slots {
		all = append(all, figure(s))
	}
	return spreadOf(all).mid
}

func perMessage(n int64, s *slot) float64 { return float64(n) / float64(s.Messages) }

// markdown writes the tables.
func (r *report) markdown(w io.Writer, peers, workloads []string) {
	fmt.Fprintf(w, "%s, %s, %s, %s\n", r.Machine, r.OS, r.Go, r.Began.Format("2006-01-02 15:04 MST"))
	if r.ServerCPU != nil {
		fmt.Fprintf(w, "Server on CPU %d (GOMAXPROCS=1), clients on CPU %d.\n", *r.ServerCPU, *r.ClientsCPU)
	}
	for _, workload := range workloads {
		switch load := workloadNamed(workload); {
		case load == nil:
			r.idleTable(w, peers)
		default:
			fmt.Fprintf(w, "\n### %s: %s\n\n", load.Name, load.Title)
			r.table(w, workload, peers)
		}
		r.left(w, workload, peers)
	}
	fmt.Fprintln(w)
	for _, note := range r.notes {
		fmt.Fprintln(w, note)
	}
	fmt.Fprintln(w, strings.TrimSpace(unmeasured))
	r.servers(w, peers)
}

const unmeasured = `
Not measured: more than one CPU for the server (locks, scheduling), a real network, TLS, delay
and its percentiles, memory while messages flow, and the kernel's own memory for each socket.
`

func (r *report) table(w io.Writer, workload string, peers []string) {
	rows := r.rows(workload, peers)
	if len(rows) == 0 {
		fmt.Fprintln(w, "Nobody could be measured.")
		return
	}
	measured := "CPU"
	if rows[0].slots[0].CPU == 0 {
		measured = "time"
	}
	spell := func(s spread) string {
		if math.IsNaN(s.mid) {
			return "-"
		}
		return fmt.Sprintf("%s (%s-%s)", three(s.mid), three(s.low), three(s.high))
	}
	fmt.Fprintf(w, "| server | %s %s / its own (quartiles) | server CPU µs/message | messages/s | reads, writes per message | clients' CPU / server's |\n", measured, baseline(workload))
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, row := range rows {
		rate := row.median(func(s *slot) float64 { return float64(s.Messages) / s.Wall.Seconds() })
		cpu := row.median(func(s *slot) float64 { return float64(s.CPU.Nanoseconds()) / 1000 / float64(s.Messages) })
		reads := row.median(func(s *slot) float64 { return perMessage(s.Reads, s) })
		writes := row.median(func(s *slot) float64 { return perMessage(s.Writes, s) })
		clients := row.median(func(s *slot) float64 { return float64(s.LoadCPU) / float64(s.CPU) })
		ratio := spell(row.ratio)
		if row.peer == baseline(workload) {
			ratio = "1"
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s, %s | %s |\n", row.peer, ratio, three(cpu), thousands(rate), three(reads), three(writes), three(clients))
	}
}

// left says who is not in a table, and why.
func (r *report) left(w io.Writer, workload string, peers []string) {
	var cannot []string
	for _, name := range peers {
		if peer, err := peerNamed(name); err == nil && !does(peer, workload) {
			cannot = append(cannot, name)
		}
	}
	if len(cannot) > 0 {
		fmt.Fprintf(w, "\nCan't do it: %s.\n", strings.Join(cannot, ", "))
	}
	for i := range r.Slots {
		if s := &r.Slots[i]; s.Workload == workload && s.Error != "" {
			fmt.Fprintf(w, "\nFailed: %s in round %d: %s\n", s.Peer, s.Round, s.Error)
		}
	}
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
	case f >= 0.1:
		return fmt.Sprintf("%.2f", f)
	}
	return fmt.Sprintf("%.3f", f)
}

func thousands(f float64) string {
	text := fmt.Sprintf("%.0f", f)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// versions are those of the modules in this program.
func versions() map[string]string {
	list := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			list[m.Path] = m.Version
		}
	}
	return list
}

// servers lists what was compared.
func (r *report) servers(w io.Writer, peers []string) {
	fmt.Fprint(w, "\n| server | library | how it is written |\n|---|---|---|\n")
	for _, name := range peers {
		peer, err := peerNamed(name)
		if err != nil {
			continue
		}
		library := "this repository"
		if !strings.HasPrefix(peer.Module, "websocket.example/") {
			library = strings.TrimSpace(peer.Module + " " + cmp.Or(r.Versions[peer.Module], echo.PackageVersion(peer.Module)))
		}
		fmt.Fprintf(w, "| %s | %s | %s |\n", name, library, peer.How)
	}
}

// machine is the name of the processor, where the system tells it.
func machine() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	}
	return "a processor of unknown kind"
}

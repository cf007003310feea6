package bench

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"runtime/debug"
	"slices"
	"strings"
	"time"
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
	Command    string            `json:"command"`
	Notes      []note            `json:"notes,omitempty"`
	Slots      []slot            `json:"slots"`

	peers     peers // that were to be measured
	workloads []string
}

func (r *report) note(key string, pairs ...any) {
	r.Notes = append(r.Notes, say("note."+key, pairs...))
}

func (r *report) json(w io.Writer) error { return indented(w, r) }

// favourite is the best known library.
const favourite = "gorilla"

// baseline is whom everyone else is compared with: the best known library,
// another one where that can't do what is measured, else whoever comes first.
// It is empty if nobody was measured.
func (r *report) baseline(workload string) string {
	for _, name := range append([]string{favourite, "gws"}, r.peers.names()...) {
		if slices.ContainsFunc(r.Slots, func(s slot) bool { return s.Workload == workload && s.Peer == name && s.Error == "" }) {
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
func (r *report) rows(workload string) []row {
	baseline := r.baseline(workload)
	costs := map[int]float64{} // the baseline's, by round
	for i := range r.Slots {
		if s := &r.Slots[i]; s.Workload == workload && s.Peer == baseline && s.Error == "" && s.Idle == nil {
			costs[s.Round] = s.cost()
		}
	}
	var list []row
	for _, peer := range r.peers.names() {
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

// spread is that of one figure of a row's slots.
func (w *row) spread(of func(*slot) float64) spread {
	var all []float64
	for _, s := range w.slots {
		all = append(all, of(s))
	}
	return spreadOf(all)
}

func (w *row) median(of func(*slot) float64) figure { return figure(w.spread(of).mid) }

// unable are those that can't do a workload.
func (r *report) unable(workload string) (names []string) {
	for i := range r.peers {
		if !r.peers[i].Can(workload) {
			names = append(names, r.peers[i].Name)
		}
	}
	return names
}

// failures are the measurements of a workload that failed.
func (r *report) failures(workload string) (list []*slot) {
	for i := range r.Slots {
		if s := &r.Slots[i]; s.Workload == workload && s.Error != "" {
			list = append(list, s)
		}
	}
	return list
}

// library is where a peer comes from, empty if from here.
func (r *report) library(p *Peer) string {
	if p.ours() {
		return ""
	}
	return strings.TrimSpace(p.Module + " " + cmp.Or(p.Version, r.Versions[p.Module]))
}

// three writes a figure with three digits that count.
func three[F ~float64](value F) string {
	f := float64(value)
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

func thousands[F ~float64](f F) string {
	text := fmt.Sprintf("%.0f", float64(f))
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

package bench

import (
	"embed"
	"encoding/json"
	"io"
	"math"
	"strings"
)

//go:embed page
var pageFiles embed.FS

// A page's data: texts in both languages, figures as they are.
type pageData struct {
	Lang      string                       `json:"lang"`
	Words     map[string]map[string]string `json:"words"` // language, key
	Began     string                       `json:"began"`
	Machine   []string                     `json:"machine"`
	CPUs      []int                        `json:"cpus"` // the server's and the clients', none if nothing was pinned
	Rounds    int                          `json:"rounds"`
	Command   string                       `json:"command"`
	Workloads []pageWorkload               `json:"workloads"`
	Notes     [][]string                   `json:"notes"`
	Servers   []pageServer                 `json:"servers"`
}

type pageWorkload struct {
	Name     string        `json:"name"`
	Title    []string      `json:"title,omitempty"`
	Conns    int           `json:"conns,omitempty"` // of idle
	Clock    bool          `json:"clock"`           // time by the clock, not CPU time
	Baseline string        `json:"baseline"`
	Axis     axis          `json:"axis"`
	Rows     []pageRow     `json:"rows"`
	Unable   []string      `json:"unable,omitempty"`
	Failures []pageFailure `json:"failures,omitempty"`
}

type pageRow struct {
	Peer    string    `json:"peer"`
	Spread  []float64 `json:"spread"` // lower quartile, median, upper quartile; null if it is not known
	Figures any       `json:"figures"`
}

type pageFailure struct {
	Peer  string `json:"peer"`
	Round int    `json:"round"`
	Error string `json:"error"`
}

type pageServer struct {
	Name    string   `json:"name"`
	Library string   `json:"library"` // empty is this repository
	How     []string `json:"how"`
}

// html writes one page that needs nothing else: plots, tables, and what they
// were measured on.
func (r *report) html(w io.Writer, tag string) error {
	data, err := json.Marshal(r.page(tag)) // it escapes what could end a script
	if err != nil {
		return err
	}
	var files [3]string
	for i, name := range []string{"report.html", "report.css", "report.js"} {
		b, err := pageFiles.ReadFile("page/" + name)
		if err != nil {
			return err
		}
		files[i] = string(b)
	}
	page := strings.NewReplacer("/*STYLE*/", files[1], "/*SCRIPT*/", files[2], "/*DATA*/", string(data), "LANG", tag).Replace(files[0])
	_, err = io.WriteString(w, page)
	return err
}

func (r *report) page(tag string) *pageData {
	d := &pageData{
		Lang: tag, Words: map[string]map[string]string{}, Command: r.Command,
		Began: r.Began.UTC().Format("2006-01-02 15:04 UTC"), Machine: []string{r.Machine, r.OS, r.Go},
		CPUs: []int{}, Notes: [][]string{},
	}
	for _, l := range languages {
		d.Words[l.tag] = map[string]string{}
		for key, text := range l.texts {
			if name, is := strings.CutPrefix(key, "page."); is {
				d.Words[l.tag][name] = text
			}
		}
	}
	if r.ServerCPU != nil {
		d.CPUs = []int{*r.ServerCPU, *r.ClientsCPU}
	}
	for i := range r.Slots {
		d.Rounds = max(d.Rounds, r.Slots[i].Round)
	}
	for _, name := range r.workloads {
		d.Workloads = append(d.Workloads, r.pageWorkload(name))
	}
	for _, n := range r.Notes {
		d.Notes = append(d.Notes, inBoth(n))
	}
	for i := range r.peers {
		p := &r.peers[i]
		d.Servers = append(d.Servers, pageServer{p.Name, r.library(p), translated("how."+p.Name, p.How)})
	}
	return d
}

func (r *report) pageWorkload(name string) pageWorkload {
	w := pageWorkload{Name: name, Unable: r.unable(name), Rows: []pageRow{}}
	for _, s := range r.failures(name) {
		w.Failures = append(w.Failures, pageFailure{s.Peer, s.Round, s.Error})
	}
	rows, besides := r.rows(name), []float64{1}
	if load := workloadNamed(name); load != nil {
		w.Title = translated("workload."+name, load.Title)
		w.Baseline, w.Clock = r.baseline(name), r.byTheClock(name)
	} else {
		rows, besides = r.idleRows(), nil
	}
	var all []spread
	for i := range rows {
		row := &rows[i]
		all = append(all, row.ratio)
		one := pageRow{Peer: row.peer, Figures: row.figures()}
		if row.slots[0].Idle != nil {
			one.Figures, w.Conns = row.idleFigures(), row.slots[0].Idle.Conns
		}
		if !math.IsNaN(row.ratio.mid) {
			one.Spread = []float64{row.ratio.low, row.ratio.mid, row.ratio.high}
		}
		w.Rows = append(w.Rows, one)
	}
	w.Axis = axisOf(all, besides...)
	return w
}

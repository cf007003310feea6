package bench

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// markdown writes the tables.
func (r *report) markdown(w io.Writer) {
	fmt.Fprintf(w, "%s, %s, %s, %s\n", r.Machine, r.OS, r.Go, r.Began.Format("2006-01-02 15:04 MST"))
	if r.ServerCPU != nil {
		fmt.Fprintf(w, "Server on CPU %d (GOMAXPROCS=1), clients on CPU %d.\n", *r.ServerCPU, *r.ClientsCPU)
	}
	for _, workload := range r.workloads {
		switch load := workloadNamed(workload); {
		case load == nil:
			r.idleTable(w)
		default:
			fmt.Fprintf(w, "\n### %s: %s\n\n", load.Name, load.Title)
			r.table(w, workload)
		}
		r.left(w, workload)
	}
	fmt.Fprintln(w)
	for _, note := range r.Notes {
		fmt.Fprintln(w, english.say(note))
	}
	fmt.Fprintln(w, unmeasured)
	r.servers(w)
}

const unmeasured = `Not measured: more than one CPU for the server (locks, scheduling), a real network, TLS, delay
and its percentiles, memory while messages flow, and the kernel's own memory for each socket.`

func (r *report) table(w io.Writer, workload string) {
	rows := r.rows(workload)
	if len(rows) == 0 {
		fmt.Fprintln(w, "Nobody could be measured.")
		return
	}
	fmt.Fprintf(w, "| server | %s (quartiles) | server CPU µs/message | messages/s | reads, writes per message | clients' CPU / server's |\n", r.ratioName(workload))
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for i := range rows {
		row := &rows[i]
		ratio := row.ratio.String()
		if row.peer == r.baseline(workload) {
			ratio = "1"
		}
		f := row.figures()
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s, %s | %s |\n", row.peer, ratio, three(f.CPU), thousands(f.Rate), three(f.Reads), three(f.Writes), three(f.Clients))
	}
}

// ratioName says what is divided by what.
func (r *report) ratioName(workload string) string {
	measured := "CPU"
	if r.byTheClock(workload) {
		measured = "time"
	}
	return fmt.Sprintf("%s %s / its own", measured, r.baseline(workload))
}

func (s spread) String() string {
	if math.IsNaN(s.mid) {
		return "-"
	}
	return fmt.Sprintf("%s (%s-%s)", three(s.mid), three(s.low), three(s.high))
}

// left says who is not in a table, and why.
func (r *report) left(w io.Writer, workload string) {
	if unable := r.unable(workload); len(unable) > 0 {
		fmt.Fprintf(w, "\nCan't do it: %s.\n", strings.Join(unable, ", "))
	}
	for _, s := range r.failures(workload) {
		fmt.Fprintf(w, "\nFailed: %s in round %d: %s\n", s.Peer, s.Round, s.Error)
	}
}

// idleTable writes the idle connections' table, the smallest first.
func (r *report) idleTable(w io.Writer) {
	rows := r.idleRows()
	if len(rows) == 0 {
		fmt.Fprintf(w, "\n### %s: nobody could be measured\n", idleName)
		return
	}
	fmt.Fprintf(w, "\n### %s: %s connections, resident memory of the server for each, in KiB\n\n", idleName, thousands(float64(rows[0].slots[0].Idle.Conns)))
	fmt.Fprintf(w, "| server | %v after the handshakes | what is not in use given back | after one message of 125 bytes each | given back again | handshake, CPU µs |\n", settle)
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for i := range rows {
		f := rows[i].idleFigures()
		fmt.Fprintf(w, "| %s | %.1f | %.1f | %.1f | %.1f | %.0f |\n", rows[i].peer, f.Connected, f.Freed, f.Echoed, f.FreedLast, f.Handshake)
	}
}

// servers lists what was compared.
func (r *report) servers(w io.Writer) {
	fmt.Fprint(w, "\n| server | library | how it is written |\n|---|---|---|\n")
	for i := range r.peers {
		p := &r.peers[i]
		library := r.library(p)
		if library == "" {
			library = "this repository"
		}
		fmt.Fprintf(w, "| %s | %s | %s |\n", p.Name, library, p.How)
	}
}

package bench

import (
	"fmt"
	"io"
	"time"
)

// echoes are what came back while the connections stayed open.
type echoes struct {
	Rate       int           `json:"rate"` // a second, on the average
	Time       time.Duration `json:"time_ns"`
	Answered   int           `json:"answered"`
	Unanswered int           `json:"unanswered"`
	P50        time.Duration `json:"p50_ns"`
	P90        time.Duration `json:"p90_ns"`
	P99        time.Duration `json:"p99_ns"`
	Max        time.Duration `json:"max_ns"`
	CPU        time.Duration `json:"server_cpu_ns"` // meanwhile, pings and all
}

// percentile is the smallest of sorted delays that so many percent do not
// exceed.
func percentile(sorted []time.Duration, percent int) time.Duration {
	return sorted[max(0, (len(sorted)*percent+99)/100-1)]
}

// markdown writes the report as text with tables.
func (r *crowdReport) markdown(w io.Writer) {
	fmt.Fprintf(w, "%s, %d CPUs, %s, %s, %s\n", r.Machine, r.CPUs, r.OS, r.Go, r.Began.Format("2006-01-02 15:04 MST"))
	of := ""
	if r.Opened < r.Wanted {
		of = " of " + whole(r.Wanted)
	}
	fmt.Fprintf(w, "%s: %s%s idle connections, opened in %.1f s (%s a second)", r.Peer, whole(r.Opened), of, r.Took.Seconds(), thousands(float64(r.Opened+r.Lost)/r.Took.Seconds()))
	if r.Servers > 1 {
		fmt.Fprintf(w, ", shared among %d servers", r.Servers)
	}
	fmt.Fprintln(w, ".")
	if r.Stopped != "" {
		fmt.Fprintf(w, "No more were opened: %s.\n", r.Stopped)
	}
	if r.Lost > 0 {
		fmt.Fprintf(w, "%s ended by themselves, the first because %s.\n", whole(r.Lost), r.Why)
	}
	if r.Server.Open > 0 {
		r.memory(w)
	} else {
		fmt.Fprintln(w, "What memory they take was not measured: only Linux is asked for it.")
	}
	if e := r.Echo; e != nil {
		fmt.Fprintf(w, "\n| echo of 125 bytes, %s a second, %s in %.0f s | p50 | p90 | p99 | max |\n|---|---|---|---|---|\n", whole(e.Rate), whole(e.Answered), e.Time.Seconds())
		fmt.Fprintf(w, "| delay in ms | %s | %s | %s | %s |\n\n", ms(e.P50), ms(e.P90), ms(e.P99), ms(e.Max))
		if e.Unanswered > 0 {
			fmt.Fprintf(w, "%s echoes never came back.\n", whole(e.Unanswered))
		}
		if e.CPU > 0 {
			fmt.Fprintf(w, "Meanwhile the server%s took %.0f %% of one CPU, pings included.\n", plural(r.Servers), 100*e.CPU.Seconds()/e.Time.Seconds())
		}
	} else {
		fmt.Fprintln(w)
	}
	if r.Handshakes > 0 {
		fmt.Fprintf(w, "A handshake took %.0f µs of the server's CPU time. ", float64(r.Handshakes.Microseconds())/float64(r.Opened+r.Lost))
	}
	fmt.Fprintf(w, "%s pings were answered.\n", whole(r.Pings))
	fmt.Fprintln(w, "Not measured: a real network, TLS, and what the connections cost when many of them speak at once.")
}

// few is how many connections drown in what else the machine does, where only
// the whole is told.
const few = 10000

// memory writes what each connection takes.
func (r *crowdReport) memory(w io.Writer) {
	each := func(bytes int64) string { return fmt.Sprintf("%.2f", max(0, float64(bytes)/float64(r.Opened)/1024)) }
	all := func(bytes int64) string {
		if r.Opened < few {
			return "-"
		}
		return each(bytes)
	}
	fmt.Fprint(w, "\n| memory for each connection | KiB |\n|---|---|\n")
	fmt.Fprintf(w, "| server, resident, %v after the handshakes | %s |\n", settle, each(r.Server.Open-r.Server.Before))
	if r.Server.Freed > 0 {
		fmt.Fprintf(w, "| server, at the end, what is not in use given back | %s |\n", each(r.Server.Freed-r.Server.Before))
	}
	fmt.Fprintf(w, "| kernel, both ends: sockets, files and such (Slab) | %s |\n", all(r.After.Slab-r.Before.Slab))
	fmt.Fprintf(w, "| kernel, both ends: data in TCP buffers (sockstat) | %s |\n", all(r.After.Sockets-r.Before.Sockets))
	fmt.Fprintf(w, "| the clients, resident | %s |\n", each(r.Clients.Open-r.Clients.Before))
	fmt.Fprintf(w, "| everything: what the machine has less of (MemFree, Cached) | %s |\n", all(r.Before.Free-r.After.Free))
	if r.Opened < few {
		fmt.Fprintf(w, "\nOf the kernel only the whole is told: it says something from %s connections on.\n", whole(few))
	}
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func whole(n int) string { return thousands(float64(n)) }

// ms writes a delay in milliseconds.
func ms(d time.Duration) string { return three(float64(d.Microseconds()) / 1000) }

package omission

import (
	"fmt"
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Text tells what the two clients say of the same server.
func Text(w io.Writer, c Config, r *Result) {
	row := func(name string, h *hdrhistogram.Histogram) {
		fmt.Fprintf(w, "%-24s %8s %8s %8s %8s %8s %8d\n", name,
			ms(h.ValueAtQuantile(50)), ms(h.ValueAtQuantile(90)), ms(h.ValueAtQuantile(99)),
			ms(h.Max()), ms(int64(h.Mean())), h.TotalCount())
	}
	fmt.Fprintf(w, "One server that stalls for %v every %v, asked %g times a second for %.1f s.\n\n",
		c.Stall, c.Every, c.Rate, r.Counted.Seconds())
	fmt.Fprintf(w, "%-24s %8s %8s %8s %8s %8s %8s\n", "milliseconds", "p50", "p90", "p99", "max", "mean", "n")
	row("closed loop", r.Closed)
	row("closed loop, corrected", r.Corrected)
	row("open loop", r.Open)

	share := float64(c.Stall) / float64(c.Every) * 100
	fmt.Fprintf(w, `
The server stalls for %.0f %% of the time, so about %.0f %% of those who come at random wait.
  closed loop  %s of its requests took more than 10 ms: while the server stalled, it did not ask.
  open loop    %s of its requests took more than 10 ms: it asked when a user would have asked.
  corrected    puts back, by arithmetic, the requests that the closed loop would have made.
`, share, share, slow(r.Closed), slow(r.Open))
}

// slow is the share of the values over 10 ms.
func slow(h *hdrhistogram.Histogram) string {
	if h.TotalCount() == 0 {
		return "none"
	}
	return fmt.Sprintf("%.1f %%", float64(slowCount(h))/float64(h.TotalCount())*100)
}

func slowCount(h *hdrhistogram.Histogram) (count int64) {
	for _, bar := range h.Distribution() {
		if bar.From > (10 * time.Millisecond).Microseconds() {
			count += bar.Count
		}
	}
	return count
}

func ms(microseconds int64) string {
	switch value := float64(microseconds) / 1000; {
	case value >= 100:
		return fmt.Sprintf("%.0f", value)
	case value >= 10:
		return fmt.Sprintf("%.1f", value)
	default:
		return fmt.Sprintf("%.2f", value)
	}
}

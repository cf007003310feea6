package scale

import (
	"fmt"
	"io"

	"websocket.example/01-http-vs-ws/transport"
)

// Text prints the table.
func Text(w io.Writer, c Config, cells []Cell) {
	fmt.Fprintf(w, "Idle clients: no events. Short polls every %v, keep-alives every %v, over loopback;\n", c.Poll, c.Keepalive)
	fmt.Fprintf(w, "the server alone in its process, CPU counted for %v.\n\n", c.Window)
	fmt.Fprintf(w, "%-11s %8s %10s %12s %14s %12s\n", "", "clients", "requests", "server CPU", "CPU a client", "memory a")
	fmt.Fprintf(w, "%-11s %8s %10s %12s %14s %12s\n", "", "", "a second", "of one core", "a second", "client")
	last := ""
	for _, cell := range cells {
		name := cell.Transport
		if name == last {
			name = ""
		} else if last != "" {
			fmt.Fprintln(w)
		}
		last = cell.Transport
		memory := "too few"
		if cell.Clients >= fewest {
			memory = fmt.Sprintf("%.1f KiB", cell.MemoryKiB)
		}
		fmt.Fprintf(w, "%-11s %8d %10.1f %11.2f%% %11.1f µs %12s\n",
			name, cell.Clients, cell.RequestsPerSecond, cell.CPUPercent, cell.CPUMicroseconds, memory)
	}
	growth(w, c, cells)
}

// fewest clients whose memory stands out from the noise of the runtime.
const fewest = 100

// growth says in a sentence what the most clients cost.
func growth(w io.Writer, c Config, cells []Cell) {
	most := map[string]Cell{}
	for _, cell := range cells {
		most[cell.Transport] = cell
	}
	poll, socket := most[transport.ShortPoll], most[transport.WebSocket]
	if poll.Clients == 0 || poll.Clients != socket.Clients {
		return
	}
	fmt.Fprintf(w, `
%d idle clients keep the server busy for %.1f %% of a core by short polling, %.1f %% by WebSocket.
Polling costs CPU in proportion to clients / interval, whether anything happens or not; the others
cost memory for each open connection, and CPU only at keep-alives. In operation these come every
30 s or so, not every %v: divide their CPU accordingly.
`, poll.Clients, poll.CPUPercent, socket.CPUPercent, c.Keepalive)
}

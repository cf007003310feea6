package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// A trip is a client that sends a message when the last one has come back.
type trip struct {
	*wsconn.Conn
	direct bool // the whole message comes back, not its text
	filler string
	number int
}

// patience is how long one message may take.
const patience = 20 * time.Second

func dialTrip(ctx context.Context, name, url string, size int) (*trip, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := wsconn.Dial(ctx, url, nil)
	if err != nil {
		return nil, err
	}
	return &trip{Conn: c, direct: name == peers[0].name, filler: strings.Repeat(".", size)}, nil
}

// once takes one message there and back. It is wrong if anything else comes,
// such as an error frame.
func (t *trip) once(ctx context.Context) (time.Duration, error) {
	t.number++
	number := fmt.Sprint(t.number)
	text := number + t.filler[min(len(number), len(t.filler)):]
	message := []byte(`{"action":"echo","text":"` + text + `"}`)
	want := text
	if t.direct {
		want = string(message)
	}
	began := time.Now()
	if err := t.Write(ctx, frame.Text, message); err != nil {
		return 0, err
	}
	_, got, err := t.Read(ctx)
	took := time.Since(began)
	if err == nil && string(got) != want {
		err = fmt.Errorf("message %s did not come back, but %.200q", number, got)
	}
	return took, err
}

// many takes so many messages, and returns how long each took, the shortest
// first.
func (t *trip) many(ctx context.Context, n int) ([]time.Duration, error) {
	took := make([]time.Duration, n)
	for i := range took {
		if i%500 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		limited, cancel := ctx, context.CancelFunc(func() {})
		if i == 0 { // one clock for all would be too short, and one for each costs
			limited, cancel = context.WithTimeout(ctx, patience)
		}
		var err error
		took[i], err = t.once(limited)
		cancel()
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(took)
	return took, nil
}

// A slot is one measurement.
type slot struct {
	Round    int     `json:"round"`
	Peer     string  `json:"peer"`
	Messages int     `json:"messages"`
	P50      float64 `json:"p50_us"`
	P90      float64 `json:"p90_us"`
	P99      float64 `json:"p99_us"`
	Max      float64 `json:"max_us"`
	CPU      float64 `json:"server_cpu_us,omitempty"` // for a message, of the peer and its functions
}

// percentile is one of sorted durations, in microseconds.
func percentile(sorted []time.Duration, p int) float64 {
	i := (len(sorted)*p + 99) / 100
	return float64(sorted[max(i, 1)-1].Nanoseconds()) / 1000
}

// measure fills a slot.
func (t *trip) measure(ctx context.Context, r *running, n int, s *slot) error {
	before, cpuErr := usage(r.pid)
	took, err := t.many(ctx, n)
	if err != nil {
		return err
	}
	s.Messages = n
	s.P50, s.P90, s.P99 = percentile(took, 50), percentile(took, 90), percentile(took, 99)
	s.Max = percentile(took, 100)
	if after, err := usage(r.pid); err == nil && cpuErr == nil {
		s.CPU = float64((after - before).Nanoseconds()) / 1000 / float64(n)
	}
	return nil
}

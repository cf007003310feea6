package report

import (
	"encoding/json"
	"io"
	"math"
	"strconv"

	"websocket.example/01-http-vs-ws/measure"
)

// JSON writes the figures for a program, as one object. What is not known
// is null; numbers have at most three decimals.
func JSON(w io.Writer, s *measure.Summary) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false) // an error message stays readable
	return e.Encode(document(s))
}

// The names of the keys are a promise to whoever reads the file.
type jsonReport struct {
	Network     string          `json:"network"`
	Link        jsonLink        `json:"link"`
	Poll        decimal         `json:"poll_ms"`
	Rate        decimal         `json:"rate"`
	Seed        uint64          `json:"seed"`
	Duration    decimal         `json:"duration_s"`
	Counted     decimal         `json:"counted_s"`
	Headers     string          `json:"headers"`
	TLS         bool            `json:"tls"`
	Runs        int             `json:"runs"`
	Interrupted bool            `json:"interrupted"`
	Error       string          `json:"error,omitempty"`
	Transports  []jsonTransport `json:"transports"`
	Upstream    jsonUpstream    `json:"upstream_ms"`
	Expected    jsonUpstream    `json:"upstream_model_ms"`
	Spread      *jsonWays       `json:"upstream_spread_ms,omitempty"`
}

type jsonLink struct {
	RTT       decimal `json:"rtt_ms"`
	Jitter    decimal `json:"jitter_ms"`
	Bandwidth int64   `json:"bandwidth_bit_s"`
}

type jsonTransport struct {
	Name        string      `json:"name"`
	Events      int         `json:"events"`
	Lost        int         `json:"lost"`
	Repeated    int         `json:"repeated"`
	Reordered   int         `json:"reordered"`
	Latency     jsonLatency `json:"latency_ms"`
	Model       decimal     `json:"model_mean_ms"`
	Off         decimal     `json:"off_model_percent"`
	Up          decimal     `json:"up_bytes_per_event"`
	Down        decimal     `json:"down_bytes_per_event"`
	Requests    decimal     `json:"requests_per_event"`
	Connections int         `json:"connections"`
	Idle        *jsonIdle   `json:"idle_minute"`
	Spread      *jsonSpread `json:"spread,omitempty"`
	Error       string      `json:"error,omitempty"`
}

type jsonLatency struct {
	P50  decimal `json:"p50"`
	P90  decimal `json:"p90"`
	P99  decimal `json:"p99"`
	Max  decimal `json:"max"`
	Mean decimal `json:"mean"`
}

type jsonIdle struct {
	Requests decimal `json:"requests"`
	Up       decimal `json:"up_bytes"`
	Down     decimal `json:"down_bytes"`
}

type jsonUpstream struct {
	PostNew   decimal `json:"post_new"`
	PostKept  decimal `json:"post_keepalive"`
	WebSocket decimal `json:"websocket"`
}

// A spread is the least and the greatest of the runs.
type spread [2]decimal

type jsonSpread struct {
	P50      spread `json:"p50"`
	P90      spread `json:"p90"`
	P99      spread `json:"p99"`
	Max      spread `json:"max"`
	Mean     spread `json:"mean"`
	Up       spread `json:"up_bytes_per_event"`
	Down     spread `json:"down_bytes_per_event"`
	Requests spread `json:"requests_per_event"`
}

type jsonWays struct {
	PostNew   spread `json:"post_new"`
	PostKept  spread `json:"post_keepalive"`
	WebSocket spread `json:"websocket"`
}

// A decimal is a number with at most three decimals, null if it is none.
type decimal float64

func (d decimal) MarshalJSON() ([]byte, error) {
	v := float64(d)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	v = math.Round(v*1000) / 1000
	return strconv.AppendFloat(nil, v, 'f', -1, 64), nil
}

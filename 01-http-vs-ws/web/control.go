package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"websocket.example/01-http-vs-ws/lab"
	"websocket.example/01-http-vs-ws/link"
)

// The control channel is a WebSocket between the page and its session, past
// the link. Every message is a JSON object that names its kind in type.
//
//	page                         server
//	  |<-- session ----------------|   ports of the lanes, limits, settings
//	  |<-- model ------------------|   what the latencies should be
//	  |--- time {c} -------------->|   what is your clock?
//	  |<-- time {c, s} ------------|
//	  |<-- counters ---------------|   every 500 ms
//	  |--- set {rtt_ms: 300} ----->|   a slider was moved
//	  |<-- model ------------------|   from now on
//	  |--- quiet {on: true} ------>|   no events, please: what does idling cost?
//	  |<-- quiet {on: true} -------|
//	  |<-- error {code, message} --|   that made no sense

// settings are what the page may change.
type settings struct {
	PollMS   float64 `json:"poll_ms"`
	RTTMS    float64 `json:"rtt_ms"`
	JitterMS float64 `json:"jitter_ms"`
}

type sessionMessage struct {
	Type         string              `json:"type"`  // session
	Start        int64               `json:"start"` // number of the last event
	Rate         float64             `json:"rate"`
	KeepaliveMS  float64             `json:"keepalive_ms"`
	BandwidthBPS int64               `json:"bandwidth_bps"` // 0 is unlimited
	Settings     settings            `json:"settings"`
	Limits       map[string][2]int64 `json:"limits"`
	Presets      []preset            `json:"presets"`
	Lanes        map[string]laneAt   `json:"lanes"`
}

type preset struct {
	Name     string  `json:"name"`
	RTTMS    float64 `json:"rtt_ms"`
	JitterMS float64 `json:"jitter_ms"`
}

type laneAt struct {
	Port int `json:"port"`
}

type countersMessage struct {
	Type  string          `json:"type"` // counters
	At    int64           `json:"at"`   // microseconds since 1970
	Lanes map[string]cost `json:"lanes"`
}

type cost struct {
	Requests    int64 `json:"requests"`
	Connections int64 `json:"connections"`
	Up          int64 `json:"up"`
	Down        int64 `json:"down"`
}

func costOf(l *lab.Lane) cost {
	c := l.Cost()
	return cost{c.Requests, c.Connections, c.Up, c.Down}
}

// timeMessage answers a probe of the clock: c is the page's time, returned
// as it came, and s the server's in microseconds since 1970.
type timeMessage struct {
	Type string          `json:"type"` // time
	C    json.RawMessage `json:"c"`
	S    int64           `json:"s"`
}

type quietMessage struct {
	Type string `json:"type"` // quiet
	On   bool   `json:"on"`
}

type errorMessage struct {
	Type    string `json:"type"` // error
	Code    string `json:"code"` // bad_json, bad_value, unknown_type, too_many_pages, internal
	Message string `json:"message"`
}

// request is anything that the page may send.
type request struct {
	Type     string          `json:"type"`
	C        json.RawMessage `json:"c"`
	On       bool            `json:"on"`
	PollMS   *float64        `json:"poll_ms"`
	RTTMS    *float64        `json:"rtt_ms"`
	JitterMS *float64        `json:"jitter_ms"`
}

// The limits of the sliders. What the program was started with is within
// them even if it is not.
var limits = map[string][2]int64{"poll_ms": {50, 5000}, "rtt_ms": {0, 1000}}

func limitsWith(s settings) map[string][2]int64 {
	within := func(l [2]int64, ms float64) [2]int64 {
		return [2]int64{min(l[0], int64(math.Floor(ms))), max(l[1], int64(math.Ceil(ms)))}
	}
	return map[string][2]int64{
		"poll_ms": within(limits["poll_ms"], s.PollMS),
		"rtt_ms":  within(limits["rtt_ms"], s.RTTMS),
	}
}

// change applies a request to the settings. What the request leaves out
// stays as it is, but jitter shrinks with the round trip.
func (s settings) change(r request, limits map[string][2]int64) (settings, error) {
	for _, field := range []struct {
		name  string
		value *float64
		into  *float64
	}{{"poll_ms", r.PollMS, &s.PollMS}, {"rtt_ms", r.RTTMS, &s.RTTMS}} {
		if field.value == nil {
			continue
		}
		if l := limits[field.name]; *field.value < float64(l[0]) || *field.value > float64(l[1]) {
			return s, fmt.Errorf("%s: %g is not from %d to %d", field.name, *field.value, l[0], l[1])
		}
		*field.into = *field.value
	}
	s.JitterMS = min(s.JitterMS, s.RTTMS)
	if r.JitterMS != nil {
		if *r.JitterMS < 0 || *r.JitterMS > s.RTTMS {
			return s, fmt.Errorf("jitter_ms: %g is not from 0 to the round trip of %g", *r.JitterMS, s.RTTMS)
		}
		s.JitterMS = *r.JitterMS
	}
	return s, nil
}

func (s settings) link(bandwidth int64) link.Settings {
	return link.Settings{RTT: duration(s.RTTMS), Jitter: duration(s.JitterMS), Bandwidth: bandwidth}
}

// parseRequest reads what the page sent.
func parseRequest(data []byte) (request, *errorMessage) {
	var r request
	if err := json.Unmarshal(data, &r); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) && wrong.Field != "" {
			return r, refuse("bad_value", fmt.Sprintf("%s: a %s does not go here", wrong.Field, wrong.Value))
		}
		return r, refuse("bad_json", "write one JSON object")
	}
	return r, nil
}

func refuse(code, message string) *errorMessage {
	return &errorMessage{"error", code, message}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func duration(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

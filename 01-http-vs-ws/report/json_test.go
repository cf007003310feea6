package report

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// promised is the shape that the lesson documents.
type promised struct {
	Link struct {
		RTT *float64 `json:"rtt_ms"`
	} `json:"link"`
	Poll       *float64 `json:"poll_ms"`
	Transports []struct {
		Name        string             `json:"name"`
		Events      *int               `json:"events"`
		Lost        *int               `json:"lost"`
		Repeated    *int               `json:"repeated"`
		Latency     map[string]float64 `json:"latency_ms"`
		Model       *float64           `json:"model_mean_ms"`
		Up          *float64           `json:"up_bytes_per_event"`
		Down        *float64           `json:"down_bytes_per_event"`
		Requests    *float64           `json:"requests_per_event"`
		Connections *int               `json:"connections"`
	} `json:"transports"`
	Upstream map[string]float64 `json:"upstream_ms"`
}

func writeJSON(t *testing.T, fixture int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := JSON(&b, fixtures[fixture].read(t)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestJSONShape(t *testing.T) {
	var p promised
	if err := json.Unmarshal(writeJSON(t, 0), &p); err != nil {
		t.Fatal(err)
	}
	if *p.Link.RTT != 70 || *p.Poll != 1000 {
		t.Errorf("a round trip of %g ms, polls every %g ms", *p.Link.RTT, *p.Poll)
	}
	var names []string
	for _, way := range p.Transports {
		names = append(names, way.Name)
		if *way.Events != 75 || *way.Lost != 0 || *way.Repeated != 0 || *way.Connections != 1 {
			t.Errorf("%s: %+v", way.Name, way)
		}
		for _, key := range []string{"p50", "p90", "p99", "max", "mean"} {
			if way.Latency[key] == 0 {
				t.Errorf("%s has no %s", way.Name, key)
			}
		}
		if *way.Model == 0 || *way.Down == 0 || way.Up == nil || way.Requests == nil {
			t.Errorf("%s: %+v", way.Name, way)
		}
	}
	if got := strings.Join(names, " "); got != "short-poll long-poll sse websocket" {
		t.Error(got)
	}
	for _, key := range []string{"post_new", "post_keepalive", "websocket"} {
		if p.Upstream[key] == 0 {
			t.Errorf("upstream has no %s", key)
		}
	}
}

func TestJSONNumbers(t *testing.T) {
	for i, f := range fixtures {
		data := writeJSON(t, i)
		if !bytes.HasSuffix(data, []byte("}\n")) {
			t.Errorf("%s does not end with a line", f.name)
		}
		if long := regexp.MustCompile(`\d\.\d{4,}|\de[+-]`).Find(data); long != nil {
			t.Errorf("%s has a number with too many decimals: %s", f.name, long)
		}
	}
}

func TestJSONUnknown(t *testing.T) {
	text := string(writeJSON(t, 2)) // a transport died, nothing came by it
	for _, want := range []string{`"p50": null`, `"off_model_percent": null`, `"idle_minute": null`, `"websocket": null`, `"interrupted": true`, `EOF"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	if text := string(writeJSON(t, 3)); !strings.Contains(text, `"off_model_percent": null`) {
		t.Error("a difference from a model of 0 is not null")
	}
}

func TestJSONSpread(t *testing.T) {
	if one := string(writeJSON(t, 0)); strings.Contains(one, "spread") {
		t.Error("one run has a spread")
	}
	var d struct {
		Transports []struct {
			Latency map[string]float64    `json:"latency_ms"`
			Spread  map[string][2]float64 `json:"spread"`
		} `json:"transports"`
	}
	if err := json.Unmarshal(writeJSON(t, 1), &d); err != nil {
		t.Fatal(err)
	}
	for _, way := range d.Transports {
		for key, median := range way.Latency {
			if s := way.Spread[key]; s[0] > median || s[1] < median || s[1] == 0 {
				t.Errorf("%s: %g is not within %v", key, median, s)
			}
		}
	}
}

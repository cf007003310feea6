package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// invoke runs the program in this process, as main does.
func invoke(ctx context.Context, args ...string) (status int, out, errs string) {
	var stdout, stderr bytes.Buffer
	status = run(ctx, args, strings.NewReader(""), &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

// Wrong use is one line that names the flag and the way out, before anything
// is measured.
func TestWrongUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	folder := t.TempDir()
	for _, row := range []struct{ args, want string }{
		{"-net 5g", "choose loopback, lan, wifi, 4g, 3g, satellite"},
		{"-rate 0", `-rate "0": give a number from 0.1 to 1000`},
		{"-rate NaN", "give a number"},
		{"-rate fast", "give a number"},
		{"-poll 1", `-poll "1": write a time with its unit`},
		{"-poll 0s", `-poll "0s": give a time from 10ms to 1m0s`},
		{"-duration -5s", `-duration "-5s": give a time from 1s`},
		{"-duration 1s -rate 0.5", "too few to measure"},
		{"-rtt 20s", `-rtt "20s": give a time from 0s to 10s`},
		{"-rtt 10ms -jitter 20ms", "more than the round trip"},
		{"-bandwidth 12", "a bandwidth of 12 bit/s is too little"},
		{"-bandwidth 12Q", `-bandwidth "12Q": write bits per second, such as 12M`},
		{"-bandwidth -5", `-bandwidth "-5": write bits per second`},
		{"-seed -1", "-seed"},
		{"-repeat 0", `-repeat "0": give a number from 1 to 100`},
		{"-repeat 1.5", "-repeat: 1.5 is not a whole number"},
		{"-headers chrome", "choose browser or bare"},
		{"-lang fr", "choose en or pt-BR"},
		{"-json " + folder, "is a folder: name a file in it"},
		{"-json " + filepath.Join(folder, "none", "x.json"), "no such file or directory"},
		{"-html -", "name a file"},
		{"-html " + filepath.Join(folder, "none", "x.html"), "-html: "},
		{"-serve -addr " + taken.Addr().String(), "is taken by another program: choose another port"},
		{"-serve -addr nonsense", "write it like 127.0.0.1:8001"},
		{"-serve -tls", "-tls: "},
		{"-serve -json x", "-serve: "},
		{"-addr 127.0.0.1:0", "use it with -serve"},
		{"-what", "there is no flag -what"},
		{"-net", "-net needs a value"},
		{"-net 4g 3g", `"3g" is not a flag`},
		{"measure", "no command is called \"measure\": there are scale, omission"},
		{"scale -n 0", `-n "0": write numbers from 1 to 20000`},
		{"scale -n 1,x", `-n "1,x": write numbers`},
		{"omission -stall 5s -every 5s", "give a shorter -stall"},
		{"omission -duration 1s", "give a -duration of at least"},
	} {
		t.Run(row.args, func(t *testing.T) {
			status, out, errs := invoke(t.Context(), strings.Fields(row.args)...)
			if status != misuse || out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, row.want) {
				t.Errorf("status %d, output %q, errors %q, want %q", status, out, errs, row.want)
			}
		})
	}
	if left, _ := os.ReadDir(folder); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestHelp(t *testing.T) {
	for args, want := range map[string]string{
		"-h":           "go run ./01-http-vs-ws -serve",
		"scale -h":     "go run ./01-http-vs-ws scale -n",
		"omission -h":  "closed loop",
		"-net 3g -h":   "satellite  round trip 600ms",
		"-serve -help": "-addr host:port",
	} {
		status, out, errs := invoke(t.Context(), strings.Fields(args)...)
		if status != fine || errs != "" || !strings.Contains(out, want) {
			t.Errorf("%s: status %d, errors %q, output:\n%s", args, status, errs, out)
		}
	}
}

// A short run from the command line to the three outputs.
func TestMeasureCommand(t *testing.T) {
	folder := t.TempDir()
	page := filepath.Join(folder, "report.html")
	status, out, errs := invoke(t.Context(), strings.Fields("-net loopback -duration 1s -rate 50 -poll 100ms -json - -html "+page)...)
	if status != fine {
		t.Fatalf("status %d: %s", status, errs)
	}
	var figures struct {
		Link struct {
			RTT float64 `json:"rtt_ms"`
		}
		PollMS     float64 `json:"poll_ms"`
		Transports []struct {
			Name         string
			Events, Lost int
		}
	}
	if err := json.Unmarshal([]byte(out), &figures); err != nil {
		t.Fatalf("the standard output is not JSON alone: %v\n%s", err, out)
	}
	if figures.PollMS != 100 || len(figures.Transports) != 4 || figures.Transports[3].Name != "websocket" || figures.Transports[3].Events == 0 {
		t.Errorf("%+v", figures)
	}
	if !strings.Contains(errs, "WebSocket") {
		t.Errorf("the table is missing: %s", errs)
	}
	if html, err := os.ReadFile(page); err != nil || !bytes.Contains(html, []byte("<svg")) {
		t.Errorf("the report has no drawing: %v", err)
	}
	if left, _ := os.ReadDir(folder); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// Ctrl-C ends a run early, and loses nothing of what was measured.
func TestInterrupt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.json")
	ctx, cancel := context.WithTimeout(t.Context(), 2200*time.Millisecond)
	defer cancel()
	status, out, errs := invoke(ctx, strings.Fields("-net loopback -duration 1m -rate 50 -poll 100ms -json "+file)...)
	if status != fine || !strings.Contains(out, "nterrupted") || !strings.Contains(out, "WebSocket") {
		t.Errorf("status %d, errors %q, output:\n%s", status, errs, out)
	}
	text, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(text, []byte(`"interrupted": true`)) {
		t.Errorf("%v: %s", err, text)
	}
}

// Ctrl-C stops the page's server, with nothing on the error output.
func TestServeStops(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	status, out, errs := invoke(ctx, "-serve", "-addr", "127.0.0.1:0")
	if status != fine || errs != "" || !strings.Contains(out, "Open http://127.0.0.1:") {
		t.Errorf("status %d, errors %q, output %q", status, errs, out)
	}
}

// A report that stood there before stays until the new one is whole.
func TestOutputKeepsTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.json")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := openOutput(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.abandon()
	if text, _ := os.ReadFile(path); string(text) != "old" {
		t.Errorf("an abandoned output left %q", text)
	}
}

func TestBandwidth(t *testing.T) {
	for text, want := range map[string]int64{"12M": 12e6, "1.6M": 1.6e6, "500k": 5e5, "1G": 1e9, "8000": 8000, "0": 0} {
		if got, err := bandwidth(text); got != want || err != nil {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
}

// A link of one's own starts from nothing, or from the network that is named.
func TestLinkFlags(t *testing.T) {
	for args, want := range map[string]string{
		"":                             "4g: round trip 70ms ± 20ms, 12 Mbit/s",
		"-net 3g":                      "3g: round trip 300ms ± 60ms, 1.6 Mbit/s",
		"-rtt 80ms":                    "custom: round trip 80ms",
		"-rtt 80ms -jitter 5ms":        "custom: round trip 80ms ± 5ms",
		"-bandwidth 1M":                "custom: round trip 0s, 1 Mbit/s",
		"-net 4g -rtt 10ms":            "custom: round trip 10ms ± 10ms, 12 Mbit/s",
		"-net 4g -bandwidth 0":         "custom: round trip 70ms ± 20ms",
		"-net satellite -jitter 100ms": "custom: round trip 600ms ± 100ms, 15 Mbit/s",
	} {
		f, err := parseMeasure(strings.Fields(args), terminal{})
		if got := f.Network + ": " + f.Link.String(); got != want || err != nil {
			t.Errorf("%q gives %q, %v, want %q", args, got, err, want)
		}
	}
}

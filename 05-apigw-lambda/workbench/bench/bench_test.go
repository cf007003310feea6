package bench

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// The benchmark starts the program that it is in, so the test's does as well.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "bench" {
		os.Exit(Command(context.Background(), os.Args[2:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// run runs the benchmark and returns what it printed, and its exit status.
func run(t *testing.T, args ...string) (out, errs string, status int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr strings.Builder
	cmd := exec.CommandContext(t.Context(), self, append([]string{"bench"}, args...)...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

// A run that is too short to say anything, but says it in the right form.
func TestTrips(t *testing.T) {
	names := []string{"direct", inProcess, runtimeAPI}
	out, errs, status := run(t, "-only", strings.Join(names, ","), "-rounds", "2", "-messages", "30", "-warmup", "5", "-profile", t.TempDir(), "-json")
	if status != fine || errs != "" {
		t.Fatalf("status %d: %s", status, errs)
	}
	var r report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Slots) != 2*len(names) || len(r.Goals) != 0 {
		t.Errorf("%d measurements, %d goals", len(r.Slots), len(r.Goals))
	}
	for _, s := range r.Slots {
		if s.Messages != 30 || s.P50 <= 0 || s.P50 > s.P90 || s.P90 > s.P99 || s.P99 > s.Max || runtime.GOOS == "linux" && s.CPU <= 0 {
			t.Errorf("%+v", s)
		}
	}
}

// Connections are held, and each of the room is told each message once.
func TestHold(t *testing.T) {
	out, errs, status := run(t, "-hold", "60", "-room", "20", "-broadcasts", "3", "-json")
	if status != fine || errs != "" {
		t.Fatalf("status %d: %s", status, errs)
	}
	var r holdReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Broadcasts) != 3 || r.Opening <= 0 || r.Idle.Heap <= 0 || r.Before.Resident <= 0 {
		t.Errorf("%+v", r)
	}
	for _, b := range r.Broadcasts {
		if b.First <= 0 || b.First > b.P50 || b.P50 > b.P99 || b.P99 > b.Last {
			t.Errorf("%+v", b)
		}
	}
}

// What makes no difference between rounds is a busy machine's; ratios stay.
func TestReport(t *testing.T) {
	r := &report{Machine: "a machine", Go: "go", Size: 64, Missing: []string{"runtime-api: there is no go command"}}
	for round, slower := range []float64{1, 3, 2} {
		for name, p50 := range map[string]float64{"direct": 50, inProcess: 200, offlineSLS: 1000} {
			r.Slots = append(r.Slots, slot{Round: round + 1, Peer: name, Messages: 2000, P50: p50 * slower, P90: 2 * p50 * slower, P99: 3 * p50 * slower})
		}
	}
	r.judge()
	var out strings.Builder
	r.text(&out)
	for _, want := range []string{
		"in-process          400 (300-500)          800 (600-1,000)        1,200 (900-1,500)      5.00                 -\n",
		"serverless-offline  2,000 (1,500-2,500)",
		"\nNot measured: runtime-api: there is no go command\n",
		"  in-process          at least 8 times faster: 5.00, MISSED\n",
		"2,000 messages in each of 3 rounds,",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "runtime-api         at least") {
		t.Error("a goal for a peer that was not measured")
	}
}

func TestHelp(t *testing.T) {
	out, errs, status := run(t, "-h")
	if status != fine || errs != "" || !strings.HasPrefix(out, "Usage: go run ./05-apigw-lambda bench") || !strings.Contains(out, "\nFlags:\n") {
		t.Errorf("status %d: %s %s", status, out, errs)
	}
}

func TestMisuse(t *testing.T) {
	for _, row := range []struct{ args, want string }{
		{"now", `"now" is no flag`},
		{"-only sam", `-only "sam": there are direct, in-process`},
		{"-rounds 0", "-rounds 0: choose a whole number from 1 to 1000"},
		{"-room 5", "-room goes with -hold"},
		{"-hold 10 -room 20", "-room 20: -hold 10 connections are fewer"},
		{"-hold 10 -rounds 2", "-rounds is for echoes"},
		{"-profile nowhere", "-profile nowhere: name a folder that is there"},
		{"-hold 10 -pace x", "-pace"},
		{"serve -x", "serve: "},
	} {
		out, errs, status := run(t, strings.Fields(row.args)...)
		if status != misuse || out != "" || !strings.Contains(errs, row.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: status %d, %q %q", row.args, status, out, errs)
		}
	}
}

func TestPercentile(t *testing.T) {
	var sorted []time.Duration
	for i := range 200 {
		sorted = append(sorted, time.Duration(i+1)*time.Microsecond)
	}
	for p, want := range map[int]float64{0: 1, 50: 100, 99: 198, 100: 200} {
		if got := percentile(sorted, p); got != want {
			t.Errorf("p%d is %v, want %v", p, got, want)
		}
	}
}

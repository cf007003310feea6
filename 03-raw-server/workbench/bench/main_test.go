package bench

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata again")

var program = Program{Name: "go run ./03-raw-server bench", Peers: Own, Elsewhere: "the others are elsewhere"}

// The benchmark starts the program that it is in, so the test's does as well.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "bench" {
		err := program.Run(context.Background(), os.Args[2:], Terminal{os.Stdin, os.Stdout, os.Stderr})
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			os.Exit(0)
		case errors.As(err, new(*UsageError)):
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// command runs the benchmark and returns what it printed, and its exit status.
func command(t *testing.T, args ...string) (out, errs string, status int) {
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

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs: go test -update writes it again. Got:\n%s", file, got)
	}
}

// Every server echoes what every workload sends: the clients compare.
func TestOwn(t *testing.T) {
	for i := range Own {
		for _, d := range []Deflate{Off, NoTakeover, Takeover} {
			if !Own[i].Does(d) {
				continue
			}
			t.Run(Own[i].Name+"/"+string(d), func(t *testing.T) {
				t.Parallel()
				err := Try(t.Context(), &Own[i], d)
				if errors.As(err, new(*MissingError)) && os.Getenv("CI") != "true" {
					t.Skip(err)
				}
				if err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

// A run that is too short to say anything, but says it in the right form.
func TestBench(t *testing.T) {
	page := filepath.Join(t.TempDir(), "report.html")
	out, text, status := command(t, "-rounds", "2", "-warmup", "0s", "-time", "100ms", "-html", page, "-plot",
		"-peers", "raw,raw-plain", "-workloads", "ping-pong,deflate-takeover", "-json", "-")
	if status != 0 {
		t.Fatalf("exit status %d: %s", status, text)
	}
	var r report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Slots) != 2*2*2 {
		t.Errorf("%d measurements", len(r.Slots))
	}
	for _, s := range r.Slots {
		if s.Error != "" || s.Messages == 0 {
			t.Errorf("%+v", s)
		}
	}
	for _, want := range []string{"### ping-pong", "| raw | 1 |", "| raw-plain | ", " raw / its own", "Not measured:", "A bar ends at the median"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
	html, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(html), `"peer":"raw-plain"`) {
		t.Errorf("the page: %v", err)
	}
}

func TestIdle(t *testing.T) {
	out, text, status := command(t, "idle", "-n", "201", "-servers", "2", "-rate", "2000", "-time", "200ms", "-json", "-")
	if status != 0 {
		t.Fatalf("exit status %d: %s", status, text)
	}
	var r crowdReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if r.Opened != 201 || r.Lost != 0 || r.Stopped != "" || r.Echo == nil {
		t.Fatalf("%+v", r)
	}
	if e := r.Echo; e.Answered < 100 || e.Unanswered != 0 || e.P50 <= 0 || e.P50 > e.P90 || e.P90 > e.P99 || e.P99 > e.Max { // 400 on the average
		t.Errorf("%+v", e)
	}
	for _, want := range []string{"raw: 201 idle connections", "shared among 2 servers", "| delay in ms |", "Not measured:"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, args := range []string{"-h", "idle -h", "serve -h"} {
		out, errs, status := command(t, strings.Fields(args)...)
		if status != 0 || errs != "" || !strings.HasPrefix(out, "Usage: go run ./03-raw-server bench") || !strings.Contains(out, "\nFlags:\n") {
			t.Errorf("%s: exit status %d, %q, %q", args, status, out, errs)
		}
	}
}

func TestMisuse(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"-peers nobody", `-peers "nobody": there is no "nobody": name some of raw,raw-plain,limit; the others are elsewhere`},
		{"-peers raw-patient", `-peers "raw-patient": there is no "raw-patient"`},
		{"-workloads sleep", `-workloads "sleep": there is no "sleep": name some of ping-pong,`},
		{"-rounds many", `-rounds "many": give a whole number from 1 to 1000`},
		{"-time 5", `-time "5": write a time with its unit`},
		{"-lang fr", `-lang "fr": choose en or pt-BR`},
		{"-plot=maybe", `-plot "maybe": choose true or false`},
		{"now", `"now" is not a flag`},
		{"-fast", "there is no flag -fast"},
		{"-rounds", "-rounds needs a value after it"},
		{"-json .", "-json: "},
		{"-html .", "-html: "},
		{"-idle 0", `-idle "0": give a whole number from 100`},
		{"idle -n 0", `-n "0": give a whole number from 1 to`},
		{"idle -n 16000000", "run 'sudo "},
		{"idle -peer nobody", `-peer "nobody": there is no "nobody": name some of raw,raw-plain,limit,raw-patient; the others are elsewhere`},
		{"serve -peer nobody", `-peer "nobody"`},
		{"serve -deflate lots", `-deflate "lots": choose off or no-takeover or takeover`},
		{"serve -addr nowhere", `-addr: `},
	} {
		out, errs, status := command(t, strings.Fields(test.args)...)
		if status != 2 || out != "" || !strings.Contains(errs, test.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit status %d, %q %q", test.args, status, out, errs)
		}
	}
}

package bench

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"websocket.example/04-chat-hub/workbench/internal/console"
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
func TestBench(t *testing.T) {
	if _, err := twoCPUs(); err != nil {
		t.Skip(err)
	}
	args := []string{"-rounds", "1", "-warmup", "0s", "-time", "200ms", "-only", "sat,idle", "-idle", "100", "-members", "20", "-settle", "0s"}
	out, errs, status := run(t, append(args, "-json")...)
	if status != 0 || errs != "" {
		t.Fatalf("status %d: %s", status, errs)
	}
	var r report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Slots) != 2*len(kinds) {
		t.Errorf("%d measurements", len(r.Slots))
	}
	for _, s := range r.Slots {
		switch {
		case s.Error != "":
			t.Errorf("%+v", s)
		case s.Workload == idleName:
			if i := s.Idle; i == nil || i.Before <= 0 || i.Connected <= i.Before || (i.Freed > 0) != (s.Server != "chat") {
				t.Errorf("%+v: %+v", s, i)
			}
		default:
			each := s.Bytes / s.Delivered
			if s.Delivered < 20 || s.CPU <= 0 || s.P50 <= 0 || s.P50 > s.P99 || s.P99 > s.Max || each < 100 || each > 140 {
				t.Errorf("%+v", s)
			}
		}
	}
}

func TestReport(t *testing.T) {
	r := &report{workloads: names, idle: 100, Machine: "a machine", Go: "go"}
	for round, factor := range []float64{1, 3, 2} { // a noisy machine: only ratios within a round tell
		add := func(workload, server string, cpu, p99 float64) {
			r.Slots = append(r.Slots, slot{Round: round, Workload: workload, Server: server, Wall: time.Duration(cpu * factor * 1e9),
				Delivered: 1000, Bytes: 200_000, CPU: time.Duration(cpu * factor * 1e6), P50: 1, P99: p99})
		}
		for _, load := range workloads {
			add(load.name, "chat", 10, 20)
			add(load.name, "hub", 5, 21)
		}
		r.Slots = append(r.Slots,
			slot{Round: round, Workload: idleName, Server: "chat", Idle: &idle{100, 1 << 20, 1<<20 + 1500<<10, 0}},
			slot{Round: round, Workload: idleName, Server: "hub", Idle: &idle{100, 1 << 20, 1<<20 + 800<<10, 1<<20 + 650<<10}},
			slot{Round: round, Workload: "w1", Server: "hub-nats", Error: "it fell over"})
	}
	r.judge()
	var out strings.Builder
	r.text(&out)
	for _, want := range []string{
		"  hub       2.00               10.0         2.00", // ratios hardly vary
		"  chat      15.0                   -\n",
		"  hub       8.00                   6.50\n",
		"  hub-nats  failed in round 2: it fell over\n",
		"  w1    server CPU per delivery, chat / hub, at least 1.4: 2, met\n",
		"  w8    server CPU per delivery, chat / hub, at least 2.2: 2, MISSED\n",
		"  sat   deliveries a second, hub / chat, at least 2.9: 2, MISSED\n",
		"  rate  p99 in ms, at most the chat's 20: 21, MISSED\n",
		"  idle  KiB for a member, what is not in use given back, at most 7: 6.5, met\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, out.String())
		}
	}
}

func TestHelp(t *testing.T) {
	for _, args := range []string{"-h", "serve -h"} {
		out, errs, status := run(t, strings.Fields(args)...)
		if status != 0 || errs != "" || !strings.HasPrefix(out, "Usage: go run ./04-chat-hub bench") || !strings.Contains(out, "\nFlags:\n") {
			t.Errorf("%s: status %d: %s %s", args, status, out, errs)
		}
	}
}

func TestMisuse(t *testing.T) {
	for _, row := range []struct{ args, want string }{
		{"-only w2", `-only "w2": there is no "w2": name some of w1,w8,sat,rate,idle`},
		{"-rounds 0", `-rounds "0": give a whole number from 1`},
		{"-time 1", `-time "1": write a time with its unit`},
		{"now", `"now" is not a flag`},
		{"serve -addr nowhere", "-addr: "},
	} {
		out, errs, status := run(t, strings.Fields(row.args)...)
		if status != console.Misuse || out != "" || !strings.Contains(errs, row.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: status %d, %q %q", row.args, status, out, errs)
		}
	}
}

package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// bench starts this program again, so the test's is it as well, before any
// test begins.
func init() {
	if len(os.Args) > 1 && os.Args[1] == "bench" {
		main()
	}
}

// The two processes that bench starts are found behind this command.
func TestBench(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), self, "bench", "idle", "-n", "20", "-time", "100ms").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "raw: 20 idle connections") || !strings.Contains(string(out), "| delay in ms |") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestBenchMisuse(t *testing.T) {
	for args, want := range map[string]string{
		"bench -peers raw,gorilla": "the other libraries are in 'go run ./03-raw-server/peers bench'",
		"bench idle -peer gws":     "the other libraries are in 'go run ./03-raw-server/peers bench'",
		"bench now":                `"now" is not a flag`,
	} {
		status, out, errs := invoke(t.Context(), strings.Fields(args)...)
		if status != misuse || out != "" || !strings.Contains(errs, want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit status %d, %q %q", args, status, out, errs)
		}
	}
}

package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"websocket.example/03-raw-server/workbench/bench"
)

// This program starts itself, so the test's does as well.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "bench" {
		main()
	}
	os.Exit(m.Run())
}

// Every peer echoes what every workload sends: the clients compare.
func TestPeersEcho(t *testing.T) {
	list := benchProgram().Peers
	for i := range list {
		peer := &list[i]
		for _, d := range []bench.Deflate{bench.Off, bench.NoTakeover, bench.Takeover} {
			if !peer.Does(d) {
				continue
			}
			t.Run(peer.Name+"/"+string(d), func(t *testing.T) {
				t.Parallel()
				err := bench.Try(t.Context(), peer, d)
				if errors.As(err, new(*bench.MissingError)) && os.Getenv("CI") != "true" {
					t.Skip(err)
				}
				if err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

// command runs this program and returns what it printed, and its exit status.
func command(t *testing.T, args ...string) (out, errs string, status int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr strings.Builder
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

// A run that is too short to say anything, but says it in the right form.
func TestBench(t *testing.T) {
	out, text, status := command(t, "bench", "-rounds", "2", "-warmup", "0s", "-time", "100ms",
		"-peers", "raw,gorilla", "-workloads", "ping-pong,deflate-takeover", "-json", "-")
	if status != 0 {
		t.Fatalf("exit status %d: %s", status, text)
	}
	var r struct {
		Versions map[string]string
		Slots    []struct {
			Error    string
			Messages int
		}
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Slots) != 2*2+2 { // gorilla has no takeover
		t.Errorf("%d measurements", len(r.Slots))
	}
	for _, s := range r.Slots {
		if s.Error != "" || s.Messages == 0 {
			t.Errorf("%+v", s)
		}
	}
	if r.Versions["github.com/gorilla/websocket"] == "" {
		t.Errorf("no version of gorilla: %v", r.Versions)
	}
	for _, want := range []string{"### ping-pong", " gorilla / its own (quartiles)", "| gorilla | 1 |", "| raw | ", "Can't do it: gorilla.", " raw / its own (quartiles)", "Not measured:"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
}

func TestMisuse(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"bench -peers nobody", `peers: -peers "nobody": there is no "nobody": name some of raw,gorilla,`},
		{"bench -rounds many", `peers: -rounds "many": give a whole number from 1 to 1000`},
		{"bench idle -peer nobody", `peers: -peer "nobody": there is no "nobody": name some of raw,gorilla,`},
		{"bench serve -peer node-ws", `peers: -peer node-ws: it is no Go program`},
	} {
		out, errs, status := command(t, strings.Fields(test.args)...)
		if status != misuse || out != "" || !strings.HasPrefix(errs, test.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit status %d, %q %q", test.args, status, out, errs)
		}
	}
}

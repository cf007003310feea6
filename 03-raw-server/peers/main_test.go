package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"websocket.example/03-raw-server/peers/echo"
	"websocket.example/03-raw-server/peers/load"
)

// This program starts itself, so the test's does as well.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "bench" || os.Args[1] == "serve") {
		main()
	}
	os.Exit(m.Run())
}

// Every peer echoes what every workload sends: the clients compare.
func TestPeersEcho(t *testing.T) {
	for i := range echo.Peers {
		peer := &echo.Peers[i]
		for _, w := range load.Workloads {
			if !does(peer, w.Name) {
				continue
			}
			t.Run(peer.Name+"/"+w.Name, func(t *testing.T) {
				t.Parallel()
				server, err := startChild(t.Context(), peer, deflateFor(&w), -1, "")
				if errors.As(err, new(*echo.MissingError)) {
					if os.Getenv("CI") == "true" {
						t.Fatal(err)
					}
					t.Skip(err)
				}
				if err != nil {
					t.Fatal(err)
				}
				w.Conns = 1
				clients, err := load.Dial(t.Context(), server.addr, &w)
				if err != nil {
					t.Fatal(err)
				}
				clients.Start()
				for clients.Messages() < 10 {
					if err := clients.Failed(); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Millisecond) // until they are there, however long that takes
				}
				if err := clients.Stop(); err != nil {
					t.Error(err)
				}
				clients.Close()
				if err := server.free(); err != nil {
					t.Error(err)
				}
				if err := server.stop(); err != nil {
					t.Error(err)
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
	out, text, status := command(t, "bench", "-rounds", "2", "-warmup", "0s", "-time", "100ms", "-idle", "100",
		"-peers", "raw,gorilla", "-workloads", "ping-pong,deflate-takeover", "-json", "-")
	if status != 0 {
		t.Fatalf("exit status %d: %s", status, text)
	}
	var r report
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
	for _, want := range []string{"### ping-pong", "| gorilla | 1 |", "| raw | ", "Can't do it: gorilla.", "Not measured:"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
}

func TestMisuse(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"bench -peers nobody", `peers: -peers "nobody": there is no "nobody": name some of raw,`},
		{"bench -rounds many", `peers: -rounds "many": give a whole number from 1 to 1000`},
		{"bench -time 5", `peers: -time "5": write a time with its unit`},
		{"bench now", `peers: "now" is not a flag`},
		{"bench -fast", "peers: there is no flag -fast"},
		{"bench -json .", "peers: -json: "},
	} {
		out, errs, status := command(t, strings.Fields(test.args)...)
		if status != misuse || out != "" || !strings.HasPrefix(errs, test.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit status %d, %q %q", test.args, status, out, errs)
		}
	}
}

func TestSpread(t *testing.T) {
	if got, want := spreadOf([]float64{4, 1, 2, 3, 5}), (spread{2, 3, 4}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := spreadOf([]float64{2, 1}), (spread{1.25, 1.5, 1.75}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	for f, want := range map[float64]string{0.0312: "0.031", 1.234: "1.23", 12.34: "12.3", 123.4: "123", 12345: "12,345", 1234567: "1,234,567"} {
		if got := three(f); got != want {
			t.Errorf("%v: got %q, want %q", f, got, want)
		}
	}
}

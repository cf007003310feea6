package scale

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"websocket.example/01-http-vs-ws/transport"
)

// The test binary is the server too, in a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("SCALE_SERVER") != "" {
		if err := Serve(os.Stdin, os.Stdout, 500*time.Millisecond); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func testConfig(t *testing.T) Config {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		Clients: []int{20}, Poll: 100 * time.Millisecond, Keepalive: 500 * time.Millisecond,
		Window: 500 * time.Millisecond, Headers: transport.Bare,
		Server: func(ctx context.Context) *exec.Cmd {
			command := exec.CommandContext(ctx, self)
			command.Env = append(os.Environ(), "SCALE_SERVER=1")
			return command
		},
	}
}

func TestMeasure(t *testing.T) {
	c := testConfig(t)
	cells, err := Measure(t.Context(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(cells) != 4 {
		t.Fatalf("%d cells", len(cells))
	}
	for _, cell := range cells {
		switch perClient := cell.RequestsPerSecond / float64(cell.Clients); cell.Transport {
		case transport.ShortPoll: // ten a second, less what a busy machine does not manage
			if perClient < 2 || perClient > 14 || cell.CPUPercent <= 0 {
				t.Errorf("%+v", cell)
			}
		case transport.LongPoll: // two a second
			if perClient < 0.5 || perClient > 4.5 {
				t.Errorf("%+v", cell)
			}
		default: // they asked once, before the window
			if cell.RequestsPerSecond > 0 || cell.GoroutinesEach < 1 {
				t.Errorf("%+v", cell)
			}
		}
	}
	var text strings.Builder
	Text(&text, c, cells)
	if got := strings.Count(text.String(), "websocket"); got != 1 {
		t.Errorf("websocket is named %d times:\n%s", got, text.String())
	}
	if !strings.Contains(text.String(), "20 idle clients keep the server busy") {
		t.Errorf("the conclusion is missing:\n%s", text.String())
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cells, err := Measure(ctx, testConfig(t), func(cell, _ int, _ string) {
		if cell == 1 {
			cancel()
		}
	})
	if err != nil || len(cells) != 1 {
		t.Errorf("%d cells, %v", len(cells), err)
	}
}

func TestNoServer(t *testing.T) {
	c := testConfig(t)
	c.Server = func(ctx context.Context) *exec.Cmd { return exec.CommandContext(ctx, "no-such-program") }
	if _, err := Measure(t.Context(), c, nil); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("the error is %v", err)
	}
}

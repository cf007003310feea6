package main

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// A program runs as main does, in this process.
type program struct {
	out, errs *output
	status    chan int
	stop      context.CancelFunc
}

// output may be read while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// startProgram starts it and ends it with the test, which it does cleanly.
func startProgram(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &program{&output{}, &output{}, make(chan int, 1), cancel}
	go func() { p.status <- run(ctx, args, p.out, p.errs) }()
	t.Cleanup(func() {
		cancel()
		select {
		case status := <-p.status:
			if status != fine {
				t.Errorf("it ended with %d: %s", status, p.errs)
			}
		case <-time.After(30 * time.Second):
			t.Error("Ctrl-C does not end it")
		}
		if t.Failed() {
			t.Logf("it said:\n%s%s", p.out, p.errs)
		}
	})
	return p
}

var where = regexp.MustCompile(`page http://(\S+), WebSocket (ws://\S+),`)

// address waits until it serves.
func (p *program) address(t *testing.T) (host, ws string) {
	t.Helper()
	for range 3000 {
		if m := where.FindStringSubmatch(p.out.String()); m != nil {
			return m[1], m[2]
		}
		select {
		case status := <-p.status:
			p.status <- status
			t.Fatalf("it ended with %d: %s", status, p.errs)
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatal("it does not serve")
	return "", ""
}

// Whoever gets something wrong reads one line that says what and how to mend
// it.
func TestMisuse(t *testing.T) {
	for args, want := range map[string]string{
		"nosuch":                        `no command is called "nosuch"`,
		"-nosuch":                       "there is no flag -nosuch",
		"-unsure dispatch":              "write NAME=VALUE",
		"-unsure nosuch=1":              `there is no switch "nosuch"`,
		"-unsure dispatch=fast":         "dispatch is one of parallel, serial",
		"-scale 0":                      "choose a number",
		"-iam key":                      "write id:secret",
		"-exec":                         "name a DynamoDB with -dynamodb URL",
		"-dynamodb 127.0.0.1:8000":      "write a URL such as http://127.0.0.1:8000",
		"-template nosuch.yaml":         "nosuch.yaml",
		"-template x.yaml -exec":        "are the chat's",
		"-parameter x":                  "write name=value",
		"-parameter Nosuch=1":           "Nosuch",
		"-addr 8005":                    "is no address: write host:port",
		"token -for -1h":                "TOKEN_SECRET is not set",
		"-template deploy/osls -v":      "deploy/osls",
		"-template deploy/deploy.go":    "deploy/deploy.go:",
		"-addr 127.0.0.1:0 superfluous": `"superfluous" is not a flag`,
	} {
		var errs bytes.Buffer
		status := run(t.Context(), strings.Fields(args), io.Discard, &errs)
		line := errs.String()
		if status != misuse || !strings.Contains(line, want) || strings.Count(line, "\n") != 1 {
			t.Errorf("%s: %d %s", args, status, line)
		}
	}
}

// -h is a lesson, and the switches are listed with what is known.
func TestHelp(t *testing.T) {
	for args, want := range map[string]string{
		"-h":           "An API Gateway for WebSocket APIs on your own machine",
		"token -h":     "Makes a token for a client",
		"cost -h":      "cost",
		"-list-unsure": "-unsure dispatch=parallel|serial",
	} {
		var out bytes.Buffer
		if status := run(t.Context(), strings.Fields(args), &out, io.Discard); status != fine || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %d\n%s", args, status, out.String())
		}
	}
}

// A token goes through the whole: the command, the authorizer, the chat.
func TestToken(t *testing.T) {
	t.Setenv("TOKEN_SECRET", "a secret of the test")
	var out bytes.Buffer
	if status := run(t.Context(), []string{"token", "-name", "Ana"}, &out, io.Discard); status != fine {
		t.Fatal(status)
	}
	_, ws := startProgram(t, "-addr", "127.0.0.1:0", "-secret", "a secret of the test").address(t)
	ana := dial(t, ws+"?token="+strings.TrimSpace(out.String()))
	ana.send(`{"action":"join","room":"sala","name":"Bia"}`)
	ana.want(`"type":"joined"`, `"name":"Ana"`) // the name in the token counts
	if status := refused(t, ws+"?token=nonsense"); status != 401 {
		t.Errorf("a wrong token: %d", status)
	}
	if status := refused(t, ws); status != 401 {
		t.Errorf("no token: %d", status)
	}
}

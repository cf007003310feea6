package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"websocket.example/02-handshake/handshake"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// invoke runs the program in this process, as main does.
func invoke(ctx context.Context, args ...string) (status int, out, errs string) {
	var stdout, stderr bytes.Buffer
	status = run(ctx, args, terminal{&stdout, &stderr, false})
	return status, stdout.String(), stderr.String()
}

// Wrong use is one line that names the flag and the way out, before anything
// is done.
func TestWrongUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, row := range []struct{ args, want string }{
		{"-addr " + taken.Addr().String(), "is taken by another program: choose another port"},
		{"-addr nonsense", "write it like 127.0.0.1:8002"},
		{"-lang fr", "-lang: choose en or pt-BR"},
		{"-hold 0s", "-hold: a connection can't be open for 0s"},
		{"-hold soon", "-hold"},
		{"-what", "there is no flag -what"},
		{"-addr", "-addr needs a value"},
		{"-json ws://x", `"ws://x" is not a flag`},
		{"grade", `no command is called "grade": there are inspect and check`},
		{"inspect", "which server? Write its URL"},
		{"inspect http://x", "must start with ws:// or wss://"},
		{"inspect ws://a ws://b", "one URL at a time"},
		{"inspect -H nocolon ws://a", "-H: write it as 'Name: value'"},
		{"inspect -H a/b:c ws://a", "-H: the header name"},
		{"inspect -H Upgrade:x ws://a", "leave it out of Header"},
		{"inspect -subprotocol a,a ws://a", "offered twice"},
		{"inspect -subprotocol a;b ws://a", "-subprotocol: write names with commas"},
		{"inspect -extension ; ws://a", "-extension: "},
		{"inspect ws://a/#b", "has a fragment"},
		{"check", "which server?"},
		{"check -stage 6 ws://a", "-stage: give a number from 0 to 5"},
		{"check -stage x ws://a", "-stage: give a number"},
		{"check -hint 4 ws://a", "-hint: give a number from 0 to 3"},
		{"check -lang pt ws://a", "-lang: choose en or pt-BR"},
		{"check -H Connection:x ws://a", "leave it out of Header"},
	} {
		t.Run(row.args, func(t *testing.T) {
			status, out, errs := invoke(t.Context(), strings.Fields(row.args)...)
			if status != misuse || out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, row.want) {
				t.Errorf("status %d, output %q, errors %q, want %q", status, out, errs, row.want)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	for args, want := range map[string]string{
		"-h":         "go run ./02-handshake inspect",
		"inspect -h": "Exits with 1 when the answer breaks a rule",
		"check -h":   "core (no client connects without it)",
	} {
		status, out, errs := invoke(t.Context(), strings.Fields(args)...)
		if status != fine || errs != "" || !strings.Contains(out, want) || !strings.Contains(out, "-lang language") {
			t.Errorf("%s: status %d, errors %q, output:\n%s", args, status, errs, out)
		}
	}
}

// A running server, whose output can be read while it grows.
func startServer(t *testing.T, args ...string) (address string, output func() string) {
	reader, writer := io.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan int)
	go func() {
		done <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), terminal{writer, io.Discard, false})
		writer.Close()
	}()
	var mu sync.Mutex
	var all bytes.Buffer
	first := make(chan string)
	go func() {
		chunk := make([]byte, 4096)
		for told := false; ; {
			n, err := reader.Read(chunk)
			mu.Lock()
			all.Write(chunk[:n])
			mu.Unlock()
			if !told && err == nil {
				told = true
				first <- string(chunk[:n])
			}
			if err != nil {
				close(first)
				return
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		if status := <-done; status != fine {
			t.Errorf("the server ended with %d", status)
		}
	})
	line, _, _ := strings.Cut(<-first, "\n")
	return strings.TrimPrefix(line, "Open http://"), func() string {
		mu.Lock()
		defer mu.Unlock()
		return all.String()
	}
}

// The three commands together: one narrates, one explains, one grades.
func TestCommands(t *testing.T) {
	address, narration := startServer(t)
	url := "ws://" + address + "/chat"

	status, out, errs := invoke(t.Context(), "inspect", url, "-subprotocol", "x,chat", "-H", "Cookie: a=b", "-origin", "http://"+address)
	if status != fine || !strings.Contains(out, "A correct handshake") || !strings.Contains(out, "Sec-WebSocket-Protocol: chat\n") || !strings.Contains(out, "Cookie: a=b") {
		t.Errorf("inspect: %d, %s\n%s", status, errs, out)
	}
	// The client may have its answer before the server has told of it.
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		text := narration()
		if strings.Contains(text, "#1 127.0.0.1:") && strings.Contains(text, "Accepted with 101.") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the narration is:\n%s", text)
		}
	}

	status, out, _ = invoke(t.Context(), "inspect", "-lang", "pt-BR", "-json", url+"?try=proof")
	var telling struct {
		Accepted bool
		Broken   string
		Proof    struct{ Accept, Came string }
	}
	if err := json.Unmarshal([]byte(out), &telling); err != nil || status != failed || telling.Broken != "response-accept" || telling.Proof.Came == "" {
		t.Errorf("inspect a liar: %d, %v, %+v", status, err, telling)
	}

	status, out, _ = invoke(t.Context(), "inspect", url+"?try=403", "-origin", "http://foreign.example")
	if status != failed || !strings.Contains(out, "The server refused with 403 Forbidden") {
		t.Errorf("inspect a refusal: %d\n%s", status, out)
	}

	status, out, errs = invoke(t.Context(), "check", "-strict", url)
	if status != fine || !strings.Contains(out, "Passed: ") || errs != "" {
		t.Errorf("check: %d, %s\n%s", status, errs, out)
	}
	status, out, _ = invoke(t.Context(), "check", "-lang", "pt-BR", "-hint", "1", url+"?try=proof")
	if status != failed || !strings.Contains(out, "FALHOU") || !strings.Contains(out, "dica") {
		t.Errorf("check a liar: %d\n%s", status, out)
	}
	status, out, _ = invoke(t.Context(), "check", "-json", "-stage", "4", url)
	var report struct {
		Passed bool
		Cases  []struct{ Stage int }
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || status != fine || !report.Passed || len(report.Cases) == 0 || report.Cases[0].Stage != 4 {
		t.Errorf("check -json: %d, %v\n%s", status, err, out)
	}
}

func TestNobodyThere(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "ws://" + listener.Addr().String()
	listener.Close()
	for _, name := range []string{"inspect", "check"} {
		status, out, errs := invoke(t.Context(), name, url)
		if status != failed || out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "refused") {
			t.Errorf("%s: %d, %q, %q", name, status, out, errs)
		}
	}
}

func TestServeJSON(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	reader, writer := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan int)
	go func() {
		done <- run(ctx, []string{"-json", "-addr", address}, terminal{writer, io.Discard, false})
	}()
	go func() {
		for ctx.Err() == nil { // until it listens
			if conn, _, err := handshake.Dial(ctx, "ws://"+address+"/chat", nil); err == nil {
				conn.Close()
				return
			}
		}
	}()
	var telling struct {
		Accepted bool
		Request  []struct{ Text, Means string }
	}
	if err := json.NewDecoder(reader).Decode(&telling); err != nil || !telling.Accepted || telling.Request[0].Text != "GET /chat HTTP/1.1" {
		t.Errorf("%v, %+v", err, telling)
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	cancel()
	if status := <-done; status != fine {
		t.Errorf("status %d", status)
	}
	writer.Close()
}

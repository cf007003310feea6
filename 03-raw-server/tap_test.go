package main

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

func TestTapWrongUse(t *testing.T) {
	folder := t.TempDir()
	bad := filepath.Join(folder, "bad.txt")
	if err := os.WriteFile(bad, []byte("> texte \"x\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, row := range []struct{ args, want string }{
		{"tap", "which server? Write its URL"},
		{"tap ws://a ws://b", "one URL at a time"},
		{"tap 127.0.0.1:8003", "it must start with ws:// or wss://"},
		{"tap -as yaml ws://a", `-as "yaml": choose text or json or compact or hex`},
		{"tap -max 0 ws://a", "give a number of bytes"},
		{"tap -listen 127.0.0.1:0 -web=nowhere ws://a", "write it like 127.0.0.1:8003"},
		{"tap -listen " + taken.Addr().String() + " ws://a", "is taken by another program"},
		{"tap -listen 127.0.0.1:0 -web=" + taken.Addr().String() + " ws://a", "-web: "},
		{"tap -listen 127.0.0.1:0 -record " + folder + " ws://a", "-record: "},
		{"tap ws://a -what", "there is no flag -what"},
		{"replay", "which file?"},
		{"replay a b c", `"c" is one too many`},
		{"replay -listen 127.0.0.1:0 a ws://b", `"ws://b" is one too many`},
		{"replay " + filepath.Join(folder, "nothing.txt"), "no such file"},
		{"replay " + bad, `bad.txt: line 1: "texte" is no opcode`},
		{"replay " + bad + " -wait soon", `-wait "soon"`},
	} {
		t.Run(row.args, func(t *testing.T) {
			status, out, errs := invoke(t.Context(), strings.Fields(row.args)...)
			if status != misuse || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, row.want) || strings.Contains(out, "Ctrl-C") {
				t.Errorf("status %d, output %q, errors %q, want %q", status, out, errs, row.want)
			}
		})
	}
	for _, name := range []string{"tap", "replay"} {
		if status, out, errs := invoke(t.Context(), name, "-h"); status != fine || errs != "" || !strings.Contains(out, "go run ./03-raw-server "+name) {
			t.Errorf("%s -h: status %d, %q, %q", name, status, out, errs)
		}
	}
}

// startTap runs a tap until it is interrupted.
func startTap(t *testing.T, args ...string) (out, errs *screen, url string, interrupt func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, errs = &screen{}, &screen{}
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, append([]string{"tap", "-listen", "127.0.0.1:0"}, args...), strings.NewReader(""), out, errs)
	}()
	address := regexp.MustCompile(`A tap at (ws://127\.0\.0\.1:\d+\S*)`)
	eventually(t, "the address is printed", func() bool { return address.MatchString(out.String() + errs.String()) })
	return out, errs, address.FindStringSubmatch(out.String() + errs.String())[1], func() int {
		cancel()
		return <-status
	}
}

func sayHello(t *testing.T, url string) {
	t.Helper()
	c, err := wsconn.Dial(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Write(t.Context(), frame.Text, []byte(`{"say":"Olá"}`)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	_ = c.Close(frame.NormalClosure, "tchau")
	_, _, _ = c.Read(t.Context())
}

// A conversation is shown, recorded, shown again, and played.
func TestTapAndReplay(t *testing.T) {
	_, server, stopServer := start(t)
	file := filepath.Join(t.TempDir(), "talk.txt")
	out, errs, url, interrupt := startTap(t, "-record", file, "-lang", "pt-BR", server+"/chat")
	if !strings.HasSuffix(url, "/chat") {
		t.Errorf("clients are told %s", url)
	}
	sayHello(t, url)
	eventually(t, "the end is printed", func() bool { return strings.Contains(out.String(), "closed") })
	if status := interrupt(); status != fine || errs.String() != "" {
		t.Errorf("status %d, %s", status, errs)
	}
	for _, want := range []string{
		"-> request      GET /chat HTTP/1.1", "handshake    WebSocket, no extension", "Um handshake correto",
		"`{\"say\":\"Olá\"}`", `close        FIN       -                     2 B  1000`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, out)
		}
	}

	_, later, _ := invoke(t.Context(), "replay", "-lang", "pt-BR", file)
	frames := regexp.MustCompile(`(?m)^.*(?:->|<-) (?:text|close).*$`)
	if was, is := frames.FindAllString(out.String(), -1), frames.FindAllString(later, -1); len(was) != 4 || strings.Join(was, "\n") != strings.Join(is, "\n") {
		t.Errorf("it was\n%s\nand later it is\n%s", out, later)
	}
	if status, said, errs := invoke(t.Context(), "replay", file, server); status != fine || said != "as recorded, connections: 1\n" || errs != "" {
		t.Errorf("status %d, %q, %q", status, said, errs)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(text), "< text `{\"say\":\"Olá\"}`", "< text `{\"say\":\"Hello\"}`", 1)
	if err := os.WriteFile(file, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	status, said, complaint := invoke(t.Context(), "replay", "-v", "-handshake", "none", file, server)
	if status != failed || !strings.Contains(said, "  wanted  < text `{\"say\":\"Hello\"}`\n  came    < text `{\"say\":\"Olá\"}`\n") ||
		!strings.Contains(said, "<- text") || complaint != "03-raw-server: 1 of 1 connections differ from the recording\n" {
		t.Errorf("status %d, %s, %q", status, said, complaint)
	}
	stopServer()
}

// For programs there is nothing but objects on the standard output; the page
// is served beside it.
func TestTapJSON(t *testing.T) {
	_, server, stopServer := start(t)
	out, errs, url, interrupt := startTap(t, "-json", "-web=127.0.0.1:0", server)
	sayHello(t, url)
	eventually(t, "the end is told", func() bool { return strings.Contains(out.String(), `"kind":"closed"`) })
	if !regexp.MustCompile(`The same on a page: http://127\.0\.0\.1:\d+\n`).MatchString(errs.String()) {
		t.Errorf("no page: %s", errs)
	}
	if status := interrupt(); status != fine {
		t.Errorf("status %d", status)
	}
	frames := 0
	for line := range strings.Lines(out.String()) {
		var o struct{ Kind, Opcode string }
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		if o.Kind == "frame" {
			frames++
		}
	}
	if frames != 4 {
		t.Errorf("%d frames:\n%s", frames, out)
	}
	stopServer()
}

// A server that is played to a client.
func TestReplayServer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hello.txt")
	if err := os.WriteFile(file, []byte("> text `{\"say\":\"Olá\"}`\n< text \"anything\"\n> close 1000\n< close 1000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs screen
	status := make(chan int, 1)
	go func() {
		status <- run(t.Context(), []string{"replay", "-listen", "127.0.0.1:0", file}, strings.NewReader(""), &out, &errs)
	}()
	address := regexp.MustCompile(`ws://127\.0\.0\.1:\d+`)
	eventually(t, "the address is printed", func() bool { return address.MatchString(errs.String()) })
	sayHello(t, address.FindString(errs.String()))
	if code := <-status; code != fine || out.String() != "as recorded, connections: 1\n" {
		t.Errorf("status %d, %s%s", code, out.String(), errs.String())
	}
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"websocket.example/04-chat-hub/chat"
)

// programKey makes this test binary the program itself, to be killed.
const programKey = "CHAT_HUB_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programKey) != "" {
		main()
	}
	os.Exit(m.Run())
}

// A program is the real one, in a process of its own.
type program struct {
	*exec.Cmd
	address string
	errs    bytes.Buffer
}

func start(t *testing.T, args ...string) *program {
	t.Helper()
	p := &program{Cmd: exec.Command(os.Args[0], args...)}
	p.Env = append(os.Environ(), programKey+"=1")
	p.Stderr = &p.errs
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.Process.Kill() // it may have ended
		_ = p.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	m := regexp.MustCompile(`^Chat at (https?://[\d.:]+), open it in two tabs\. `).FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("%q, %v, %s", line, err, &p.errs)
	}
	p.address = m[1]
	return p
}

// A visitor is somebody who chats.
type visitor struct {
	*testing.T
	*websocket.Conn
}

func (p *program) visit(t *testing.T, d websocket.Dialer) visitor {
	t.Helper()
	ws, _, err := d.Dial("ws"+strings.TrimPrefix(p.address, "http")+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	return visitor{t, ws}
}

func (v visitor) say(format string, args ...any) {
	v.Helper()
	if err := v.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, format, args...)); err != nil {
		v.Fatal(err)
	}
}

// hear is the next event of a type.
func (v visitor) hear(kind chat.Type) (e chat.Event) {
	v.Helper()
	for {
		_ = v.SetReadDeadline(time.Now().Add(20 * time.Second)) // then ReadJSON fails
		e = chat.Event{}
		if err := v.ReadJSON(&e); err != nil {
			v.Fatal(err)
		}
		switch e.Type {
		case kind:
			return e
		case chat.TypeError:
			v.Fatal(e.Code, e.Message)
		}
	}
}

// A process that is killed in the middle of a conversation has lost nothing
// that it acknowledged.
func TestKilled(t *testing.T) {
	data := t.TempDir()
	p := start(t, "-addr", "127.0.0.1:0", "-data", data)
	ana := p.visit(t, websocket.Dialer{})
	ana.say(`{"action":"join","room":"go","name":"Ana"}`)
	begin := ana.hear(chat.TypeJoined).Cursor
	acked := make(chan string, 1000)
	go func() {
		for i := 0; ; i++ {
			if ana.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"action":"send","room":"go","id":"%d","text":"hi"}`, i)) != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	go func() {
		defer close(acked)
		for {
			var e chat.Event
			if ana.ReadJSON(&e) != nil {
				return
			}
			if e.Type == chat.TypeAck {
				acked <- e.ID
			}
		}
	}()
	var ids []string
	for len(ids) < 50 {
		ids = append(ids, <-acked)
	}
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for id := range acked {
		ids = append(ids, id)
	}
	_ = p.Wait()

	p = start(t, "-addr", "127.0.0.1:0", "-data", data)
	again := p.visit(t, websocket.Dialer{})
	// A dead process leaves its names behind, for as long as its lease runs.
	for {
		again.say(`{"action":"join","room":"go","name":"Ana","since":"%v"}`, begin)
		var e chat.Event
		if err := again.ReadJSON(&e); err != nil {
			t.Fatal(err)
		}
		if e.Code == chat.NameTaken {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		if e.Recovered == nil || !*e.Recovered {
			t.Fatalf("%+v", e)
		}
		break
	}
	for i, id := range ids {
		if e := again.hear(chat.TypeMessage); e.ID != id {
			t.Fatalf("message %d is %s, want %s", i, e.ID, id)
		}
	}
	t.Logf("%d acknowledged messages are there", len(ids))
}

// Ctrl-C says goodbye, and a second process goes on where the first one was.
func TestRestart(t *testing.T) {
	data := t.TempDir()
	p := start(t, "-addr", "127.0.0.1:0", "-data", data)
	if out, err := exec.Command(os.Args[0], "-addr", "127.0.0.1:0", "-data", data).CombinedOutput(); err == nil {
		t.Errorf("two on one folder: %s", out)
	}
	ana := p.visit(t, websocket.Dialer{})
	ana.say(`{"action":"join","room":"go","name":"Ana"}`)
	begin := ana.hear(chat.TypeJoined).Cursor
	ana.say(`{"action":"send","room":"go","id":"1","text":"one"}`)
	ana.hear(chat.TypeAck)
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Skip("no signals here:", err)
	}
	for {
		if _, _, err := ana.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, websocket.CloseServiceRestart) {
				t.Error(err)
			}
			break
		}
	}
	if err := p.Wait(); err != nil || p.errs.Len() > 0 {
		t.Errorf("%v, %s", err, &p.errs)
	}
	p = start(t, "-addr", "127.0.0.1:0", "-data", data)
	again := p.visit(t, websocket.Dialer{})
	again.say(`{"action":"join","room":"go","name":"Ana","since":"%v"}`, begin)
	if e := again.hear(chat.TypeMessage); e.Text != "one" {
		t.Errorf("%+v", e)
	}
}

func TestTLS(t *testing.T) {
	cert, key, roots := certificate(t)
	p := start(t, "-addr", "127.0.0.1:0", "-memory", "-tls", cert, "-tls-key", key)
	ana := p.visit(t, websocket.Dialer{TLSClientConfig: &tls.Config{RootCAs: roots}})
	ana.say(`{"action":"join","room":"go","name":"Ana"}`)
	ana.hear(chat.TypeJoined)
	for i := range 100 {
		ana.say(`{"action":"send","room":"go","id":"%d","text":"%s"}`, i, strings.Repeat("x", 80*i+1))
	}
	for i := range 100 {
		if e := ana.hear(chat.TypeMessage); e.ID != fmt.Sprint(i) || len(e.Text) != 80*i+1 {
			t.Fatalf("%+v", e)
		}
	}
}

// certificate makes one for 127.0.0.1.
func certificate(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) string {
		name = filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(parsed)
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", secret), roots
}

// What is served beside the WebSocket.
func TestPaths(t *testing.T) {
	p := start(t, "-addr", "127.0.0.1:0", "-memory")
	p.visit(t, websocket.Dialer{})
	for _, row := range []struct {
		path   string
		status int
		has    string
	}{
		{"/", 200, "<!doctype html>"},
		{"/healthz", 200, "ok"},
		{"/readyz", 200, "ok"},
		{"/metrics", 200, "\nchat_connections 1\n"},
		{"/metrics", 200, "\nchat_upgrades_total{result=\"ok\"} 1\n"},
		{"/metrics", 200, "\ngo_goroutines "},
		{"/debug/pprof/", 404, ""},
		{"/nothing", 404, ""},
		{"/ws", 400, ""},
	} {
		resp, err := http.Get(p.address + row.path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != row.status || !strings.Contains(strings.ToLower(string(body)), strings.ToLower(row.has)) {
			t.Errorf("%s: %d %.200s", row.path, resp.StatusCode, body)
		}
	}
}

func TestMisuse(t *testing.T) {
	for _, row := range []struct {
		args, wants string
	}{
		{"shout", `no command is called "shout": there are bots, bench`},
		{"-x", "there is no flag -x: -h shows those there are"},
		{"-addr here", "write it like 127.0.0.1:8004"},
		{"-memory -nats nats://h", "choose which"},
		{"-replicas 2 -nats nats://h", "choose 1, 3 or 5"},
		{"-replicas 3", "name them with -nats"},
		{"-replicas 9", `-replicas "9": choose a whole number from 0 to 5`},
		{"-rate -1", "choose a number of messages a second"},
		{"-tls x", "-tls and -tls-key belong together"},
		{"-tls x -tls-key y -addr 127.0.0.1:0", "-tls: open x"},
		{"-origin evil", "an origin is a scheme and a host"},
		{"-keep 1ms", "a second is the least"},
		{"extra", "no command"},
	} {
		var out, errs bytes.Buffer
		status := run(context.Background(), strings.Fields(row.args), &out, &errs)
		if status != misuse || !strings.Contains(errs.String(), row.wants) || strings.Count(errs.String(), "\n") != 1 || out.Len() > 0 {
			t.Errorf("%s: status %d, %s%s", row.args, status, &out, &errs)
		}
	}
	var out, errs bytes.Buffer
	if status := run(context.Background(), []string{"-h"}, &out, &errs); status != fine || !strings.Contains(out.String(), "Flags:") || errs.Len() > 0 {
		t.Errorf("-h: status %d, %s", status, &errs)
	}
	for line := range strings.Lines(out.String()) {
		if len(line) > 105 {
			t.Errorf("-h has a line of %d columns: %s", len(line), line)
		}
	}
}

// Ctrl-C while a cluster is not there yet.
func TestInterruptedBeforeItServes(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, cancel)
	var out, errs bytes.Buffer
	status := run(ctx, []string{"-addr", "127.0.0.1:0", "-nats", "nats://127.0.0.1:1"}, &out, &errs)
	if status != fine || out.Len() > 0 {
		t.Errorf("status %d, %s%s", status, &out, &errs)
	}
}

func TestLogsInJSON(t *testing.T) {
	var s settings
	var b bytes.Buffer
	s.asJSON = true
	s.logger(&b).Info("hello", "room", "go")
	var m map[string]any
	if err := json.Unmarshal(b.Bytes(), &m); err != nil || m["msg"] != "hello" {
		t.Errorf("%s: %v", &b, err)
	}
}

package web

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"websocket.example/03-raw-server/frame"
	"websocket.example/03-raw-server/wsconn"
)

// Firefox is driven by WebDriver BiDi, which is JSON over WebSocket, spoken
// here by the client of this very step: so it is tested against Firefox in
// both roles at once.
type firefox struct {
	t       *testing.T
	conn    *wsconn.Conn
	id      int
	context string // the tab

	complaints, strangers []string
}

// silence keeps Firefox from speaking to anyone but this machine. What goes
// elsewhere is sent to a proxy that there is not.
const silence = `
user_pref("network.proxy.type", 1);
user_pref("network.proxy.http", "127.0.0.1");
user_pref("network.proxy.http_port", 9);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", 9);
user_pref("network.proxy.allow_hijacking_localhost", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("app.update.enabled", false);
user_pref("app.normandy.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.update.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("toolkit.telemetry.enabled", false);
`

func startFirefox(t *testing.T) *firefox {
	t.Helper()
	program := find(t, "Firefox", "firefox-esr", "firefox-esr", "firefox",
		"/Applications/Firefox.app/Contents/MacOS/firefox", `C:\Program Files\Mozilla Firefox\firefox.exe`)
	profile := t.TempDir()
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(silence), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, kill := context.WithCancel(context.Background()) // not t.Context, which ends before the cleanup that asks Firefox to quit
	cmd := exec.CommandContext(ctx, program, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank")
	cmd.Env = append(os.Environ(), "HOME="+profile, "MOZ_CRASHREPORTER_DISABLE=1")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	address := make(chan string, 1)
	read := make(chan struct{})
	go func() {
		defer close(read)
		listening := regexp.MustCompile(`WebDriver BiDi listening on (ws://\S+)`)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			if found := listening.FindStringSubmatch(lines.Text()); found != nil {
				address <- found[1]
			}
		}
	}()
	b := &firefox{t: t}
	t.Cleanup(func() {
		if b.conn != nil {
			_, _ = b.call("browser.close", map[string]any{}) // or it is killed
			b.conn.NetConn().Close()
		}
		time.AfterFunc(10*time.Second, kill)
		<-read
		_ = cmd.Wait() // it has been told to go
		kill()
	})

	var url string
	select {
	case url = <-address:
	case <-read:
		t.Fatal("Firefox ends without saying where it listens")
	case <-time.After(time.Minute):
		kill()
		t.Fatal("Firefox does not say where it listens")
	}
	if b.conn, err = wsconn.Dial(t.Context(), url+"/session", nil); err != nil {
		t.Fatal(err)
	}
	b.must("session.new", map[string]any{"capabilities": map[string]any{}}, nil)
	b.must("session.subscribe", map[string]any{"events": []string{"log.entryAdded", "network.beforeRequestSent"}}, nil)
	var tree struct{ Contexts []struct{ Context string } }
	b.must("browsingContext.getTree", map[string]any{}, &tree)
	b.context = tree.Contexts[0].Context
	return b
}

// call sends a command and reads until its answer; events come in between.
func (b *firefox) call(method string, params any) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second) // a cleanup calls it too
	defer cancel()
	b.id++
	request, err := json.Marshal(map[string]any{"id": b.id, "method": method, "params": params})
	if err != nil {
		return nil, err
	}
	if err := b.conn.Write(ctx, frame.Text, request); err != nil {
		return nil, err
	}
	for {
		_, text, err := b.conn.Read(ctx)
		if err != nil {
			return nil, err
		}
		var m struct {
			Type, Method   string
			ID             int
			Result, Params json.RawMessage
			Error, Message string
		}
		if err := json.Unmarshal(text, &m); err != nil {
			return nil, err
		}
		switch {
		case m.Type == "event":
			b.event(m.Method, m.Params)
		case m.ID == b.id && m.Type == "error":
			return nil, fmt.Errorf("%s: %s: %s", method, m.Error, m.Message)
		case m.ID == b.id:
			return m.Result, nil
		}
	}
}

func (b *firefox) event(method string, params json.RawMessage) {
	var e struct {
		Level, Text string
		Request     struct{ URL string }
	}
	if err := json.Unmarshal(params, &e); err != nil {
		b.t.Error(err)
	}
	switch {
	case method == "log.entryAdded" && (e.Level == "error" || e.Level == "warn"):
		b.complaints = append(b.complaints, e.Text)
	case method == "network.beforeRequestSent":
		if url := e.Request.URL; !regexp.MustCompile(`^(http|ws)://127\.0\.0\.1:|^(about|data|resource|chrome):`).MatchString(url) {
			b.strangers = append(b.strangers, url)
		}
	}
}

func (b *firefox) must(method string, params, into any) {
	b.t.Helper()
	result, err := b.call(method, params)
	if err == nil && into != nil {
		err = json.Unmarshal(result, into)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// eval returns an expression's value, which has to be a string.
func (b *firefox) eval(expression string) string {
	b.t.Helper()
	var answer struct {
		Type             string
		Result           struct{ Value any }
		ExceptionDetails struct{ Text string }
	}
	b.must("script.evaluate", map[string]any{
		"expression": "String(" + expression + ")", "target": map[string]any{"context": b.context}, "awaitPromise": true,
	}, &answer)
	if answer.Type != "success" {
		return "exception: " + answer.ExceptionDetails.Text
	}
	return fmt.Sprint(answer.Result.Value)
}

func (b *firefox) until(what, expression string) {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); b.eval("!!("+expression+")") != "true"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("never: %s\n%s", what, b.eval(`document.body.innerText`))
		}
	}
}

func (b *firefox) navigate(url string) {
	b.t.Helper()
	b.must("browsingContext.navigate", map[string]any{"context": b.context, "url": url, "wait": "complete"}, nil)
}

// keys are pressed where the focus is.
func (b *firefox) keys(text string) {
	b.t.Helper()
	var actions []map[string]any
	for _, key := range text {
		actions = append(actions, map[string]any{"type": "keyDown", "value": string(key)}, map[string]any{"type": "keyUp", "value": string(key)})
	}
	b.must("input.performActions", map[string]any{
		"context": b.context,
		"actions": []any{map[string]any{"type": "key", "id": "keyboard", "actions": actions}},
	}, nil)
}

const enter = "\ue007" // as WebDriver writes it

// The page in Firefox, in both languages.
func TestInFirefox(t *testing.T) {
	base, _ := attach(t, Options{}, nil)
	b := startFirefox(t)

	b.navigate(base + "/?lang=en")
	b.until("the page is connected", connected)
	b.eval(`document.querySelector('#message').select()`)
	b.keys("Hello" + enter)
	b.until("the answer is drawn", shown("server", "text"))
	checkHello(t, b.eval)
	b.eval(`document.querySelector('#send-65536').click()`)
	b.until("64 bits of length", bits("client", "ext")+` === '`+fmt.Sprintf("%064b", 65536)+`'`)
	b.eval(`document.querySelector('#ping').click()`)
	b.until("the pong is drawn", shown("client", "pong"))
	b.eval(`document.querySelector('#fragments').click()`)
	b.until("the last fragment is there", frames+`.endsWith('↓ text … 1, ↓ ping 10, ↓ continuation … 2, ↓ continuation 2, ↑ pong 10')`)
	b.eval(`document.querySelector('#compress').click()`)
	b.until("the page is connected anew", text("#status")+`.includes('permessage-deflate')`)
	b.eval(`document.querySelector('#send-65536').click()`)
	b.until("a compressed message is drawn", bits("client", "rsv1")+` === '1' && `+bits("server", "rsv1")+` === '1'`)
	if got := b.eval(text(`[data-from="client"] .reading`)); !strings.Contains(got, "bytes that stand for 65,536 bytes: 01234567890") {
		t.Errorf("the browser's message is %q", got)
	}

	b.navigate(base + "/?lang=pt-BR")
	b.until("the page is connected", connected)
	b.eval(`document.querySelector('#message').select()`)
	b.keys("Olá €" + enter)
	b.until("the answer is drawn", shown("server", "text"))
	for expression, want := range map[string]string{
		text("h1"):                  "Uma mensagem, bit a bit",
		text("#status"):             "O servidor respondeu com 8 bytes.",
		column("client", "payload"): "4f 6c c3 a1 20 e2 82 ac",
		column("client", "letter"):  "O l á └ ␣ € └ └",
	} {
		if got := b.eval(expression); got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
	if len(b.complaints) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(b.complaints, "\n"))
	}
	if len(b.strangers) > 0 {
		t.Errorf("the page asked outside this machine: %v", b.strangers)
	}
}

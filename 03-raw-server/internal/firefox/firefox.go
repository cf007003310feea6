// Package firefox drives a real Firefox for tests, and watches over what goes
// wrong in it.
package firefox

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
type Firefox struct {
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

// path finds the browser. Without one the test skips, unless this is CI,
// where everything has to be there.
func path(t *testing.T) string {
	t.Helper()
	for _, name := range []string{
		"firefox-esr", "firefox",
		"/Applications/Firefox.app/Contents/MacOS/firefox",
		`C:\Program Files\Mozilla Firefox\firefox.exe`,
	} {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	const missing = "no Firefox found: install it (Debian: apt-get install firefox-esr)"
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// Start starts a browser that speaks to nobody but this machine, and stops
// it when the test ends. It has one tab.
func Start(t *testing.T) *Firefox {
	t.Helper()
	profile := t.TempDir()
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(silence), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, kill := context.WithCancel(context.Background()) // not t.Context, which ends before the cleanup that asks Firefox to quit
	cmd := exec.CommandContext(ctx, path(t), "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank")
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
	b := &Firefox{t: t}
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
func (b *Firefox) call(method string, params any) (json.RawMessage, error) {
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

func (b *Firefox) event(method string, params json.RawMessage) {
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

func (b *Firefox) must(method string, params, into any) {
	b.t.Helper()
	result, err := b.call(method, params)
	if err == nil && into != nil {
		err = json.Unmarshal(result, into)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// Eval returns an expression's value as a string.
func (b *Firefox) Eval(expression string) string {
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

// Until waits for an expression to be true.
func (b *Firefox) Until(what, expression string) {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); b.Eval("!!("+expression+")") != "true"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("never: %s\n%s", what, b.Eval(`document.body.innerText`))
		}
	}
}

// Open opens a page, and waits for all of it.
func (b *Firefox) Open(url string) {
	b.t.Helper()
	b.must("browsingContext.navigate", map[string]any{"context": b.context, "url": url, "wait": "complete"}, nil)
}

// Keys presses keys where the focus is.
func (b *Firefox) Keys(text string) {
	b.t.Helper()
	var actions []map[string]any
	for _, key := range text {
		actions = append(actions, map[string]any{"type": "keyDown", "value": string(key)}, map[string]any{"type": "keyUp", "value": string(key)})
	}
	b.act(map[string]any{"type": "key", "id": "keyboard", "actions": actions})
}

// Click clicks where an element is.
func (b *Firefox) Click(selector string) {
	b.t.Helper()
	var x, y int
	place := `(() => {
		const e = document.querySelector('` + selector + `');
		e.scrollIntoView({ block: 'center', behavior: 'instant' });
		const r = e.getBoundingClientRect();
		return Math.round(r.x + r.width / 2) + ' ' + Math.round(r.y + r.height / 2);
	})()`
	if _, err := fmt.Sscan(b.Eval(place), &x, &y); err != nil {
		b.t.Fatalf("%s is nowhere: %v", selector, err)
	}
	b.act(map[string]any{"type": "pointer", "id": "mouse", "actions": []map[string]any{
		{"type": "pointerMove", "x": x, "y": y},
		{"type": "pointerDown", "button": 0},
		{"type": "pointerUp", "button": 0},
	}})
}

// act does what a hand does with a device.
func (b *Firefox) act(device map[string]any) {
	b.t.Helper()
	b.must("input.performActions", map[string]any{"context": b.context, "actions": []any{device}}, nil)
}

// Enter is a key as WebDriver writes it.
const Enter = "\ue007"

// Complaint waits for the console to say something, which Quiet then does
// not mind.
func (b *Firefox) Complaint(text string) {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		b.Eval("0") // what has been said comes before the answer
		for i, said := range b.complaints {
			if strings.Contains(said, text) {
				b.complaints = append(b.complaints[:i], b.complaints[i+1:]...)
				return
			}
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("the console never says %q, but %q", text, b.complaints)
		}
	}
}

// Quiet checks that the console has no other errors and warnings, and that
// the pages have asked nobody outside this machine.
func (b *Firefox) Quiet() {
	b.t.Helper()
	if len(b.complaints) > 0 {
		b.t.Errorf("the console says:\n%s", strings.Join(b.complaints, "\n"))
	}
	if len(b.strangers) > 0 {
		b.t.Errorf("the page asked outside this machine: %v", b.strangers)
	}
}

package page

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// chromium finds a browser. Without one the test skips, unless this is CI,
// where everything has to be there.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{
		"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
		"/Applications/Chromium.app/Contents/MacOS/Chromium",
		`C:\Program Files\Google\Chrome\Application\chrome.exe`,
	} {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	const missing = "no Chromium or Chrome found: install it (Debian: apt-get install chromium)"
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// A window is a tab, and what went wrong in it.
type window struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string
	refused    []string // connections that failed
}

// startChromium starts a browser that speaks to nobody but this machine.
func startChromium(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)),
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.WindowSize(1280, 800),
	)
	if os.Geteuid() == 0 || os.Getenv("CI") == "true" {
		options = append(options, chromedp.NoSandbox) // which does not start for root, nor in most containers
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// open opens a tab. When the test ends nothing may have gone wrong in it.
func open(t *testing.T, browser context.Context, address string) *window {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	w := &window{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, w.listen); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(w.complaints) > 0 {
			t.Errorf("the console says:\n%s", strings.Join(w.complaints, "\n"))
		}
	})
	return w
}

// listen notes what the browser tells; it may not do anything else.
func (w *window) listen(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	complain := func(format string, args ...any) { w.complaints = append(w.complaints, fmt.Sprintf(format, args...)) }
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err != nil || u.Hostname() != "127.0.0.1" && u.Scheme != "data" {
			complain("a request outside this machine: %s", e.Request.URL)
		}
	case *runtime.EventExceptionThrown:
		complain("%s", e.ExceptionDetails.Text)
		if e.ExceptionDetails.Exception != nil {
			complain("%s", e.ExceptionDetails.Exception.Description)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			complain("%s: %s", e.Type, e.Args[0].Value)
		}
	case *log.EventEntryAdded:
		text := fmt.Sprintf("%s %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
		switch {
		case e.Entry.Level != log.EntryLevelError && e.Entry.Level != log.EntryLevelWarning:
		case e.Entry.Source == log.EntrySourceNetwork || strings.Contains(text, "WebSocket connection"):
			w.refused = append(w.refused, text)
		default:
			complain("%s", text)
		}
	}
}

func (w *window) do(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, actions...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *window) click(selector string) {
	w.t.Helper()
	w.do(chromedp.Click(chromedp.CSS(selector)))
}

func eval[T any](w *window, expression string) T {
	w.t.Helper()
	value, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		w.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// until waits for an expression to be true, and shows the page if it never is.
func (w *window) until(what, expression string) {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		is, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if is {
			return
		}
		if w.ctx.Err() != nil {
			w.t.Fatal(err) // any other error is that of a document that has not come yet
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("never: %s\n%s", what, eval[string](w, `document.body.innerText`))
		}
	}
}

// rows are those that can be seen.
const rows = `[...document.querySelectorAll('#list .row')].sort((a, b) => a.dataset.index - b.dataset.index)`

// column is an expression for a column of them.
func column(name string) string {
	return fmt.Sprintf(`%s.map(r => r.querySelector('.%s').textContent).join(' | ')`, rows, name)
}

func status(text string) string {
	return fmt.Sprintf(`document.querySelector('#status').textContent.startsWith('%s')`, text)
}

func TestInChromium(t *testing.T) {
	browser := startChromium(t)
	for name, test := range map[string]func(*testing.T, context.Context){
		"what is seen is shown":     testShown,
		"in Portuguese, on a phone": testPhone,
		"filters and pause":         testFilters,
		"a hundred thousand":        testMany,
		"the tap goes and comes":    testComesBack,
	} {
		t.Run(name, func(t *testing.T) { test(t, browser) })
	}
}

func testShown(t *testing.T, browser context.Context) {
	p, address := serve(t)
	w := open(t, browser, "http://"+address+"/?lang=en")
	w.until("it says that nothing is there", `document.querySelector('#empty').textContent.startsWith('Nothing yet') && document.querySelector('#target').textContent.includes('server.example')`)
	talk(p, 1, conversation...)
	w.until("all is shown", status("17 of 17"))
	w.until("it is drawn", `document.querySelectorAll('#list .row').length === 17`)
	for expression, want := range map[string]string{
		`document.documentElement.lang`: "en",
		column("kind"):                  " opened | → request | ← response | ← handshake | → text | ← text | ← text | → binary | ← ping | → pong | ← text | → text | ← close | → close | → end | ← end |  closed",
		column("payload"): "127.0.0.1:4711 | GET /chat HTTP/1.1 | HTTP/1.1 101 Switching Protocols | WebSocket, permessage-deflate | " +
			`Hello | inflated to 5 bytes: Hello | 42["chat",{"a":1}] | 00 01 fe ff  | hi | hi | <img src=x onerror=alert(1)>&amp; | ` +
			"breaks RFC 6455, section 5.1: an unmasked frame from a client | 1002 tchau | 1002  |  |  | ",
	} {
		if got := eval[string](w, expression); got != want {
			t.Errorf("%s is\n%q, want\n%q", expression, got, want)
		}
	}
	if n := eval[int](w, `document.querySelectorAll('img').length`); n != 0 {
		t.Error("a payload has become a part of the page")
	}
	shoot(w, "list-en")

	// One of them in full, by mouse and by keyboard.
	w.click(`#row-4`)
	w.until("the frame is in the detail", `document.querySelector('#detail h2').textContent === 'text frame from the client, connection 1'`)
	w.until("its bits are drawn", `document.querySelector('#detail .bits').textContent.includes("7f^37=48 'H'")`)
	shoot(w, "frame-en")
	w.do(chromedp.Focus(chromedp.CSS("#list")), chromedp.KeyEvent(kb.ArrowUp))
	w.until("the handshake is explained", `document.querySelector('#detail .verdict').textContent.startsWith('A correct handshake') && document.querySelectorAll('#detail dt').length > 10`)
	shoot(w, "handshake-en")
	w.do(chromedp.KeyEvent(kb.ArrowDown + kb.ArrowDown + kb.ArrowDown))
	w.until("the JSON behind a number is shown as such", `document.querySelector('#detail h2').textContent.startsWith('text frame from the server')`)
	w.do(chromedp.KeyEvent(kb.End))
	w.until("the last one is chosen", `document.querySelector('#list').getAttribute('aria-activedescendant') === 'row-16'`)
	w.click(`#detail .close`)
	w.until("the detail is closed", `document.querySelector('#detail').hidden`)
	w.do(chromedp.EmulateViewport(390, 844))
	shoot(w, "phone-en")
}

func testPhone(t *testing.T, browser context.Context) {
	p, address := serve(t)
	talk(p, 1, conversation...) // before the page is there
	w := open(t, browser, "http://"+address+"/?lang=pt-BR")
	w.until("all is shown", status("17 de 17"))
	w.click(`#row-3`)
	w.until("the handshake is explained", `document.querySelector('#detail .verdict').textContent.startsWith('Um handshake correto')`)
	shoot(w, "wide-pt")
	w.click(`#detail .close`)
	w.do(chromedp.EmulateViewport(390, 844))
	w.until("the page is as wide as a phone", `innerWidth === 390`)
	shoot(w, "list-pt")
	w.click(`#row-11`)
	w.until("the rule is named", `document.querySelector('#detail .broken').textContent.startsWith('viola a RFC 6455, seção 5.1')`)
	if width := eval[int](w, `document.documentElement.scrollWidth`); width > 390 {
		t.Errorf("the page is %d pixels wide on a phone of 390", width)
	}
	shoot(w, "frame-pt")
}

func testFilters(t *testing.T, browser context.Context) {
	p, address := serve(t)
	talk(p, 1, conversation...)
	talk(p, 2, conversation...)
	w := open(t, browser, "http://"+address+"/?lang=en")
	w.until("all is shown", status("34 of 34"))
	choose := func(id, value string) {
		t.Helper()
		eval[bool](w, fmt.Sprintf(`(() => { const e = document.querySelector('#%s'); e.value = %q; e.dispatchEvent(new Event('input', { bubbles: true })); return true; })()`, id, value))
	}
	choose("conn", "2")
	w.until("one connection", status("17 of 34"))
	choose("from", "server")
	w.until("one direction, and what has none", status("10 of 34"))
	choose("from", "")
	choose("search", "HELLO")
	w.until("what was looked for, inflated as well", status("2 of 34"))
	choose("search", "nowhere")
	w.until("nothing fits", `document.querySelector('#empty').textContent.startsWith('Nothing of what was seen')`)
	choose("search", "")
	w.click(`#kinds input[value="broken"]`)
	w.until("only what is broken", status("1 of 34"))
	w.click(`#kinds input[value="text"]`)
	w.until("and no text", status("0 of 34"))
	w.click(`#kinds input[value="broken"]`)
	w.until("all but text", status("12 of 34"))

	w.click("#pause")
	talk(p, 3, conversation...)
	w.until("they wait", `document.querySelector('#status').textContent === '12 of 34 · paused, 17 waiting'`)
	w.click("#pause")
	w.until("they are there", status("12 of 51"))
	w.click("#clear")
	w.until("nothing is left", status("0 of 0"))
}

// With 100,000 frames the list stays a list of a few dozen rows, and scrolling
// and filtering take no time that a person notices.
func testMany(t *testing.T, browser context.Context) {
	p, address := serve(t)
	w := open(t, browser, "http://"+address+"/?lang=en")
	w.until("the page is connected", `document.querySelector('#target').textContent`)
	if _, err := chromedp.Call(w.ctx, network.Disable, cdp.Empty{}); err != nil { // or the test is told all of it as well
		t.Fatal(err)
	}
	const most, batch = 100_000, 20_000

	for i := range (most + batch) / batch { // no faster than the page reads
		for j := range batch {
			p.feed.add(fmt.Appendf(nil, `{"kind":"frame","at_ms":0,"conn":1,"from":"server","opcode":"text","fin":true,"header":"810c","length":12,"text":"frame %06d"}`, i*batch+j))
		}
		if i < most/batch {
			all := fmt.Sprint((i + 1) * batch)
			w.until(all, fmt.Sprintf(`document.querySelector('#status').textContent.replaceAll(',', '').endsWith('of %s')`, all))
		}
	}
	w.until("the latest is in sight", fmt.Sprintf(`%s.at(-1).querySelector('.payload').textContent === 'frame 119999'`, rows))
	if n := eval[int](w, `parseInt(document.querySelector('#status').textContent.replaceAll(',', ''))`); n < most*9/10 || n > most {
		t.Errorf("%d are kept", n)
	}
	if n := eval[int](w, `document.querySelectorAll('#list .row').length`); n > 80 {
		t.Errorf("%d rows are in the document", n)
	}
	for what, script := range map[string]string{
		"to filter": `(() => { const e = document.querySelector('#search'); e.value = '4999'; const t = performance.now(); e.dispatchEvent(new Event('input', { bubbles: true })); return performance.now() - t; })()`,
		"to scroll": `new Promise((done) => { const l = document.querySelector('#list'); const t = performance.now(); l.scrollTop = l.scrollHeight / 3; requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - t))); })`,
	} {
		took, err := chromedp.Run(w.ctx, chromedp.Evaluate[float64](script, chromedp.EvalAwaitPromise))
		if err != nil || took > 1000 {
			t.Errorf("%s takes %.0f ms (%v)", what, took, err)
		}
		t.Logf("%s takes %.0f ms", what, took)
	}
}

func testComesBack(t *testing.T, browser context.Context) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := New("ws://server.example/")
	stop := p.Serve(l)
	talk(p, 1, conversation...)
	w := open(t, browser, "http://"+l.Addr().String()+"/?lang=en")
	w.until("all is shown", status("17 of 17"))
	stop()
	w.until("the page says that the tap has gone", status("The tap has gone away."))
	if l, err = net.Listen("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	p = New("ws://server.example/")
	t.Cleanup(p.Serve(l))
	talk(p, 1)
	w.until("only what the new one has seen is shown", status("4 of 4"))
}

// shoot takes pictures of the page, light and dark, if somebody asks for them
// with SHOTS=folder.
func shoot(w *window, name string) {
	w.t.Helper()
	folder := os.Getenv("SHOTS")
	if folder == "" {
		return
	}
	for _, scheme := range []string{"light", "dark"} {
		_, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		if err != nil {
			w.t.Fatal(err)
		}
		picture, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			w.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name+"-"+scheme+".png"), picture, 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
}

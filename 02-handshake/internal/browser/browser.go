// Package browser starts a real browser for tests, and watches over what
// goes wrong in its tabs.
package browser

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// path finds a browser. Without one the test skips, unless this is CI, where
// everything has to be there.
func path(t *testing.T) string {
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

// Start starts a browser that speaks to nobody but this machine, and stops
// it when the test ends.
func Start(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path(t)),
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

// A Tab is a tab of the browser, and what went wrong in it.
type Tab struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string // of the console
	handshakes []string // that failed, as the console tells
	strangers  []string // addresses outside this machine
}

// Open opens a tab on an address. When the test ends nothing may have gone
// wrong in it; a handshake may have failed.
func Open(t *testing.T, browser context.Context, address string, before ...chromedp.Action[chromedp.Void]) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	tab := &Tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, tab.listen); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, append(before, chromedp.Navigate(address))...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		tab.mu.Lock()
		defer tab.mu.Unlock()
		if len(tab.complaints) > 0 {
			t.Errorf("the console says:\n%s", strings.Join(tab.complaints, "\n"))
		}
		if len(tab.strangers) > 0 {
			t.Errorf("the page asked outside this machine: %v", tab.strangers)
		}
	})
	return tab
}

// listen notes what the browser tells; it may not do anything else.
func (tab *Tab) listen(event any) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	local := func(address string) {
		u, err := url.Parse(address)
		if err != nil || u.Hostname() != "127.0.0.1" && u.Scheme != "data" {
			tab.strangers = append(tab.strangers, address)
		}
	}
	complain := func(text string) {
		if strings.Contains(text, "WebSocket connection to") {
			tab.handshakes = append(tab.handshakes, text)
			return
		}
		tab.complaints = append(tab.complaints, text)
	}
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		local(e.Request.URL)
	case *network.EventWebSocketCreated:
		local(e.URL)
	case *runtime.EventExceptionThrown:
		tab.complaints = append(tab.complaints, fmt.Sprintf("%+v", e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			for _, arg := range e.Args {
				complain(string(arg.Value))
			}
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			complain(e.Entry.Text + " " + e.Entry.URL)
		}
	}
}

// FailedHandshakes are what the console says about them. A page never sees
// as much.
func (tab *Tab) FailedHandshakes() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return append([]string(nil), tab.handshakes...)
}

// Do performs actions.
func (tab *Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	if err := chromedp.Do(tab.ctx, actions...); err != nil {
		tab.t.Fatal(err)
	}
}

// Eval evaluates an expression.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	value, err := chromedp.Run(tab.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		tab.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// Until waits for an expression to be true.
func (tab *Tab) Until(what, expression string) {
	tab.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !Eval[bool](tab, expression); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			tab.t.Fatalf("never: %s", what)
		}
	}
}

// Phone makes the window a phone, and nothing may be wider than it.
func (tab *Tab) Phone() {
	tab.t.Helper()
	tab.Do(chromedp.EmulateViewport(390, 844))
	tab.Until("the page is as wide as a phone", `innerWidth === 390`)
	if width := Eval[int](tab, `document.documentElement.scrollWidth`); width > 390 {
		tab.t.Errorf("the page is %d pixels wide on a phone of 390", width)
	}
}

// Emulate sets what the page believes about its reader.
func (tab *Tab) Emulate(params emulation.SetEmulatedMediaParams) {
	tab.t.Helper()
	if _, err := chromedp.Call(tab.ctx, emulation.SetEmulatedMedia, params); err != nil {
		tab.t.Fatal(err)
	}
}

// Screenshot writes the whole page as a picture.
func (tab *Tab) Screenshot(file string) {
	tab.t.Helper()
	const lossless = 100
	picture, err := chromedp.Run(tab.ctx, chromedp.FullScreenshot(lossless))
	if err == nil {
		err = os.WriteFile(file, picture, 0o644)
	}
	if err != nil {
		tab.t.Fatal(err)
	}
}

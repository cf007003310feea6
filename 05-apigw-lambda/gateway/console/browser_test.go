package console

import (
	"context"
	"fmt"
	"net/url"
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

// A window is a tab, and what went wrong in it.
type window struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string
	network    []string // connections that failed
}

// open opens a tab on an address. When the test ends the console must have
// been silent; connections may have failed only where the test expects it.
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
	w.do(chromedp.Navigate(address))
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
		if u, err := url.Parse(e.Request.URL); err != nil || u.Hostname() != "127.0.0.1" {
			complain("it asks for %s", e.Request.URL)
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
			w.network = append(w.network, text)
		default:
			complain("%s", text)
		}
	}
}

// quietNetwork reports connections that failed up to now.
func (w *window) quietNetwork() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.network) > 0 {
		w.t.Errorf("connections failed:\n%s", strings.Join(w.network, "\n"))
	}
}

func (w *window) do(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second) // some wait for what never comes
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *window) click(selector string) {
	w.t.Helper()
	w.do(chromedp.Click(chromedp.CSS(selector)))
}

// media sets a wish of the system, such as prefers-color-scheme.
func (w *window) media(feature, value string) {
	w.t.Helper()
	wish := []*emulation.MediaFeature{{Name: feature, Value: value}}
	if _, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: wish}); err != nil {
		w.t.Fatal(err)
	}
}

func eval[T any](w *window, expression string) T {
	w.t.Helper()
	value, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		w.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// until waits for an expression to be true, and shows the page's state if it
// never is.
func (w *window) until(what, expression string) {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		is, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if is {
			return
		}
		if w.ctx.Err() != nil {
			w.t.Fatal(err) // any other error is that of a document that has not come yet
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("never: %s\n%s", what, eval[string](w, `document.body.innerText.replace(/\s+/g, " ")`))
		}
	}
}

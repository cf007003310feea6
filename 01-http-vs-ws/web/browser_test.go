package web

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A window is a tab of the browser, and what went wrong in it.
type window struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string // errors in the console; the network's own apart
	network    []string // connections that failed, as the console tells
	strangers  []string // addresses outside this machine
}

// open opens a tab on an address. When the test ends nothing may have gone
// wrong in it; connections may have failed only where the test says so.
func open(t *testing.T, browser context.Context, address string, before ...chromedp.Action[chromedp.Void]) *window {
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
	if err := chromedp.Do(ctx, append(before, chromedp.Navigate(address))...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(w.complaints) > 0 {
			t.Errorf("the console says:\n%s", strings.Join(w.complaints, "\n"))
		}
		if len(w.strangers) > 0 {
			t.Errorf("the page asked outside this machine: %v", w.strangers)
		}
	})
	return w
}

// listen notes what the browser tells; it may not do anything else.
func (w *window) listen(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	local := func(address string) {
		u, err := url.Parse(address)
		if err != nil || u.Hostname() != "127.0.0.1" && u.Scheme != "data" {
			w.strangers = append(w.strangers, address)
		}
	}
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		local(e.Request.URL)
	case *network.EventWebSocketCreated:
		local(e.URL)
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		w.complaints = append(w.complaints, text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			w.complaints = append(w.complaints, fmt.Sprintf("%s: %s", e.Type, e.Args[0].Value))
		}
	case *log.EventEntryAdded:
		text := fmt.Sprintf("%s %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
		switch {
		case e.Entry.Level != log.EntryLevelError && e.Entry.Level != log.EntryLevelWarning:
		case e.Entry.Source == log.EntrySourceNetwork || strings.Contains(text, "WebSocket connection"):
			w.network = append(w.network, text)
		default:
			w.complaints = append(w.complaints, text)
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
	if err := chromedp.Do(w.ctx, actions...); err != nil {
		w.t.Fatal(err)
	}
}

// press presses a button or a link by keyboard. A mouse would have to aim, at
// something that a busy machine may move meanwhile.
func (w *window) press(selector string) {
	w.t.Helper()
	w.do(chromedp.Focus(chromedp.CSS(selector)))
	w.until(selector+" has the focus", `document.activeElement.matches('`+selector+`')`)
	w.do(chromedp.KeyEvent(kb.Enter))
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
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		is, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if is {
			return
		}
		if w.ctx.Err() != nil {
			w.t.Fatal(err) // any other error is that of a document that has not come yet
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("never: %s\n%s", what, eval[string](w, `document.title + "\n" +
				[...document.querySelectorAll('.banner:not([hidden]), #status, .lane, #sent')].map(e => e.innerText.replace(/\s+/g, ' ')).join("\n")`))
		}
	}
}

// lane is an expression for a figure of a lane: n or p50.
func lane(name, figure string) string {
	return fmt.Sprintf(`Number(document.querySelector('.lane[data-lane="%s"]').dataset.%s)`, name, figure)
}

// counted is an expression for: every lane has counted at least n events.
func counted(n int) string {
	return fmt.Sprintf(`document.querySelectorAll('.lane').length === 4 &&
		[...document.querySelectorAll('.lane')].every(lane => lane.dataset.n >= %d)`, n)
}

func text(selector string) string {
	return fmt.Sprintf(`document.querySelector('%s').innerText`, selector)
}

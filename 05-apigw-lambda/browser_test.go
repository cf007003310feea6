package main

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// A tab of the browser.
type tab struct {
	t     *testing.T
	ctx   context.Context
	close context.CancelFunc
}

func open(t *testing.T, browser context.Context, address string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	// Not with a time limit of its own: the tab lives as long as the context
	// that is first used with it.
	if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
		t.Fatal(err)
	}
	return &tab{t, ctx, cancel}
}

func (w *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second) // some wait for what never comes
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		w.t.Fatal(err)
	}
}

// until waits for an expression to be true, and shows the page's state if it
// never is.
func (w *tab) until(what, expression string) {
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
			text, _ := chromedp.Run(w.ctx, chromedp.Evaluate[string](`document.body.innerText.replace(/\s+/g, " ")`))
			w.t.Fatalf("never: %s\n%s", what, text)
		}
	}
}

// Package browsertest starts a browser for tests.
package browsertest

import (
	"context"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"websocket.example/slides/internal/browser"
)

// Start starts one that speaks to nobody but this machine, and ends it with
// the test.
func Start(t testing.TB) context.Context {
	t.Helper()
	path := browser.Chromium()
	if path == "" {
		Missing(t, "no Chromium or Chrome found: install it (Debian: apt-get install chromium)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.DisableGPU,
		chromedp.WindowSize(1280, 720),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))
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

// Missing skips a test that lacks something. In CI everything has to be there.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

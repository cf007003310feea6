package bench

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// The page draws a plot for each workload, in both languages, at the width of
// a phone, and nothing goes wrong in it.
func TestPage(t *testing.T) {
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			browser = found
			break
		}
	}
	if browser == "" {
		const missing = "no Chromium or Chrome found: install it (Debian: apt-get install chromium)"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	file := filepath.Join(t.TempDir(), "report.html")
	var html strings.Builder
	if err := fixed().html(&html, "pt-BR"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(html.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.DisableGPU)
	if os.Geteuid() == 0 || os.Getenv("CI") == "true" {
		options = append(options, chromedp.NoSandbox) // which does not start for root, nor in most containers
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	err := chromedp.Listen(ctx, func(event any) {
		if e, is := event.(*runtime.EventExceptionThrown); is {
			t.Errorf("in the page: %v", e.ExceptionDetails)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(390, 800), chromedp.Navigate("file://"+file)); err != nil {
		t.Fatal(err)
	}
	const look = `document.querySelector("h1").textContent + " / " + document.querySelectorAll("section")[1].textContent`
	plots := evaluate[int](t, ctx, `document.querySelectorAll("svg[role=img]").length`)
	portuguese := evaluate[string](t, ctx, look)
	english := evaluate[string](t, ctx, `document.querySelector("[data-lang=en]").click(); `+look)
	width := evaluate[int](t, ctx, `document.documentElement.scrollWidth`)
	if plots != 4 || width > 390 {
		t.Errorf("%d plots, and the page is %d wide", plots, width)
	}
	for _, test := range []struct{ text, want string }{
		{portuguese, "Quanto uma mensagem custa ao servidor / pipelined"}, {portuguese, "12,0 (11,5 – 12,5)"},
		{english, "What a message costs a server / pipelined"}, {english, "12.0 (11.5 – 12.5)"}, {english, "The axis is logarithmic."},
	} {
		if !strings.Contains(test.text, test.want) {
			t.Errorf("%q is not in %q", test.want, test.text)
		}
	}
}

func evaluate[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

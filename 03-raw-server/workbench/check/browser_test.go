package check

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// The page in a browser: a square for each case, its frames at a click, both
// languages, and nothing beyond the edge of a telephone.
func TestPage(t *testing.T) {
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if found, err := exec.LookPath(name); err == nil && browser == "" {
			browser = found
		}
	}
	if browser == "" {
		const missing = "no Chromium or Chrome found: install it (Debian: apt-get install chromium)"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	m := &mutants[slices.IndexFunc(mutants, func(m mutant) bool { return m.name == "RSV3 unread" })]
	r, err := Run(t.Context(), m.start(t), Options{Full: true, Limit: patient, Only: []string{"1.8", "2.1"}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "report.html")
	out, err := os.Create(file)
	if err == nil {
		err = View{Language: English}.HTML(out, r)
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
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
	if err := chromedp.Listen(ctx, func(event any) {
		if e, is := event.(*runtime.EventExceptionThrown); is {
			t.Errorf("the page says: %s", e.ExceptionDetails.Text)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(390, 844), chromedp.Navigate((&url.URL{Scheme: "file", Path: file}).String())); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ expression, want string }{
		{`String(document.querySelectorAll(".case").length)`, "44"},
		{`document.querySelector("#filters").innerText.replace(/\s+/g, " ")`, "44 all 38 ok 5 failed 1 not strict"},
		{`document.querySelectorAll("#filters button")[2].click(); String(document.querySelectorAll(".case:not([hidden])").length)`, "5"},
		{`document.querySelectorAll(".case:not([hidden])")[0].click(); document.querySelector("#detail h2").innerText`, "1.8.3 RSV3: a text"},
		{`document.querySelector("#detail .why").innerText`, "It was taken as if it were right, and answered."},
		{`document.querySelector("#detail .compare").innerText.replace(/\s+/g, " ").trim()`, "came 81 05 48 65 6c 6c 6f wanted 88 02 03 ea"},
		{`document.querySelector("[data-lang=pt-BR]").click(); document.querySelector("#detail .why").innerText`, "Foi aceito como se estivesse certo, e respondido."},
		{`String(document.documentElement.scrollWidth <= 390 && document.querySelector("#detail").scrollWidth <= 390)`, "true"},
		{`location.hash`, "#1.8.3"},
		{`document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" })); String(document.querySelector("#detail").hidden)`, "true"},
	} {
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string](row.expression))
		if err != nil || got != row.want {
			t.Errorf("%s: %q, %v, want %q", row.expression, got, err, row.want)
		}
	}
	if dir := os.Getenv("PICTURES"); dir != "" { // to be looked at
		_, _ = chromedp.Run(ctx, chromedp.Evaluate[string](`location.hash = "1.8.3"; ""`))
		picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "report.png"), picture, 0o644)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

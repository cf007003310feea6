package export

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// A printer is a browser that makes PDF of the pages of a folder, and speaks to nobody.
type printer struct {
	dir     string
	browser context.Context
	close   func()
}

func startPrinter(ctx context.Context, chromium, dir string) *printer {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium),
		chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"),
	)
	if os.Geteuid() == 0 || os.Getenv("CI") == "true" {
		options = append(options, chromedp.NoSandbox) // which does not start for root, nor in most containers
	}
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	browser, cancel := chromedp.NewContext(ctx)
	return &printer{dir, browser, func() { cancel(); stop() }}
}

// patience with a browser that reads one page and prints it.
const patience = time.Minute

// seen waits for the pictures. Those that come when somebody looks would not come at all.
const seen = `Promise.all([...document.images].map(image => {
	image.loading = "eager"
	return image.decode().catch(() => {}) // what stays hidden is not printed either
})).then(() => true)`

func (p *printer) print(name string) ([]byte, error) {
	address, err := fileURL(filepath.Join(p.dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	if err := chromedp.Do(p.browser); err != nil { // the first time, it starts
		return nil, fmt.Errorf("the browser does not start: %w", err)
	}
	ctx, cancel := chromedp.NewContext(p.browser) // a tab
	defer cancel()
	late := time.AfterFunc(patience, cancel)
	defer late.Stop()
	if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
		return nil, fmt.Errorf("the browser does not open it: %w", err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](seen, chromedp.EvalAwaitPromise)); err != nil {
		return nil, err
	}
	pdf, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{
		PrintBackground:         new(true),
		PreferCSSPageSize:       new(true),
		GenerateTaggedPDF:       new(true), // for a screen reader
		GenerateDocumentOutline: new(true),
	})
	return pdf.Data, err
}

// fileURL is the address of a file, also of C:\one on Windows.
func fileURL(name string) (string, error) {
	full, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	path := filepath.ToSlash(full)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String(), nil
}
